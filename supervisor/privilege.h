#ifndef AMID_PRIVILEGE_H
#define AMID_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Who amid becomes when it was started as root, and who its runners become: `amid-runner` if there
 * is such a user, else nobody if that is not amid itself, else the same user as amid. Started as
 * anybody else, amid and its runners stay what they are.
 */
struct privilege {
    bool drops;
    uid_t uid;
    gid_t gid;
    bool has_runner_user;
    uid_t runner_uid;
    gid_t runner_gid;
};

/* user: node.user. 0, or AMID_E_DENIED with a reason: script might run as root. */
int privilege_plan(const char *user, struct privilege *ret_plan, char *reason, size_t reason_size);
/* Creates the state folder if it is missing and gives it to the user of the plan; *ret_fd holds it
 * open. A folder of somebody else's that is in use is left alone and refused. */
int privilege_open_state(const struct privilege *plan, const char *path, int *ret_fd, char *reason,
                         size_t reason_size);
/* Becomes the user, for good but for the capabilities that runners of another user need, and
 * undumpable. Must come before the first thread: capabilities belong to threads. */
int privilege_drop(const struct privilege *plan, char *reason, size_t reason_size);
/* After the drop: the folder must be reachable by its path, which SQLite uses. */
int privilege_check_state(const char *path, int state_fd, char *reason, size_t reason_size);

#endif
