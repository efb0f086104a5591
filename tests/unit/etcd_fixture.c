#include "etcd_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX      40
#define MEMORY         "/dev/shm"
#define ANSWER_BYTES   65536
#define READY_TRIES    600
#define READY_PAUSE_NS 50000000L

static void must(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "etcd fixture: %s: %s\n", what, strerror(errno));
        abort();
    }
}

uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    must(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "getsockname");
    close(fd);
    return ntohs(address.sin_port);
}

void etcd_fixture_launch(struct etcd_fixture *fixture)
{
    char data[96], log[96], cluster[96];
    snprintf(data, sizeof(data), "%s/data", fixture->folder);
    snprintf(log, sizeof(log), "%s/log", fixture->folder);
    snprintf(cluster, sizeof(cluster), "default=%s", fixture->peer);
    const char *words[WORDS_MAX] = {"setpriv",
                                    "--pdeathsig",
                                    "KILL",
                                    "etcd",
                                    "--unsafe-no-fsync",
                                    "--data-dir",
                                    data,
                                    "--listen-client-urls",
                                    fixture->url,
                                    "--advertise-client-urls",
                                    fixture->url,
                                    "--listen-peer-urls",
                                    fixture->peer,
                                    "--initial-advertise-peer-urls",
                                    fixture->peer,
                                    "--initial-cluster",
                                    cluster,
                                    "--logger",
                                    "zap"};
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    for (size_t i = 0; fixture->more != NULL && fixture->more[i] != NULL; i++) {
        must(count + 1 < WORDS_MAX, "too many options");
        words[count++] = fixture->more[i];
    }
    posix_spawn_file_actions_t actions;
    must(posix_spawn_file_actions_init(&actions) == 0, "spawn");
    must(posix_spawn_file_actions_addopen(&actions, 2, log, 01101, 0600) == 0, "spawn");
    must(posix_spawn_file_actions_adddup2(&actions, 2, 1) == 0, "spawn");
    errno = posix_spawnp(&fixture->pid, words[0], &actions, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    must(errno == 0, "etcd cannot be started");
}

void etcd_fixture_kill(struct etcd_fixture *fixture)
{
    int status;
    must(kill(fixture->pid, SIGKILL) == 0, "kill");
    must(waitpid(fixture->pid, &status, 0) == fixture->pid, "waitpid");
    fixture->pid = 0;
}

char *etcd_fixture_ask(struct etcd_fixture *fixture, const char *path, const char *body)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char *answer = calloc(1, ANSWER_BYTES);
    char head[256];
    size_t len = 0;
    ssize_t got = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)strtoul(strrchr(fixture->url, ':') + 1, NULL, 10));
    snprintf(head, sizeof(head),
             "POST %s HTTP/1.1\r\nHost: etcd\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
             path, strlen(body));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        write(fd, head, strlen(head)) < 0 || write(fd, body, strlen(body)) < 0)
        got = -1;
    while (got >= 0 && len + 1 < ANSWER_BYTES &&
           (got = read(fd, answer + len, ANSWER_BYTES - 1 - len)) > 0)
        len += (size_t)got;
    close(fd);
    if (strncmp(answer, "HTTP/1.1 200", 12) == 0)
        return answer;
    free(answer);
    return NULL;
}

void etcd_fixture_ready(struct etcd_fixture *fixture)
{
    const struct timespec pause = {.tv_nsec = READY_PAUSE_NS};
    char *answer = NULL;

    for (int i = 0; i < READY_TRIES && answer == NULL; i++) {
        nanosleep(&pause, NULL);
        answer = etcd_fixture_ask(fixture, "/v3/kv/range", "{\"key\":\"AA==\"}");
    }
    must(answer != NULL, "etcd does not answer");
    free(answer);
}

void etcd_fixture_make(struct etcd_fixture *fixture, const char *scheme)
{
    memset(fixture, 0, sizeof(*fixture));
    snprintf(fixture->folder, sizeof(fixture->folder), "%s/amid-etcd-XXXXXX",
             access(MEMORY, W_OK) == 0 ? MEMORY : "/tmp");
    must(mkdtemp(fixture->folder) != NULL, "mkdtemp");
    snprintf(fixture->url, sizeof(fixture->url), "%s://127.0.0.1:%u", scheme,
             (unsigned)free_port());
    snprintf(fixture->peer, sizeof(fixture->peer), "http://127.0.0.1:%u", (unsigned)free_port());
    fixture->settings = (struct etcd_space_settings){.network = "testnet",
                                                     .etcd = {.endpoints = fixture->url,
                                                              .user = "",
                                                              .password_file = "",
                                                              .ca_file = "",
                                                              .cert = "",
                                                              .key = ""}};
    harness_make(&fixture->harness);
}

void etcd_fixture_start(struct etcd_fixture *fixture)
{
    etcd_fixture_make(fixture, "http");
    etcd_fixture_launch(fixture);
    etcd_fixture_ready(fixture);
}

void etcd_fixture_stop(struct etcd_fixture *fixture)
{
    char command[128];
    etcd_fixture_close(fixture);
    if (fixture->pid != 0)
        etcd_fixture_kill(fixture);
    harness_drop(&fixture->harness);
    snprintf(command, sizeof(command), "rm -rf --one-file-system '%s'", fixture->folder);
    // NOLINTNEXTLINE(cert-env33-c): a name of ours
    must(system(command) == 0, "rm");
}

void etcd_fixture_open_only(struct etcd_fixture *fixture, uint32_t timeout_ms)
{
    struct harness *harness = &fixture->harness;

    fixture->settings.etcd.timeout_ms = timeout_ms;
    must(etcd_space_open(harness->base, harness->timers, &fixture->settings, &fixture->space,
                         harness->reason, sizeof(harness->reason)) == 0,
         harness->reason);
    fixture->kv = etcd_space_kv(fixture->space);
}

void etcd_fixture_open(struct etcd_fixture *fixture, uint32_t timeout_ms)
{
    etcd_fixture_open_only(fixture, timeout_ms);
    while (!kv_is_reachable(fixture->kv))
        event_base_loop(fixture->harness.base, EVLOOP_ONCE);
}

void etcd_fixture_close(struct etcd_fixture *fixture)
{
    etcd_space_close(fixture->space);
    fixture->space = NULL;
}
