// CPU time of processes, user and system, in nanoseconds.
//
//     cputime PID...                prints what these processes have used so far, added up
//     cputime --run FILE COMMAND... runs the command and writes to FILE what it used
//
// The first is the process CPU clock (clock_getcpuclockid(3)): the kernel's own run time of all threads of the process,
// including threads that have ended, exact to the nanosecond where /proc/PID/stat counts ticks of 10 ms and
// /proc/PID/task/*/schedstat forgets ended threads.

#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int print_used(int count, char **pids)
{
    uint64_t total_ns = 0;
    for (int i = 0; i < count; i++) {
        clockid_t clock;
        struct timespec used;
        if (clock_getcpuclockid((pid_t)atoi(pids[i]), &clock) != 0 || clock_gettime(clock, &used) != 0) {
            fprintf(stderr, "cputime: no process %s\n", pids[i]);
            return 1;
        }
        total_ns += (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
    }
    printf("%llu\n", (unsigned long long)total_ns);
    return 0;
}

static int run(const char *path, char **command)
{
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        fprintf(stderr, "cputime: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    int status;
    struct rusage used;
    if (pid < 0 || wait4(pid, &status, 0, &used) < 0) {
        perror("cputime");
        return 1;
    }
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    uint64_t seconds = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
    uint64_t microseconds = (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    fprintf(file, "%llu\n", (unsigned long long)((seconds * 1000000 + microseconds) * 1000));
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "--run") == 0)
        return run(argv[2], argv + 3);
    if (argc >= 2 && argv[1][0] != '-')
        return print_used(argc - 1, argv + 1);
    fprintf(stderr, "usage: %s PID... | --run FILE COMMAND...\n", argv[0]);
    return 2;
}
