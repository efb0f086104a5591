#ifndef AMID_CTL_AUDIT_H
#define AMID_CTL_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/settings.h"

/* amictl audit: what rows are shown, or that the chain is to be verified. */
struct audit_query {
    const char
        *since; /* "30m", "12h", "7d", "2026-01-31" or "2026-01-31T12:00" (UTC); NULL = all */
    const char *worker; /* beginning of a sid, NULL = every row */
    const char *wallet; /* NULL = every row */
    bool verify;        /* recompute every hash here and show no row */
};

enum ctl_exit audit_run(const struct settings *settings, const struct audit_query *query);
/* Wall clock in ms that text means, counted back from now_ms; false if it means none. */
bool audit_since(const char *text, int64_t now_ms, int64_t *ret_ms);

#endif
