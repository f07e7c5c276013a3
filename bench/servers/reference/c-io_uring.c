// The reference for completion: one thread, io_uring by raw system calls, one io_uring_enter per turn and nothing else.
//
// A turn: read all completions, count requests in the received buffers, give the buffers back, queue one send for each
// connection that is owed something, then enter once, which submits the sends and waits for one completion.
//
// What makes that one enter really wait: a send normally succeeds at once, inside the submission. If it posted its
// completion, "wait for one" would always be satisfied by our own sends and a quiet server would enter twice per turn.
// So the first send is MSG_DONTWAIT (it ends inside the submission, one way or the other), MSG_WAITALL (a partial send
// counts as a failure) and IOSQE_CQE_SKIP_SUCCESS (only failures post): silence means that all of it was sent. After a
// failure the rest goes out with an ordinary send that waits for room and posts its completion.

#define _GNU_SOURCE
#include "answer.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SUBMISSIONS = 1024,
    COMPLETIONS = 16384, // room for one event of each of many connections; the kernel keeps any overflow for us
    BUFFERS = 256,       // transit only: each is given back in the turn it was filled, so few are needed and stay in cache
    BUFFER_BYTES = 4096,
    BUFFER_GROUP = 0,
    CONNECTIONS_MAX = 16384,
};

enum operation { OP_ACCEPT, OP_RECEIVE, OP_SEND_NOW, OP_SEND_WAITING, OP_CLOSE };

struct connection {
    struct debt debt;
    bool touched;   // is in the list of this turn
    bool receiving; // a multishot receive is armed
    bool sending;   // a send that waits for room is in flight: the next one must not overtake it
    bool broken;
};

static struct {
    int fd; // index of the registered ring
    unsigned *sq_head, *sq_tail, sq_mask, sq_local_tail, sq_submitted_tail;
    unsigned *cq_head, *cq_tail, cq_mask;
    struct io_uring_sqe *sqes;
    struct io_uring_cqe *cqes;
} ring;

static struct io_uring_buf_ring *buffer_ring;
static char *buffers;
static uint16_t buffer_tail;

static int listener;
static bool accepting;
static struct connection connections[CONNECTIONS_MAX];
static int touched[CONNECTIONS_MAX], touched_count;

static uint64_t pack(enum operation operation, uint32_t bytes, int slot)
{
    return (uint64_t)operation << 56 | (uint64_t)bytes << 32 | (uint32_t)slot;
}

static void *map(size_t bytes, int fd, off_t offset)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, offset);
    if (memory == MAP_FAILED)
        die("mmap");
    return memory;
}

static void ring_register(unsigned opcode, void *argument, unsigned count)
{
    if (syscall(SYS_io_uring_register, ring.fd, opcode, argument, count) < 0)
        die("io_uring_register");
}

static void ring_init(void)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE,
        .cq_entries = COMPLETIONS,
    };
    ring.fd = (int)syscall(SYS_io_uring_setup, SUBMISSIONS, &params);
    if (ring.fd < 0)
        die("io_uring_setup (needs Linux 6.1, kernel.io_uring_disabled = 0 and no seccomp filter against it)");

    size_t sq_bytes = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    size_t cq_bytes = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    char *rings = map(sq_bytes > cq_bytes ? sq_bytes : cq_bytes, ring.fd, IORING_OFF_SQ_RING);
    ring.sq_head = (unsigned *)(rings + params.sq_off.head);
    ring.sq_tail = (unsigned *)(rings + params.sq_off.tail);
    ring.sq_mask = params.sq_entries - 1;
    ring.cq_head = (unsigned *)(rings + params.cq_off.head);
    ring.cq_tail = (unsigned *)(rings + params.cq_off.tail);
    ring.cq_mask = params.cq_entries - 1;
    ring.cqes = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
    ring.sqes = map(params.sq_entries * sizeof(struct io_uring_sqe), ring.fd, IORING_OFF_SQES);
    unsigned *array = (unsigned *)(rings + params.sq_off.array);
    for (unsigned i = 0; i < params.sq_entries; i++)
        array[i] = i;
    // Connections live in the ring's own table, not the process's: no descriptor is looked up or counted per operation.
    struct io_uring_rsrc_register files = {.nr = CONNECTIONS_MAX, .flags = IORING_RSRC_REGISTER_SPARSE};
    ring_register(IORING_REGISTER_FILES2, &files, sizeof files);
    buffer_ring = map(BUFFERS * sizeof(struct io_uring_buf), -1, 0);
    buffers = map((size_t)BUFFERS * BUFFER_BYTES, -1, 0);
    struct io_uring_buf_reg group = {
        .ring_addr = (uintptr_t)buffer_ring, .ring_entries = BUFFERS, .bgid = BUFFER_GROUP};
    ring_register(IORING_REGISTER_PBUF_RING, &group, 1);

    struct io_uring_rsrc_update self = {.offset = -1U, .data = (uint64_t)ring.fd};
    ring_register(IORING_REGISTER_RING_FDS, &self, 1);
    ring.fd = (int)self.offset;
}

static void ring_enter(unsigned completions_min)
{
    __atomic_store_n(ring.sq_tail, ring.sq_local_tail, __ATOMIC_RELEASE);
    unsigned count = ring.sq_local_tail - ring.sq_submitted_tail;
    unsigned flags = IORING_ENTER_REGISTERED_RING | IORING_ENTER_GETEVENTS;
    long submitted = syscall(SYS_io_uring_enter, ring.fd, count, completions_min, flags, NULL, 0);
    if (submitted >= 0)
        ring.sq_submitted_tail += (unsigned)submitted;
    else if (errno != EINTR && errno != EAGAIN && errno != EBUSY)
        die("io_uring_enter");
}

static struct io_uring_sqe *ring_next(uint8_t opcode, int slot, uint64_t user_data)
{
    while (ring.sq_local_tail - __atomic_load_n(ring.sq_head, __ATOMIC_ACQUIRE) > ring.sq_mask)
        ring_enter(0); // full in the middle of a turn: submit without waiting
    struct io_uring_sqe *sqe = &ring.sqes[ring.sq_local_tail++ & ring.sq_mask];
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = opcode;
    sqe->fd = slot;
    sqe->user_data = user_data;
    return sqe;
}

static void buffer_give(uint16_t id)
{
    struct io_uring_buf *buffer = &buffer_ring->bufs[buffer_tail++ & (BUFFERS - 1)];
    buffer->addr = (uintptr_t)(buffers + (size_t)id * BUFFER_BYTES);
    buffer->len = BUFFER_BYTES;
    buffer->bid = id;
}

static void accept_start(void)
{
    struct io_uring_sqe *sqe = ring_next(IORING_OP_ACCEPT, listener, pack(OP_ACCEPT, 0, 0));
    sqe->ioprio = IORING_ACCEPT_MULTISHOT;
    sqe->file_index = IORING_FILE_INDEX_ALLOC;
    accepting = true;
}

static void receive_start(int slot)
{
    struct io_uring_sqe *sqe = ring_next(IORING_OP_RECV, slot, pack(OP_RECEIVE, 0, slot));
    sqe->flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe->ioprio = IORING_RECV_MULTISHOT;
    sqe->buf_group = BUFFER_GROUP;
    connections[slot].receiving = true;
}

static struct io_uring_sqe *send_queue(enum operation operation, int slot)
{
    const struct debt *debt = &connections[slot].debt;
    uint32_t bytes = debt_next_send_bytes(debt);
    struct io_uring_sqe *sqe = ring_next(IORING_OP_SEND, slot, pack(operation, bytes, slot));
    sqe->addr = (uintptr_t)(answers + debt->phase);
    sqe->len = bytes;
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->msg_flags = MSG_NOSIGNAL;
    return sqe;
}

static void send_waiting(int slot)
{
    send_queue(OP_SEND_WAITING, slot);
    connections[slot].sending = true;
}

static void send_now(int slot)
{
    struct io_uring_sqe *sqe = send_queue(OP_SEND_NOW, slot);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe->msg_flags |= MSG_DONTWAIT | MSG_WAITALL;
    debt_sent(&connections[slot].debt, sqe->len); // taken back if a completion says otherwise
}

static void touch(int slot)
{
    if (!connections[slot].touched) {
        connections[slot].touched = true;
        touched[touched_count++] = slot;
    }
}

static void on_accept(const struct io_uring_cqe *cqe)
{
    if (!(cqe->flags & IORING_CQE_F_MORE))
        accepting = false;
    if (cqe->res < 0) {
        // Out of descriptors or slots: OP_CLOSE starts again, so there is no spinning. Anything else is transient.
        if (!accepting && cqe->res != -ENFILE && cqe->res != -EMFILE)
            accept_start();
        return;
    }
    if (!accepting)
        accept_start();
    connections[cqe->res] = (struct connection){0};
    receive_start(cqe->res);
}

static void on_receive(const struct io_uring_cqe *cqe, int slot)
{
    struct connection *connection = &connections[slot];
    bool ended = !(cqe->flags & IORING_CQE_F_MORE);
    if (cqe->flags & IORING_CQE_F_BUFFER) {
        uint16_t id = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
        if (cqe->res > 0)
            debt_received(&connection->debt, buffers + (size_t)id * BUFFER_BYTES, (uint32_t)cqe->res);
        buffer_give(id);
    }
    if (ended) {
        connection->receiving = false;
        if (cqe->res > 0 || cqe->res == -ENOBUFS)
            receive_start(slot);
        else if (cqe->res < 0)
            connection->broken = true;
    }
    touch(slot);
}

static void on_send_now_failed(const struct io_uring_cqe *cqe, uint32_t bytes, int slot)
{
    struct connection *connection = &connections[slot];
    uint32_t sent = cqe->res > 0 ? (uint32_t)cqe->res : 0;
    uint32_t unsent = bytes - sent;
    connection->debt.bytes += unsent;
    connection->debt.phase = (uint16_t)((connection->debt.phase + ANSWERS_BYTES - unsent) % ANSWER_BYTES);
    if (cqe->res < 0 && cqe->res != -EAGAIN && cqe->res != -EINTR) {
        connection->broken = true;
        touch(slot);
    } else {
        send_waiting(slot); // the socket is full
    }
}

static void on_send_waiting(const struct io_uring_cqe *cqe, int slot)
{
    struct connection *connection = &connections[slot];
    connection->sending = false;
    if (cqe->res >= 0)
        debt_sent(&connection->debt, (uint32_t)cqe->res);
    else if (cqe->res != -EAGAIN && cqe->res != -EINTR)
        connection->broken = true;
    touch(slot);
}

static void complete(const struct io_uring_cqe *cqe)
{
    int slot = (int)(uint32_t)cqe->user_data;
    switch ((enum operation)(cqe->user_data >> 56)) {
    case OP_ACCEPT:
        on_accept(cqe);
        break;
    case OP_RECEIVE:
        on_receive(cqe, slot);
        break;
    case OP_SEND_NOW:
        on_send_now_failed(cqe, (uint32_t)(cqe->user_data >> 32) & 0xFFFFFF, slot);
        break;
    case OP_SEND_WAITING:
        on_send_waiting(cqe, slot);
        break;
    case OP_CLOSE:
        if (!accepting)
            accept_start();
        break;
    }
}

static void settle(int slot)
{
    struct connection *connection = &connections[slot];
    connection->touched = false;
    if (connection->debt.bytes > 0 && !connection->sending && !connection->broken) {
        // Once the peer has closed, the descriptor goes with the last send, so the end of that send must be seen.
        bool one_send = debt_next_send_bytes(&connection->debt) == connection->debt.bytes;
        if (one_send && connection->receiving)
            send_now(slot);
        else
            send_waiting(slot);
    }
    if (connection->receiving || connection->sending)
        return;
    ring_next(IORING_OP_CLOSE, 0, pack(OP_CLOSE, 0, slot))->file_index = (uint32_t)slot + 1;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    answers_init();
    listener = listen_on(argv[1], 0);
    ring_init();
    for (int i = 0; i < BUFFERS; i++)
        buffer_give((uint16_t)i);
    __atomic_store_n(&buffer_ring->tail, buffer_tail, __ATOMIC_RELEASE);
    accept_start();
    printf("c-io_uring: listening on http://127.0.0.1:%s/\n", argv[1]);
    fflush(stdout);

    for (;;) {
        ring_enter(1);
        unsigned head = *ring.cq_head;
        unsigned tail = __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE);
        for (; head != tail; head++)
            complete(&ring.cqes[head & ring.cq_mask]);
        __atomic_store_n(ring.cq_head, head, __ATOMIC_RELEASE);
        __atomic_store_n(&buffer_ring->tail, buffer_tail, __ATOMIC_RELEASE);
        for (int i = 0; i < touched_count; i++)
            settle(touched[i]);
        touched_count = 0;
    }
}
