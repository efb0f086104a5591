#include "supervisor/lifecycle/certificate.h"

#include <seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct certificate *certificate, const char *limit, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(struct certificate *certificate, const char *limit, const char *format, ...)
{
    va_list args;

    certificate->limit = limit;
    va_start(args, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, in the line above
    vsnprintf(certificate->sentence, sizeof(certificate->sentence), format, args);
    va_end(args);
}

void certificate_of_lease(struct certificate *certificate)
{
    say(certificate, "lease",
        "This node could not renew its lease in time, so another node may lead.");
}

/* What amid killed it for. */
static void say_kill(struct certificate *certificate, const struct runner_end *end,
                     const struct certificate_limits *limits)
{
    switch (end->kill) {
    case RUNNER_KILL_GRACE:
        say(certificate, "grace",
            "It had not ended %.1f s after it was told to stop, so amid killed it.",
            limits->grace_ms / 1e3);
        break;
    case RUNNER_KILL_PROTOCOL:
        say(certificate, "protocol",
            "It sent amid something no worker may send (%s), so amid killed it.", end->kill_detail);
        break;
    case RUNNER_KILL_WATCHDOG:
        say(certificate, "watchdog",
            "It did not answer amid's watchdog in time (%s), so amid killed it.", end->kill_detail);
        break;
    case RUNNER_KILL_START:
        say(certificate, "start", "It was not ready in time, so amid killed it: %s.",
            end->kill_detail);
        break;
    case RUNNER_KILL_CONFINE:
        say(certificate, "confine", "amid killed it before any script was read: %s.",
            end->kill_detail);
        break;
    case RUNNER_KILL_LEASE:
        certificate_of_lease(certificate);
        break;
    case RUNNER_KILL_TIME:
        say(certificate, "time", "It took too long, so amid killed it.");
        break;
    default:
        say(certificate, NULL, "amid ended it because it was no longer wanted.");
        break;
    }
}

static void say_signal(struct certificate *certificate, const struct runner_end *end)
{
    const char *name = sigabbrev_np(end->signal);

    if (end->signal == SIGSYS && certificate->syscall[0] != '\0')
        say(certificate, "syscall",
            "It made the system call %s, which no worker may make, and the kernel killed it.",
            certificate->syscall);
    else if (end->signal == SIGSYS)
        say(certificate, "syscall",
            "It made a system call that no worker may make, and the kernel killed it.");
    else if (end->signal == SIGKILL)
        say(certificate, NULL,
            "It was killed from outside amid (SIGKILL): by somebody, or by the kernel when memory "
            "ran out.");
    else
        say(certificate, NULL, "Its process crashed (signal %d, SIG%s).", end->signal,
            name == NULL ? "?" : name);
}

static void say_exit(struct certificate *certificate, const struct runner_end *end,
                     const struct certificate_limits *limits)
{
    const char *text = end->fatal_text == NULL ? "no reason given" : end->fatal_text;

    switch (end->code) {
    case PROTO_EXIT_CLEAN:
        say(certificate, NULL, "It ended by itself, as it should.");
        break;
    case PROTO_EXIT_CHANNEL:
        say(certificate, NULL, "It lost its connection to amid and ended itself.");
        break;
    case PROTO_EXIT_CONFINE:
        say(certificate, "confine",
            "It could not be confined, so it ended before any script was read (%.120s).", text);
        break;
    case PROTO_EXIT_LOAD:
        say(certificate, NULL, "The compiled script could not be loaded (%.160s).", text);
        break;
    case PROTO_EXIT_TURN:
        say(certificate, "turn",
            "A stretch of its code ran for more than %.1f s of CPU time without giving way, which "
            "ended it; an await in long loops prevents that.",
            limits->turn_cpu_ms / 1e3);
        break;
    case PROTO_EXIT_HEAP:
        say(certificate, "heap",
            "It used up the %u MiB of memory a worker may have, and nothing in the script caught "
            "that.",
            (unsigned)limits->heap_mib);
        break;
    case PROTO_EXIT_ENGINE:
        say(certificate, NULL, "The JavaScript engine gave up (%.160s).", text);
        break;
    default:
        say(certificate, NULL, "It ended by itself with exit code %d.", end->code);
        break;
    }
}

void certificate_write(struct certificate *certificate, const struct runner_end *end,
                       const struct certificate_limits *limits, int64_t at_ms)
{
    char *name = end->syscall_number < 0
                     ? NULL
                     : seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, end->syscall_number);

    *certificate = (struct certificate){
        .known = true, .code = end->code, .signal = end->signal, .at_ms = at_ms};
    if (name != NULL)
        snprintf(certificate->syscall, sizeof(certificate->syscall), "%s", name);
    else if (end->syscall_number >= 0)
        snprintf(certificate->syscall, sizeof(certificate->syscall), "number %d",
                 end->syscall_number);
    free(name);
    if (end->kill != RUNNER_KILL_NONE && end->signal == SIGKILL)
        say_kill(certificate, end, limits);
    else if (end->signal != 0)
        say_signal(certificate, end);
    else
        say_exit(certificate, end, limits);
}

void certificate_error(const struct certificate *certificate, const struct runner_end *end,
                       char *out, size_t size)
{
    bool is_limit = end->fatal_kind == PROTO_FATAL_TURN || end->fatal_kind == PROTO_FATAL_HEAP;

    if (end->has_fatal && end->fatal_text != NULL && end->fatal_text[0] != '\0')
        snprintf(out, size, "%s%s", is_limit ? "RangeError: " : "", end->fatal_text);
    else if (end->kill == RUNNER_KILL_WATCHDOG)
        snprintf(out, size, "Watchdog: %s", certificate->sentence);
    else
        snprintf(out, size, "Crash: %s", certificate->sentence);
}

void certificate_view(const struct certificate *certificate, struct exit_certificate *ret_view)
{
    *ret_view = (struct exit_certificate){
        .known = certificate->known,
        .code = certificate->code,
        .signal = certificate->signal,
        .syscall = certificate->syscall[0] == '\0' ? NULL : certificate->syscall,
        .limit = certificate->limit,
        .sentence = certificate->known ? certificate->sentence : NULL,
        .at_ms = certificate->at_ms,
    };
}
