#ifndef AMID_AUTH_RIGHTS_H
#define AMID_AUTH_RIGHTS_H

#include <stdbool.h>

#include "supervisor/auth/principal.h"

/* What can be asked of the API. Every WebFIX method and every route names one of these; the one
 * table of who has which is in rights.c (RULES 11). */
enum right {
    RIGHT_PUBLIC,         /* anybody, without a session */
    RIGHT_WORKER_READ,    /* records, statistics, leaders, logs */
    RIGHT_SCRIPT_READ,    /* the text of scripts in them */
    RIGHT_WORKER_CREATE,  /* and checking a script */
    RIGHT_WORKER_CHANGE,  /* and deleting it */
    RIGHT_WORKER_CONTROL, /* start, stop, restart */
    RIGHT_NODE_READ,      /* the node's own figures */
    RIGHT_ADMIN,          /* sessions, tokens, access, secrets, the audit table */
    RIGHT_MAX
};

/* Which workers a right extends to; for what is about no worker, OWN is as good as ALL. */
enum reach { REACH_NONE, REACH_OWN, REACH_ALL };

enum reach rights_reach(enum role role, enum right right);
/* Whether he may at all; which workers, rights_allow tells. */
bool rights_has(const struct principal *who, enum right right);
/* owner: the wallet that the worker belongs to; NULL or "" = none. */
bool rights_allow(const struct principal *who, enum right right, const char *owner);

const char *role_name(enum role role);
/* ROLE_NONE for anything but the names of the others. */
enum role role_of_name(const char *name);

#endif
