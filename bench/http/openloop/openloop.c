// Requests at a fixed rate, whatever the server does: a request's time counts from when it was due, not from when it could be sent,
// so that a server that stalls pays for everything it held up (no coordinated omission). What this program held up itself is not laid
// to the server's account: it never sleeps, so when a turn of its loop takes longer than PAUSE_NS another process had its core, and the
// requests that were due or under way in that time are counted apart.
//
//     openloop ADDRESS PORT PATH RATE_PER_SECOND SECONDS CONNECTIONS
//
// Prints: requests, p50, p99, p99.9 and maximum in microseconds, and how many requests were counted apart. Every answer must have the length of the first.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE_MAX = 4096, PAUSE_NS = 200000 };

struct connection {
    int fd;
    uint64_t due[QUEUE_MAX]; // when each request under way was due, oldest first
    unsigned head, count;
    size_t received;
};

static char request[1024];
static size_t request_length, answer_length;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "openloop: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_connection(const char *address, int port)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, address, &peer.sin_addr);
    if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof peer) < 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// One request in peace: the length of its answer, which ends when nothing comes for a tenth of a second.
static void learn_length(int fd)
{
    char buffer[65536];
    struct timeval wait = {.tv_usec = 100000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (write(fd, request, request_length) != (ssize_t)request_length)
        die("write");
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        answer_length += (size_t)n;
    if (answer_length == 0 || strncmp(buffer, "HTTP/1.1 200", 12) != 0)
        die("the server doesn't answer 200");
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: openloop ADDRESS PORT PATH RATE SECONDS CONNECTIONS\n");
        return 2;
    }
    double rate = atof(argv[4]), seconds = atof(argv[5]);
    int count = atoi(argv[6]), poll = epoll_create1(EPOLL_CLOEXEC);
    request_length = (size_t)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[3], argv[1]);
    struct connection *all = calloc((size_t)count, sizeof *all);
    for (int i = 0; i < count; i++) {
        all[i].fd = open_connection(argv[1], atoi(argv[2]));
        if (i == 0)
            learn_length(all[0].fd);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event);
    }

    uint64_t total = (uint64_t)(rate * seconds), sent = 0, done = 0, apart = 0;
    uint32_t *times_us = malloc(total * sizeof *times_us);
    uint64_t start = now_ns(), give_up = start + (uint64_t)((seconds + 10) * 1e9), last = start, paused_until = 0;
    while (done + apart < total) {
        uint64_t now = now_ns();
        if (now > give_up)
            die("answers are missing");
        if (now - last > PAUSE_NS)
            paused_until = now;
        last = now;
        for (; sent < total; sent++) {
            uint64_t due = start + (uint64_t)((double)sent * 1e9 / rate);
            if (due > now)
                break;
            struct connection *c = &all[sent % (uint64_t)count];
            if (c->count == QUEUE_MAX || send(c->fd, request, request_length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)request_length)
                break; // no room: it stays due, and its time runs
            c->due[(c->head + c->count++) % QUEUE_MAX] = due;
        }
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, 0);
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            char buffer[65536];
            ssize_t n = recv(c->fd, buffer, sizeof buffer, MSG_DONTWAIT);
            if (n <= 0)
                die("the server ended a connection");
            c->received += (size_t)n;
            uint64_t answered = now_ns();
            if (answered - last > PAUSE_NS)
                paused_until = answered;
            last = answered;
            while (c->received >= answer_length && c->count > 0) {
                c->received -= answer_length;
                if (c->due[c->head] < paused_until)
                    apart++;
                else
                    times_us[done++] = (uint32_t)((answered - c->due[c->head]) / 1000);
                c->head = (c->head + 1) % QUEUE_MAX;
                c->count--;
            }
        }
    }
    qsort(times_us, done, sizeof *times_us, by_size);
    if (done == 0)
        die("this program was never left in peace");
    printf("%llu %u %u %u %u %llu\n", (unsigned long long)done, times_us[done / 2], times_us[done * 99 / 100], times_us[done * 999 / 1000],
        times_us[done - 1], (unsigned long long)apart);
    return 0;
}
