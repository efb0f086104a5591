#ifndef AMID_MODULES_MODULES_H
#define AMID_MODULES_MODULES_H

#include <event2/event.h>
#include <stddef.h>

#include "supervisor/modules/package.h"

/*
 * The packages that are installed on this node: the modules folder (common/module.h), which amictl
 * fills while amid runs. amid only reads it. A package is verified against the index each time it
 * is taken from the disk; one that does not match is refused until the index changes.
 */
struct modules;

struct modules_needs {
    struct event_base *base;
    const char *folder;
    /* Something was installed or removed. */
    void (*changed)(void *arg);
    void *arg;
};

/* Makes the folder if it is missing. A folder that cannot be watched or read is a warning: nothing
 * is installed then, until modules_refresh finds it otherwise. 0 or AMID_E_NOMEM. */
int modules_open(const struct modules_needs *needs, struct modules **ret_modules);
void modules_close(struct modules *modules);
/* Reads the index again (SIGHUP, and whenever it is replaced). One that cannot be read leaves the
 * one before in force. */
void modules_refresh(struct modules *modules);

/* What keeps a package from being used, to stand behind its name ("is not installed on this node"),
 * or NULL. Borrowed until the next refresh. */
const char *modules_fault(struct modules *modules, const char *name);
/* 0 and a package that lives until it is given back, AMID_E_NOT_FOUND, AMID_E_CORRUPT or
 * AMID_E_NOMEM; modules_fault says it in words. */
int modules_take(struct modules *modules, const char *name, struct package **ret_package);
void modules_give_back(struct modules *modules, struct package *package);

#endif
