#include <inttypes.h>

#include "common/error.h"
#include "supervisor/kv/etcd_space_internal.h"

/* Checks come first and all together; the revisions that numbers were computed from are compared in
 * a transaction inside of it. So both have etcd's limit of 128 operations for themselves. */

static bool is_number(const struct kv_mutation *mutation)
{
    return mutation->kind == KV_MUTATION_NUMBER;
}

static bool is_deletion(const struct kv_mutation *mutation)
{
    return mutation->kind == KV_MUTATION_DELETE;
}

static void append_comma(struct buffer *out, bool *is_first)
{
    if (!*is_first)
        buffer_append_char(out, ',');
    *is_first = false;
}

static void append_range(struct buffer *out, const struct etcd_space *space, const uint8_t *key,
                         size_t len, bool keys_only)
{
    buffer_append_str(out, "{\"request_range\":{");
    etcd_body_key(out, space, "key", key, len);
    buffer_append_str(out, keys_only ? ",\"keys_only\":true}}" : "}}");
}

static void append_compare(struct buffer *out, const struct etcd_space *space, const uint8_t *key,
                           size_t len, int64_t revision)
{
    buffer_append_str(out, "{\"target\":\"MOD\",\"result\":\"EQUAL\",");
    etcd_body_key(out, space, "key", key, len);
    buffer_append_char(out, ',');
    etcd_body_int64(out, "mod_revision", revision);
    buffer_append_char(out, '}');
}

static int64_t check_revision(const struct etcd_space *space, const struct kv_check *check)
{
    return check->absent ? 0 : etcd_stamp_revision(space, &check->stamp);
}

static void append_checks(struct buffer *out, const struct etcd_txn *txn)
{
    bool is_first = true;

    for (size_t i = 0; i < txn->atomic->check_count; i++) {
        const struct kv_check *check = &txn->atomic->checks[i];
        append_comma(out, &is_first);
        append_compare(out, txn->space, check->key, check->key_len,
                       check_revision(txn->space, check));
    }
}

/* Which of the checks failed matters only for those that are fences. */
static void append_fences(struct buffer *out, const struct etcd_txn *txn)
{
    bool is_first = true;

    for (size_t i = 0; i < txn->atomic->check_count; i++) {
        const struct kv_check *check = &txn->atomic->checks[i];
        if (!check->is_fence)
            continue;
        append_comma(out, &is_first);
        append_range(out, txn->space, check->key, check->key_len, true);
    }
}

static int64_t lease_of(const struct etcd_txn *txn, size_t i)
{
    if (txn->expiries[i] != NULL)
        return txn->expiries[i]->id;
    return txn->atomic->mutations[i].lease_id;
}

static void append_mutation(struct buffer *out, const struct etcd_txn *txn, size_t i)
{
    const struct kv_mutation *mutation = &txn->atomic->mutations[i];

    if (is_deletion(mutation)) {
        buffer_append_str(out, "{\"request_delete_range\":{");
        etcd_body_key(out, txn->space, "key", mutation->key, mutation->key_len);
        buffer_append_str(out, "}}");
        return;
    }
    buffer_append_str(out, "{\"request_put\":{");
    etcd_body_key(out, txn->space, "key", mutation->key, mutation->key_len);
    buffer_append_char(out, ',');
    etcd_body_bytes(out, "value", mutation->value, mutation->value_len);
    if (lease_of(txn, i) != 0) {
        buffer_append_char(out, ',');
        etcd_body_int64(out, "lease", lease_of(txn, i));
    }
    buffer_append_str(out, "}}");
}

static void append_mutations(struct buffer *out, const struct etcd_txn *txn)
{
    bool is_first = true;

    for (size_t i = 0; i < txn->atomic->mutation_count; i++) {
        if (txn->atomic->mutations[i].superseded)
            continue;
        append_comma(out, &is_first);
        append_mutation(out, txn, i);
    }
}

static void append_inner(struct buffer *out, const struct etcd_txn *txn)
{
    bool is_first = true;

    buffer_append_str(out, "{\"request_txn\":{\"compare\":[");
    for (size_t i = 0; i < txn->atomic->mutation_count; i++) {
        const struct kv_mutation *mutation = &txn->atomic->mutations[i];
        if (!txn->befores[i].is_read)
            continue;
        append_comma(out, &is_first);
        append_compare(out, txn->space, mutation->key, mutation->key_len, txn->befores[i].revision);
    }
    buffer_append_str(out, "],\"success\":[");
    append_mutations(out, txn);
    buffer_append_str(out, "]}}");
}

static int body_take(struct buffer *body, char **ret_body, size_t *ret_len)
{
    int error = buffer_status(body);

    if (error == 0)
        *ret_body = buffer_take(body, ret_len);
    buffer_free(body);
    return error;
}

int etcd_txn_body(const struct etcd_txn *txn, char **ret_body, size_t *ret_len)
{
    struct buffer body;

    buffer_init(&body, ETCD_BODY_MAX_BYTES);
    buffer_append_str(&body, "{\"compare\":[");
    append_checks(&body, txn);
    buffer_append_str(&body, "],\"success\":[");
    if (!txn->only_checks && txn->befores != NULL)
        append_inner(&body, txn);
    else if (!txn->only_checks)
        append_mutations(&body, txn);
    buffer_append_str(&body, "],\"failure\":[");
    append_fences(&body, txn);
    buffer_append_str(&body, "]}");
    return body_take(&body, ret_body, ret_len);
}

int etcd_txn_read_body(const struct etcd_txn *txn, char **ret_body, size_t *ret_len)
{
    struct buffer body;
    bool is_first = true;

    buffer_init(&body, ETCD_BODY_MAX_BYTES);
    buffer_append_str(&body, "{\"success\":[");
    for (size_t i = 0; i < txn->atomic->mutation_count; i++) {
        const struct kv_mutation *mutation = &txn->atomic->mutations[i];
        if (!is_number(mutation) || !txn->befores[i].is_read)
            continue;
        append_comma(&body, &is_first);
        append_range(&body, txn->space, mutation->key, mutation->key_len, false);
    }
    buffer_append_str(&body, "]}");
    return body_take(&body, ret_body, ret_len);
}

static const cJSON *first_response(const cJSON *answer)
{
    const cJSON *responses = cJSON_GetObjectItemCaseSensitive(answer, "responses");
    return cJSON_IsArray(responses) ? responses->child : NULL;
}

int etcd_txn_refusal(const struct etcd_txn *txn, const cJSON *answer)
{
    const cJSON *response = first_response(answer);

    for (size_t i = 0; i < txn->atomic->check_count; i++) {
        const struct kv_check *check = &txn->atomic->checks[i];
        int64_t revision = 0;
        if (!check->is_fence)
            continue;
        if (response == NULL)
            return AMID_E_PROTOCOL;
        const cJSON *range = cJSON_GetObjectItemCaseSensitive(response, "response_range");
        const cJSON *kvs = cJSON_GetObjectItemCaseSensitive(range, "kvs");
        const cJSON *kv = cJSON_GetArrayItem(kvs, 0);
        if (!cJSON_IsObject(range) ||
            (kv != NULL && etcd_member_int64(kv, "mod_revision", &revision) != 0))
            return AMID_E_PROTOCOL;
        if (revision != check_revision(txn->space, check))
            return AMID_E_LEASE_LOST;
        response = response->next;
    }
    return AMID_E_CONFLICT;
}

int etcd_txn_result(const struct etcd_txn *txn, const cJSON *answer, bool *ret_changed,
                    bool *ret_lost_race)
{
    const cJSON *response = first_response(answer);
    bool changed = false;

    *ret_lost_race = false;
    *ret_changed = false;
    if (txn->only_checks)
        return 0;
    if (txn->befores != NULL) {
        const cJSON *inner = cJSON_GetObjectItemCaseSensitive(response, "response_txn");
        if (!cJSON_IsObject(inner))
            return AMID_E_PROTOCOL;
        *ret_lost_race = !etcd_member_bool(inner, "succeeded");
        if (*ret_lost_race)
            return 0;
        response = first_response(inner);
    }
    for (; response != NULL; response = response->next) {
        const cJSON *deletion = cJSON_GetObjectItemCaseSensitive(response, "response_delete_range");
        int64_t deleted = 0;
        if (cJSON_HasObjectItem(response, "response_put"))
            changed = true;
        (void)etcd_member_int64(deletion, "deleted", &deleted);
        changed = changed || deleted > 0;
    }
    *ret_changed = changed;
    return 0;
}
