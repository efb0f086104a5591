#ifndef AMID_CTL_ACCESS_H
#define AMID_CTL_ACCESS_H

#include "ctl/settings.h"

/* "access list", "access approve WALLET", "access deny WALLET": words is what stands behind
 * "access". */
enum ctl_exit access_run(const struct settings *settings, char *const *words);

#endif
