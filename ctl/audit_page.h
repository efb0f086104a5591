#ifndef AMID_CTL_AUDIT_PAGE_H
#define AMID_CTL_AUDIT_PAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "common/chain.h"

/* What an answer of /api/audit says, whoever answers: each is false for what is no such thing. */
bool audit_page_end(const cJSON *answer, const char *name, struct chain_end *ret_end);
/* ret_row borrows its text from json. */
bool audit_page_row(const cJSON *json, struct chain_row *ret_row);
/* A member that is a string, else "". */
const char *audit_page_text(const cJSON *object, const char *name);

#endif
