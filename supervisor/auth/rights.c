#include "supervisor/auth/rights.h"

#include <stddef.h>
#include <string.h>

#define NONE REACH_NONE
#define OWN  REACH_OWN
#define ALL  REACH_ALL

static const enum reach table[RIGHT_MAX][ROLE_MAX] = {
    /*                        none, viewer, operator, developer, owner */
    [RIGHT_PUBLIC] = {ALL, ALL, ALL, ALL, ALL},
    [RIGHT_WORKER_READ] = {NONE, ALL, ALL, OWN, ALL},
    [RIGHT_SCRIPT_READ] = {NONE, NONE, ALL, OWN, ALL},
    [RIGHT_WORKER_CREATE] = {NONE, NONE, NONE, OWN, ALL},
    [RIGHT_WORKER_CHANGE] = {NONE, NONE, NONE, OWN, ALL},
    [RIGHT_WORKER_CONTROL] = {NONE, NONE, ALL, OWN, ALL},
    [RIGHT_NODE_READ] = {NONE, ALL, ALL, ALL, ALL},
    [RIGHT_ADMIN] = {NONE, NONE, NONE, NONE, ALL},
};

static const char *const names[ROLE_MAX] = {
    [ROLE_NONE] = "none",           [ROLE_VIEWER] = "viewer", [ROLE_OPERATOR] = "operator",
    [ROLE_DEVELOPER] = "developer", [ROLE_OWNER] = "owner",
};

/* What is out of range has no right, so that a wrong number fails safe. */
enum reach rights_reach(enum role role, enum right right)
{
    if ((unsigned)role >= ROLE_MAX || (unsigned)right >= RIGHT_MAX)
        return REACH_NONE;
    return table[right][role];
}

bool rights_has(const struct principal *who, enum right right)
{
    return rights_reach(who->role, right) != REACH_NONE;
}

bool rights_allow(const struct principal *who, enum right right, const char *owner)
{
    enum reach reach = rights_reach(who->role, right);

    if (reach != REACH_OWN)
        return reach == REACH_ALL;
    return owner != NULL && who->wallet[0] != '\0' && strcmp(owner, who->wallet) == 0;
}

const char *role_name(enum role role)
{
    return (unsigned)role < ROLE_MAX ? names[role] : names[ROLE_NONE];
}

enum role role_of_name(const char *name)
{
    for (int i = ROLE_NONE + 1; i < ROLE_MAX; i++) {
        if (name != NULL && strcmp(names[i], name) == 0)
            return (enum role)i;
    }
    return ROLE_NONE;
}
