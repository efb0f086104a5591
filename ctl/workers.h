#ifndef AMID_CTL_WORKERS_H
#define AMID_CTL_WORKERS_H

#include <cjson/cJSON.h>

#include "common/id.h"
#include "ctl/settings.h"

/* Exchanges with the operator's routes; JSON answers. */

/* Prints the error of a refusal and says what it means for the exit code. */
enum ctl_exit workers_refusal(int status, const char *body);
/* method and path → parsed answer, freed with cJSON_Delete; refusals are printed. */
enum ctl_exit workers_ask(const struct settings *settings, const char *method, const char *path,
                          cJSON **ret_json);
/* A full sid or the beginning of exactly one; out holds ID_UUID_LEN + 1. */
enum ctl_exit workers_resolve(const struct settings *settings, const char *text, char *out);
/* How many characters of a sid tell every worker of the list from the others; at least 8. */
int workers_prefix_len(const cJSON *list);
const char *workers_sid_of(const cJSON *entry);

#endif
