// Holds many idle keep-alive connections open against an HTTP server, so that their memory can be read from outside.
//
//     idle ADDRESS PORT CONNECTIONS
//
// Opens the connections, sends one request on each and reads each answer to its end, so that the server has done on each
// all that it does for a client that then falls silent. Then prints "holding CONNECTIONS" and holds until stdin ends or
// SIGTERM or SIGINT comes. At the end it says how many connections the server had closed meanwhile and exits 1 if any:
// memory of connections that are gone is no figure.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_PER_ADDRESS = 20000, // of about 28,000 ports that Linux hands out per source address by default
    DESCRIPTORS_SPARE = 16,
    ANSWER_BYTES_MAX = 16 * 1024,
    TIMEOUT_SECONDS = 10,
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

static void die(const char *what, int connection)
{
    fprintf(stderr, "idle: connection %d: %s: %s\n", connection, what, errno ? strerror(errno) : "unexpected end");
    exit(1);
}

static void allow_descriptors(int connections)
{
    struct rlimit limit;
    rlim_t needed = (rlim_t)connections + DESCRIPTORS_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
        return;
    limit.rlim_cur = needed;
    if (limit.rlim_max < needed)
        limit.rlim_max = needed; // allowed with CAP_SYS_RESOURCE only
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        fprintf(stderr, "idle: %d connections need %lu descriptors; raise `ulimit -n` or ask for fewer\n", connections,
                (unsigned long)needed);
        exit(1);
    }
}

static int connect_to(const struct sockaddr_in *server, int number)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket", number);
    struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    // A reset instead of a goodbye: thousands of ports in TIME_WAIT would disturb the next server's turn.
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    int one = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    int address_index = number / CONNECTIONS_PER_ADDRESS; // 127.0.0.1, 127.0.0.2, ...
    struct sockaddr_in source = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (in_addr_t)address_index),
    };
    if (ntohl(server->sin_addr.s_addr) >> 24 == 127 && bind(fd, (struct sockaddr *)&source, sizeof source) != 0)
        die("bind", number);
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) != 0)
        die("connect", number);
    return fd;
}

// Reads one answer with a Content-Length: all of it, so that nothing is left in a buffer on either side.
static void read_answer(int fd, int number)
{
    char answer[ANSWER_BYTES_MAX + 1];
    size_t have = 0, need = 0;
    while (need == 0 || have < need) {
        errno = 0;
        ssize_t count = recv(fd, answer + have, ANSWER_BYTES_MAX - have, 0);
        if (count <= 0)
            die("recv", number);
        have += (size_t)count;
        answer[have] = '\0';
        char *end = strstr(answer, "\r\n\r\n");
        char *length = strcasestr(answer, "\r\nContent-Length:");
        if (end != NULL && (length == NULL || length > end || strncmp(answer, "HTTP/1.1 200 ", 13) != 0)) {
            fprintf(stderr, "idle: connection %d: not a 200 with Content-Length: %.40s\n", number, answer);
            exit(1);
        }
        if (end != NULL)
            need = (size_t)(end - answer) + 4 + strtoul(length + 17, NULL, 10);
    }
}

static int closed_count(const int *fds, int connections)
{
    int closed = 0;
    for (int i = 0; i < connections; i++) {
        struct pollfd poll_fd = {.fd = fds[i], .events = POLLIN | POLLRDHUP};
        if (poll(&poll_fd, 1, 0) > 0)
            closed++;
    }
    return closed;
}

int main(int argc, char **argv)
{
    int connections = argc == 4 ? atoi(argv[3]) : 0;
    struct sockaddr_in server = {.sin_family = AF_INET};
    if (connections <= 0 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: %s IPV4-ADDRESS PORT CONNECTIONS\n", argv[0]);
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    allow_descriptors(connections);
    struct sigaction action = {.sa_handler = on_signal}; // without SA_RESTART: the read below must return
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    char request[128];
    int request_bytes =
        snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: %s:%s\r\n\r\n", argv[1], argv[2]);
    int *fds = calloc((size_t)connections, sizeof *fds);
    for (int i = 0; i < connections && !stopped; i++) {
        fds[i] = connect_to(&server, i);
        if (send(fds[i], request, (size_t)request_bytes, MSG_NOSIGNAL) != request_bytes)
            die("send", i);
        read_answer(fds[i], i);
    }
    printf("holding %d\n", connections);
    fflush(stdout);

    char discarded[64];
    while (!stopped && read(STDIN_FILENO, discarded, sizeof discarded) > 0)
        continue;
    int closed = closed_count(fds, connections);
    if (closed > 0)
        fprintf(stderr, "idle: the server closed %d of %d connections\n", closed, connections);
    return closed > 0;
}
