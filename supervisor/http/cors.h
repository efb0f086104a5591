#ifndef AMID_HTTP_CORS_H
#define AMID_HTTP_CORS_H

#include <stdbool.h>

#include "common/buffer.h"
#include "supervisor/http/message.h"

/* Appends the header lines that every answer carries, errors included. origins: the setting; of
 * several the one that asked (NULL = none) is named, or none. */
void cors_append(struct buffer *out, const char *origins, const char *asked);
/* "*", or a list that names it. */
bool cors_allows(const char *origins, const char *asked);
bool cors_is_preflight(const struct http_message *message);
/* Appends what a preflight's answer carries beside those. */
void cors_append_preflight(struct buffer *out, const struct http_message *message);

#endif
