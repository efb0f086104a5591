#ifndef AMID_TESTS_ETCD_FIXTURE_H
#define AMID_TESTS_ETCD_FIXTURE_H

#include <stdint.h>
#include <sys/types.h>

#include "kv_harness.h"
#include "supervisor/kv/etcd_space.h"

/* One real member of etcd, its data in memory, ended with the test, and a space of kv.h on it. */
struct etcd_fixture {
    char folder[64];
    char url[64];
    char peer[64];
    pid_t pid;
    const char *const *more; /* options of etcd, ended by NULL; NULL = none */
    struct etcd_space_settings settings;
    struct harness harness; /* its loop; the store stays closed */
    struct etcd_space *space;
    struct kv *kv;
};

void etcd_fixture_start(struct etcd_fixture *fixture);
/* The same in steps, between which more and settings may be changed. */
void etcd_fixture_make(struct etcd_fixture *fixture, const char *scheme);
void etcd_fixture_ready(struct etcd_fixture *fixture);
void etcd_fixture_stop(struct etcd_fixture *fixture);
void etcd_fixture_launch(struct etcd_fixture *fixture);
/* SIGKILL, and its end. */
void etcd_fixture_kill(struct etcd_fixture *fixture);
/* A client of it in this process: waits until it answers. timeout_ms of one request. */
void etcd_fixture_open(struct etcd_fixture *fixture, uint32_t timeout_ms);
/* Does not wait. */
void etcd_fixture_open_only(struct etcd_fixture *fixture, uint32_t timeout_ms);
void etcd_fixture_close(struct etcd_fixture *fixture);
/* A request of the test's own to the gateway; the answer, allocated, or NULL. */
char *etcd_fixture_ask(struct etcd_fixture *fixture, const char *path, const char *body);
uint16_t free_port(void);

#endif
