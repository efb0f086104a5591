#ifndef AMID_JOURNAL_H
#define AMID_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/log.h"

/*
 * Where log records go: journald with structured fields (sd_journal_sendv, through a bounded ring
 * and a thread, so that a stalled journald never stops the loop) or one line each on stderr; and a
 * ring of the last lines of every worker for the API. journal_open installs itself as the log sink.
 * Of one worker at most JOURNAL_RING_MAX_BYTES are kept, however few lines that are.
 */
#define JOURNAL_RING_MAX_BYTES ((size_t)64 * 1024)

struct journal;

struct journal_line {
    uint64_t sequence; /* grows by one per line of this worker */
    int64_t real_ms;
    enum log_level level;
    uint64_t instance;
    bool from_script;
    const char *event; /* may be NULL */
    const char *text;
};

/* ring_lines: kept per worker. Chooses journald when JOURNAL_STREAM says that stderr is connected
 * to it. */
int journal_open(size_t ring_lines, struct journal **ret_journal);
/* Goes with every record as AMID_NODE. */
void journal_set_node(struct journal *journal, const char *nid);
/* Writes what is waiting (for two seconds at most) and gives stderr back to the default sink. */
void journal_close(struct journal *journal);

/* Calls each for the last `max` lines of a worker with sequence > after, oldest first. */
void journal_tail(struct journal *journal, const char *sid, uint64_t after, size_t max,
                  void (*each)(void *arg, const struct journal_line *line), void *arg);
/* Live lines; fn is called inside the logging call and must only copy. At most
 * JOURNAL_FOLLOWERS_MAX. */
#define JOURNAL_FOLLOWERS_MAX 256
struct journal_follow;
struct journal_follow *journal_follow_new(struct journal *journal, const char *sid,
                                          void (*fn)(void *arg, const struct journal_line *line),
                                          void *arg);
void journal_follow_free(struct journal_follow *follow);
/* Drops a deleted worker's ring. */
void journal_forget(struct journal *journal, const char *sid);

#endif
