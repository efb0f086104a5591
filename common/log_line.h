#ifndef AMID_COMMON_LOG_LINE_H
#define AMID_COMMON_LOG_LINE_H

#include "common/buffer.h"
#include "common/log.h"

/* Enough for the longest text with every byte escaped, and what stands before it. */
#define LOG_LINE_MAX_BYTES (4 * LOG_TEXT_MAX_BYTES + 512)

/* Appends one readable line, newline included:
 * 2026-11-21T04:43:44.123Z INFO  [3f2a81c0#12] text */
void log_line_format(struct buffer *out, const struct log_record *record);
/* Appends text with control characters, line separators and bytes that are not UTF-8 escaped
 * (\n, \x1b, \u2028 …), so that a script can neither forge a line nor drive a terminal. */
void log_line_escape(struct buffer *out, const char *text, size_t len);
/* 2026-11-21T04:43:44.123Z */
#define LOG_LINE_TIME_BYTES 32
void log_line_time(int64_t real_ms, char out[LOG_LINE_TIME_BYTES]);

#endif
