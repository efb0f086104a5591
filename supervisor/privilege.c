#include "supervisor/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/error.h"

#define RUNNER_USER   "amid-runner"
#define FALLBACK_USER "nobody"

/* amid stays able to give a respawned zygote its other user, to signal its runners and to set their
 * nice values; CAP_KILL and the two of identity only where runners have a user of their own. */
static const unsigned kept_for_niceness[] = {CAP_SYS_NICE};
static const unsigned kept_for_runner_user[] = {CAP_SETUID, CAP_SETGID, CAP_KILL, CAP_SYS_NICE};

int privilege_plan(const char *user, struct privilege *ret_plan, char *reason, size_t reason_size)
{
    struct privilege plan = {.drops = false};
    uid_t real, effective, saved;
    const struct passwd *entry;

    if (getresuid(&real, &effective, &saved) != 0)
        return error_from_errno(errno);
    if (effective != 0) {
        if (real == 0 || saved == 0) {
            snprintf(reason, reason_size,
                     "amid could become root again; start it as root itself, "
                     "or as an ordinary user");
            return AMID_E_DENIED;
        }
        plan.uid = effective;
        plan.gid = getegid();
        *ret_plan = plan;
        return 0;
    }
    entry = getpwnam(user);
    if (entry == NULL)
        entry = getpwnam(FALLBACK_USER);
    if (entry == NULL || entry->pw_uid == 0) {
        snprintf(
            reason, reason_size,
            entry == NULL
                ? "started as root, but there is neither a user %s (node.user) nor " FALLBACK_USER
                  " to become"
                : "node.user = %s is root, and amid never runs as root",
            user);
        return AMID_E_DENIED;
    }
    plan.drops = true;
    plan.uid = entry->pw_uid;
    plan.gid = entry->pw_gid;
    entry = getpwnam(RUNNER_USER);
    if (entry == NULL)
        entry = getpwnam(FALLBACK_USER);
    if (entry != NULL && entry->pw_uid != 0 && entry->pw_gid != 0 && entry->pw_uid != plan.uid) {
        plan.has_runner_user = true;
        plan.runner_uid = entry->pw_uid;
        plan.runner_gid = entry->pw_gid;
    }
    *ret_plan = plan;
    return 0;
}

static int drop_bounding_set(const unsigned *kept, size_t kept_count)
{
    for (unsigned cap = 0; cap <= 63; cap++) {
        bool is_kept = false;

        for (size_t i = 0; i < kept_count; i++)
            is_kept = is_kept || kept[i] == cap;
        if (is_kept)
            continue;
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
            if (errno == EINVAL)
                return 0; /* beyond what this kernel knows */
            return -1;
        }
    }
    return 0;
}

static int set_capabilities(const unsigned *kept, size_t kept_count)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct now[2], wanted[2] = {{0}};

    if (syscall(SYS_capget, &header, now) != 0)
        return -1;
    /* A container may have started us without some of them. */
    for (size_t i = 0; i < kept_count; i++)
        wanted[kept[i] / 32].permitted |= now[kept[i] / 32].permitted & 1u << kept[i] % 32;
    wanted[0].effective = wanted[0].permitted;
    wanted[1].effective = wanted[1].permitted;
    return (int)syscall(SYS_capset, &header, wanted);
}

static int become(const struct privilege *plan)
{
    const unsigned *kept = plan->has_runner_user ? kept_for_runner_user : kept_for_niceness;
    size_t kept_count = plan->has_runner_user
                            ? sizeof(kept_for_runner_user) / sizeof(kept_for_runner_user[0])
                            : sizeof(kept_for_niceness) / sizeof(kept_for_niceness[0]);

    /* Where CAP_SETPCAP is missing, no_new_privs keeps what the bounding set would. */
    if (drop_bounding_set(kept, kept_count) != 0 && errno != EPERM)
        return -1;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setgroups(0, NULL) != 0 ||
        setresgid(plan->gid, plan->gid, plan->gid) != 0 ||
        setresuid(plan->uid, plan->uid, plan->uid) != 0)
        return -1;
    if (set_capabilities(kept, kept_count) != 0 || prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0)
        return -1;
    return 0;
}

int privilege_drop(const struct privilege *plan, char *reason, size_t reason_size)
{
    struct rlimit no_core = {0, 0};
    uid_t real, effective, saved;

    if (plan->drops && become(plan) != 0) {
        snprintf(reason, reason_size, "cannot become user %u: %s", (unsigned)plan->uid,
                 strerror(errno));
        return AMID_E_DENIED;
    }
    if (getresuid(&real, &effective, &saved) != 0 || real == 0 || effective == 0 || saved == 0) {
        snprintf(reason, reason_size, "amid would run as root, which it never does");
        return AMID_E_DENIED;
    }
    /* amid executes nothing but amid-runner, which is to gain nothing by it. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0) {
        snprintf(reason, reason_size, "cannot give up privileges: %s", strerror(errno));
        return AMID_E_DENIED;
    }
#ifndef AMID_SANITIZE
    /* Sessions and secrets live in this memory. The leak check of a sanitizer build attaches to its
     * own process and could not. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        snprintf(reason, reason_size, "cannot become undumpable: %s", strerror(errno));
        return AMID_E_DENIED;
    }
#endif
    return 0;
}
