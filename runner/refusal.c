#include "runner/refusal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In no kernel's table and in none of ours. */
#define NO_SUCH_CALL 0xffff

static struct status_page *noted_in;

/* SIGSYS is blocked in here, and a forced signal that is blocked kills: so the second refused call
 * is the end, whatever the first one was. */
static void refused(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    noted_in->refused_syscall = (uint32_t)info->si_syscall + 1;
    for (;;)
        syscall(NO_SUCH_CALL);
}

void refusal_note_in(struct status_page *status)
{
    struct sigaction action = {.sa_sigaction = refused, .sa_flags = SA_SIGINFO};

    if (status == NULL)
        return;
    noted_in = status;
    sigfillset(&action.sa_mask);
    sigaction(SIGSYS, &action, NULL);
}
