#ifndef AMID_JOURNAL_RING_H
#define AMID_JOURNAL_RING_H

#include <stddef.h>

#include "supervisor/journal/journal.h"

/* The last lines of every worker, by sid, with those who follow them. One thread only. */
struct rings;

struct rings *rings_new(size_t lines_per_worker);
void rings_free(struct rings *rings);
/* Copies the line and shows it to the followers. A line for which there is no memory is lost. */
void rings_add(struct rings *rings, const struct log_record *record);
void rings_tail(struct rings *rings, const char *sid, uint64_t after, size_t max,
                void (*each)(void *arg, const struct journal_line *line), void *arg);
/* Drops the lines; those who follow stay. */
void rings_forget(struct rings *rings, const char *sid);

struct journal_follow *rings_follow(struct rings *rings, const char *sid,
                                    void (*fn)(void *arg, const struct journal_line *line),
                                    void *arg);
void rings_unfollow(struct journal_follow *follow);

#endif
