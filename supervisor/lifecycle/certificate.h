#ifndef AMID_LIFECYCLE_CERTIFICATE_H
#define AMID_LIFECYCLE_CERTIFICATE_H

#include "supervisor/lifecycle/fleet.h"
#include "supervisor/lifecycle/runner.h"

/* How a process ended, in a form that lasts: numbers for programs, one sentence for people. */
struct certificate {
    bool known;
    int code;
    int signal;
    const char *limit; /* static */
    int64_t at_ms;
    char syscall[24];
    char sentence[256];
};

struct certificate_limits { /* what was in force */
    uint32_t heap_mib;
    uint32_t turn_cpu_ms;
    uint32_t grace_ms;
};

void certificate_write(struct certificate *certificate, const struct runner_end *end,
                       const struct certificate_limits *limits, int64_t at_ms);
/* However it ended: the reason was that this node may not lead any more. */
void certificate_of_lease(struct certificate *certificate);
/* "Name: message" for the statistics: what the runner said itself, else the sentence. */
void certificate_error(const struct certificate *certificate, const struct runner_end *end,
                       char *out, size_t size);
/* Borrows from certificate. */
void certificate_view(const struct certificate *certificate, struct exit_certificate *ret_view);

#endif
