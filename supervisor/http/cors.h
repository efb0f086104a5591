#ifndef AMID_HTTP_CORS_H
#define AMID_HTTP_CORS_H

#include <stdbool.h>

#include "common/buffer.h"
#include "supervisor/http/message.h"

/* Appends the header lines that every answer carries, errors included. origin: the setting. */
void cors_append(struct buffer *out, const char *origin);
bool cors_is_preflight(const struct http_message *message);
/* Appends what a preflight's answer carries beside those. */
void cors_append_preflight(struct buffer *out, const struct http_message *message);

#endif
