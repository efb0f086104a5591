#ifndef AMID_JOURNAL_WRITER_H
#define AMID_JOURNAL_WRITER_H

#include <stdbool.h>

#include "common/log.h"

/* A bounded queue and the thread that writes it to journald or stderr. What does not fit is
 * counted and reported once there is room. */
#define WRITER_QUEUE_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define WRITER_CLOSE_TIME_S    2

struct writer;

/* Returns 0, AMID_E_NOMEM or AMID_E_LIMIT (no thread to be had). */
int writer_open(bool to_journald, struct writer **ret_writer);
/* Any thread. Copies the record. */
void writer_put(struct writer *writer, const struct log_record *record);
void writer_set_node(struct writer *writer, const char *nid);
/* Waits until everything is written, or WRITER_CLOSE_TIME_S if that stalls. */
void writer_close(struct writer *writer);

#endif
