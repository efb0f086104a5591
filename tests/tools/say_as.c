/*
 * say-as PID FD: writes what it reads from standard input into another process's descriptor, so
 * that a test can make a real process of ours say what it never would. Needs CAP_SYS_PTRACE, since
 * our processes cannot be dumped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BYTES_MAX 65536

int main(int argc, char **argv)
{
    char bytes[BYTES_MAX];
    size_t len = fread(bytes, 1, sizeof(bytes), stdin);
    int process, fd;

    if (argc != 3 || len == 0) {
        fprintf(stderr, "usage: say-as PID FD < BYTES\n");
        return 2;
    }
    process = (int)syscall(SYS_pidfd_open, (pid_t)strtol(argv[1], NULL, 10), 0u);
    fd = process < 0 ? -1
                     : (int)syscall(SYS_pidfd_getfd, process, (int)strtol(argv[2], NULL, 10), 0u);
    if (fd < 0 || send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
        perror("say-as");
        return 1;
    }
    return 0;
}
