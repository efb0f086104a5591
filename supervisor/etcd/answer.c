#include "supervisor/etcd/answer.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

#define HTTP_OK   200
#define EXACT_MAX 9007199254740992.0 /* beyond it a double is no longer every whole number */

/* Of gRPC: google.golang.org/grpc/codes. */
enum grpc_code {
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_NOT_FOUND = 5,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_OUT_OF_RANGE = 11,
    GRPC_UNAVAILABLE = 14,
    GRPC_UNAUTHENTICATED = 16
};

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

int etcd_member_int64(const cJSON *object, const char *name, int64_t *ret_number)
{
    const cJSON *item = member(object, name);
    char *end;

    if (item == NULL) {
        *ret_number = 0;
        return 0;
    }
    if (cJSON_IsNumber(item)) {
        if (fabs(item->valuedouble) > EXACT_MAX || floor(item->valuedouble) != item->valuedouble)
            return AMID_E_PROTOCOL;
        *ret_number = (int64_t)item->valuedouble;
        return 0;
    }
    if (!cJSON_IsString(item))
        return AMID_E_PROTOCOL;
    const char *text = item->valuestring;
    if (strspn(text + (text[0] == '-'), "0123456789") == 0)
        return AMID_E_PROTOCOL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return AMID_E_PROTOCOL;
    *ret_number = number;
    return 0;
}

int etcd_member_bytes(const cJSON *object, const char *name, size_t max_bytes, uint8_t **ret_bytes,
                      size_t *ret_len)
{
    const cJSON *item = member(object, name);
    size_t len = 0;

    if (item != NULL && !cJSON_IsString(item))
        return AMID_E_PROTOCOL;
    size_t text_len = item == NULL ? 0 : strlen(item->valuestring);
    if (text_len / 4 > max_bytes / 3 + 1)
        return AMID_E_TOO_LARGE;
    uint8_t *bytes = malloc(text_len / 4 * 3 + 1);
    if (bytes == NULL)
        return AMID_E_NOMEM;
    if (text_len > 0 && sodium_base642bin(bytes, text_len / 4 * 3, item->valuestring, text_len,
                                          NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        free(bytes);
        return AMID_E_PROTOCOL;
    }
    if (len > max_bytes) {
        free(bytes);
        return AMID_E_TOO_LARGE;
    }
    bytes[len] = '\0';
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

bool etcd_member_bool(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(member(object, name));
}

int64_t etcd_header_revision(const cJSON *answer)
{
    int64_t revision = 0;

    (void)etcd_member_int64(member(answer, "header"), "revision", &revision);
    return revision < 0 ? 0 : revision;
}

static int judge_invalid(const char *text, enum etcd_verdict *ret_verdict)
{
    if (strstr(text, "too large") != NULL)
        return AMID_E_TOO_LARGE;
    if (strstr(text, "user name is empty") != NULL ||
        strstr(text, "revision of auth store is old") != NULL) {
        *ret_verdict = ETCD_VERDICT_TOKEN;
        return AMID_E_DENIED;
    }
    return strstr(text, "authentication failed") != NULL ? AMID_E_DENIED : AMID_E_INVALID;
}

static int judge_exhausted(const char *text, enum etcd_verdict *ret_verdict)
{
    if (strstr(text, "space exceeded") != NULL)
        return AMID_E_DISK_FULL;
    if (strstr(text, "too many requests") == NULL)
        return AMID_E_TOO_LARGE; /* for a message of gRPC */
    *ret_verdict = ETCD_VERDICT_ELSEWHERE;
    return AMID_E_UNAVAILABLE;
}

/* Only where the text says so a write has not happened. */
static int judge_lost(const char *text, enum etcd_kind kind, enum etcd_verdict *ret_verdict)
{
    if (kind == ETCD_WRITE && strstr(text, "no leader") == NULL && strstr(text, "learner") == NULL)
        return AMID_E_UNCERTAIN;
    *ret_verdict = ETCD_VERDICT_ELSEWHERE;
    return AMID_E_UNAVAILABLE;
}

static int judge_code(int64_t code, const char *text, enum etcd_kind kind,
                      enum etcd_verdict *ret_verdict)
{
    switch (code) {
    case GRPC_INVALID_ARGUMENT:
        return judge_invalid(text, ret_verdict);
    case GRPC_NOT_FOUND:
        return AMID_E_NOT_FOUND;
    case GRPC_PERMISSION_DENIED:
        return AMID_E_DENIED;
    case GRPC_RESOURCE_EXHAUSTED:
        return judge_exhausted(text, ret_verdict);
    case GRPC_FAILED_PRECONDITION:
        return AMID_E_UNSUPPORTED;
    case GRPC_OUT_OF_RANGE: /* compacted, or of a store that is younger than we think */
        return AMID_E_CONFLICT;
    case GRPC_UNAUTHENTICATED:
        *ret_verdict = ETCD_VERDICT_TOKEN;
        return AMID_E_DENIED;
    case GRPC_UNAVAILABLE:
    default:
        return judge_lost(text, kind, ret_verdict);
    }
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(object, name));
    return text == NULL ? "" : text;
}

int etcd_answer_judge(long status, const cJSON *json, enum etcd_kind kind,
                      enum etcd_verdict *ret_verdict, const char **ret_text)
{
    const cJSON *error = member(json, "error");
    int64_t code = 0;

    *ret_verdict = ETCD_VERDICT_FINAL;
    *ret_text = "";
    if (status == HTTP_OK && error == NULL)
        return 0;
    if (cJSON_IsObject(error)) { /* of a stream */
        (void)etcd_member_int64(error, "grpc_code", &code);
        *ret_text = text_of(error, "message");
    } else {
        (void)etcd_member_int64(json, "code", &code);
        *ret_text = text_of(json, "error");
    }
    return judge_code(code, *ret_text, kind, ret_verdict);
}

void etcd_fault_copy(char *out, size_t size, const char *text)
{
    size_t len = 0;

    for (; text[len] != '\0' && len + 1 < size; len++)
        out[len] = text[len] < ' ' || text[len] > '~' ? '?' : text[len];
    out[len] = '\0';
}
