// What both reference servers share: the fixed answer, the count of requests in received bytes, and the listener.
//
// The references do not parse. They count the blank line that ends a request's headers and send that many copies of one
// answer of the same size as samples/Hello's. So they are the price of the kernel alone: what no server that also
// parses can go below.

#ifndef ANSWER_H
#define ANSWER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define ANSWER \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n" \
    "Date: Sun, 22 Nov 2026 00:00:00 GMT\r\n\r\nHello, World!"

enum {
    ANSWER_BYTES = sizeof(ANSWER) - 1,
    ANSWER_COPIES = 256, // 30 KB: one send can answer everything that one receive buffer may hold
    ANSWERS_BYTES = ANSWER_BYTES * ANSWER_COPIES,
};

// Many answers end to end, so that every debt, whole or begun, is one contiguous piece of this array.
static char answers[ANSWERS_BYTES];

static void answers_init(void)
{
    for (int i = 0; i < ANSWER_COPIES; i++)
        memcpy(answers + i * ANSWER_BYTES, ANSWER, ANSWER_BYTES);
}

// What a connection still has to be sent. `phase` is how far into an answer the last byte sent was: every answer is the
// same, so the next bytes on the wire always start at answers + phase.
struct debt {
    uint32_t bytes;
    uint16_t phase;
    uint8_t matched; // bytes of "\r\n\r\n" that the received bytes end with, carried to the next receive
};

static inline uint32_t debt_next_send_bytes(const struct debt *debt)
{
    uint32_t contiguous = ANSWERS_BYTES - debt->phase;
    return debt->bytes < contiguous ? debt->bytes : contiguous;
}

static inline void debt_sent(struct debt *debt, uint32_t bytes)
{
    debt->bytes -= bytes;
    debt->phase = (debt->phase + bytes) % ANSWER_BYTES;
}

// One step of the automaton for "\r\n\r\n": the new count of matched bytes, 4 when the terminator is complete.
static inline unsigned terminator_step(unsigned matched, char c)
{
    if (c == '\r')
        return matched == 2 ? 3 : 1;
    if (c == '\n')
        return matched == 1 ? 2 : matched == 3 ? 4 : 0;
    return 0;
}

// Adds one answer for each request that ends in these bytes. A terminator may be split across receives anywhere, so the
// automaton runs at the edges; in between, only every fourth byte is looked at as long as it is neither CR nor LF.
static inline void debt_received(struct debt *debt, const char *bytes, uint32_t count)
{
    const char *p = bytes, *end = bytes + count;
    unsigned matched = debt->matched, requests = 0;
    while (p < end) {
        if (matched == 0) {
            while (end - p >= 4 && p[3] != '\r' && p[3] != '\n')
                p += 4;
            if (end - p >= 4 && memcmp(p, "\r\n\r\n", 4) == 0) {
                requests++;
                p += 4;
                continue;
            }
            if (p == end)
                break;
        }
        matched = terminator_step(matched, *p++);
        if (matched == 4) {
            requests++;
            matched = 0;
        }
    }
    debt->matched = (uint8_t)matched;
    debt->bytes += requests * ANSWER_BYTES;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

// Listens on 127.0.0.1:port. TCP_NODELAY is set here once: on Linux accepted sockets inherit it.
static int listen_on(const char *port, int type_flags)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | type_flags, 0);
    if (fd < 0)
        die("socket");
    int one = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
        die("setsockopt(SO_REUSEADDR)");
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
        die("setsockopt(TCP_NODELAY)");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(port)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(fd, 4096) < 0)
        die("listen");
    return fd;
}

#endif
