/*
 * What processes cost that only sleep a second and wake up: the least that a worker with that loop
 * can. sleepers COUNT prints `CPU % of one core`, measured over five seconds.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX  20000
#define SETTLE_S   3
#define MEASURED_S 5
/* A runner's (supervisor/lifecycle): it decides how exactly the kernel wakes it. */
#define NICE 5

static _Noreturn void sleeper(int number)
{
    const struct timespec second = {.tv_sec = 1};
    const struct timespec first = {.tv_nsec = number % 1000 * 1000000L};

    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    (void)ppoll(NULL, 0, &first, NULL);
    for (;;)
        (void)ppoll(NULL, 0, &second, NULL);
}

static double cpu_ns(pid_t pid)
{
    char path[64];
    double ns = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%lf", &ns) != 1)
        ns = 0;
    if (file != NULL)
        fclose(file);
    return ns;
}

static double cpu_sum_ns(const pid_t *pids, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += cpu_ns(pids[i]);
    return sum;
}

int main(int argc, char **argv)
{
    static pid_t pids[COUNT_MAX];
    int count = argc > 1 ? atoi(argv[1]) : 0;
    double before;

    if (count < 1 || count > COUNT_MAX) {
        fprintf(stderr, "usage: sleepers COUNT (at most %d)\n", COUNT_MAX);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        pids[i] = fork();
        if (pids[i] < 0) {
            perror("fork");
            return 1;
        }
        if (pids[i] == 0)
            sleeper(i);
    }
    sleep(SETTLE_S);
    before = cpu_sum_ns(pids, count);
    sleep(MEASURED_S);
    printf("%.3f\n", (cpu_sum_ns(pids, count) - before) / 1e9 / MEASURED_S * 100);
    return 0;
}
