// The reference for readiness: one thread, epoll, as few system calls as this model allows.
//
// Per request that is one recv and one send, and one epoll_wait shared by all that became ready. Edge-triggered with
// both directions registered once, because then nothing is ever re-registered and the kernel doesn't look again at a
// socket that was just drained. The price is the duty to drain: receive until a short read (epoll(7) allows this for
// streams instead of waiting for EAGAIN), and until end of file when the event says that the peer has closed.

#define _GNU_SOURCE
#include "answer.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EVENTS_MAX = 1024,
    RECEIVE_BYTES = 16 * 1024,
    CONNECTIONS_MAX = 65536, // indexed by descriptor
};

struct connection {
    struct debt debt;
    bool ended; // the peer sends no more; it may still be owed answers
};

static int epoll, listener;
static struct connection connections[CONNECTIONS_MAX];
static char received[RECEIVE_BYTES];

static void accept_all(void)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            return; // EAGAIN: all accepted. EMFILE: the listener is level-triggered, so a later turn tries again.
        }
        if (fd >= CONNECTIONS_MAX) {
            close(fd);
            continue;
        }
        connections[fd] = (struct connection){0};
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
            die("epoll_ctl");
    }
}

// False when the peer sends no more (end of file or an error).
static bool receive_all(int fd, bool peer_closed)
{
    for (;;) {
        ssize_t count = recv(fd, received, sizeof received, 0);
        if (count > 0) {
            debt_received(&connections[fd].debt, received, (uint32_t)count);
            if (count < RECEIVE_BYTES && !peer_closed)
                return true;
        } else if (count < 0 && errno == EAGAIN) {
            return true;
        } else if (count == 0 || errno != EINTR) {
            return false;
        }
    }
}

// False when the connection is broken. What the socket has no room for stays owed until EPOLLOUT says there is room.
static bool send_owed(int fd)
{
    struct debt *debt = &connections[fd].debt;
    while (debt->bytes > 0) {
        ssize_t count = send(fd, answers + debt->phase, debt_next_send_bytes(debt), MSG_NOSIGNAL);
        if (count >= 0)
            debt_sent(debt, (uint32_t)count);
        else if (errno == EAGAIN)
            return true;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static void serve(int fd, uint32_t events)
{
    struct connection *connection = &connections[fd];
    if (!connection->ended && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
        connection->ended = !receive_all(fd, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    if (!send_owed(fd) || (connection->ended && connection->debt.bytes == 0))
        close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PORT\n", argv[0]);
        return 2;
    }
    answers_init();
    listener = listen_on(argv[1], SOCK_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0)
        die("epoll_ctl");
    printf("c-epoll: listening on http://127.0.0.1:%s/\n", argv[1]);
    fflush(stdout);

    static struct epoll_event events[EVENTS_MAX];
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener)
                accept_all();
            else
                serve(events[i].data.fd, events[i].events);
        }
    }
}
