#ifndef AMID_CTL_OUTPUT_H
#define AMID_CTL_OUTPUT_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#define OUTPUT_COLUMNS_MAX 12

/* Prints text from a node or a script: control characters as \xNN, so that it cannot steer the
 * terminal; no more than max_chars characters (0 = all). */
void output_text(const char *text, size_t max_chars);
/* Rows of cells, columns as wide as their widest cell; the last column is not padded. */
void output_table(const char *const *cells, size_t rows, size_t columns);
/* One line of a worker's log as the API tells it. */
void output_log_line(const cJSON *line);
/* "3d 4h", "5m 10s", "0.4s"; out holds 32. */
void output_duration(int64_t ms, char *out, size_t size);

#endif
