#include "supervisor/auth/secrets.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/utf8.h"

#define SEALED_MAX_BYTES (SECRET_VALUE_MAX_BYTES + NODE_KEY_SEAL_BYTES)
#define RECORD_MAX_BYTES (2 * SEALED_MAX_BYTES)
#define ABOUT_BYTES      (SECRET_NAME_MAX_BYTES + ID_UUID_LEN + 16)
#define VARIANT          sodium_base64_VARIANT_ORIGINAL

struct secrets {
    struct kv *kv;
    const struct node_key *key;
};

/* One change or read under way. It knows all that its answer needs, because that may come after
 * secrets_close. */
struct task {
    struct kv *kv;
    const struct node_key *key;
    char name[SECRET_NAME_MAX_BYTES + 1];
    char *record; /* to be written; NULL = remove */
    char *note;
    secrets_done_fn done;
    secrets_list_fn list;
    secrets_get_fn get;
    void *arg;
};

int secrets_open(struct kv *kv, const struct node_key *key, struct secrets **ret_secrets)
{
    struct secrets *secrets = calloc(1, sizeof(*secrets));

    if (secrets == NULL)
        return AMID_E_NOMEM;
    secrets->kv = kv;
    secrets->key = key;
    *ret_secrets = secrets;
    return 0;
}

void secrets_close(struct secrets *secrets)
{
    free(secrets);
}

bool secret_name_is_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    return len > 0 && len <= SECRET_NAME_MAX_BYTES && name[len] == '\0';
}

static void about_of(const char *name, const char *sid, char about[ABOUT_BYTES])
{
    snprintf(about, ABOUT_BYTES, "secret:%s:%s", name, sid);
}

static struct task *task_new(const struct secrets *secrets, const char *name, const char *note,
                             void *arg)
{
    struct task *task = calloc(1, sizeof(*task));

    if (task == NULL)
        return NULL;
    task->kv = secrets->kv;
    task->key = secrets->key;
    task->arg = arg;
    snprintf(task->name, sizeof(task->name), "%s", name);
    if (note != NULL) {
        task->note = strdup(note);
        if (task->note == NULL) {
            free(task);
            return NULL;
        }
    }
    return task;
}

static void task_free(struct task *task)
{
    free(task->record);
    free(task->note);
    free(task);
}

static void range_of_all(struct kv_range *ret_range)
{
    struct kv_key prefix;

    kv_key_of(&prefix, "ami", "secret", NULL);
    kv_range_of_prefix(ret_range, &prefix);
}

/* The record without its value; false if amid did not write it. */
static bool item_read(const cJSON *json, const uint8_t *key, size_t key_len,
                      struct secret_item *ret_item)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part = {.type = KV_PART_TRUE};
    const char *sid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "sid"));
    const cJSON *updated = cJSON_GetObjectItemCaseSensitive(json, "updated");
    size_t pos = 0;

    for (int i = 0; i < 3; i++) {
        if (kv_key_next(key, key_len, &pos, &part, scratch) != 1)
            return false;
    }
    if (part.type != KV_PART_STRING || part.len > SECRET_NAME_MAX_BYTES || sid == NULL ||
        strlen(sid) > ID_UUID_LEN || !cJSON_IsNumber(updated))
        return false;
    memcpy(ret_item->name, part.bytes, part.len);
    ret_item->name[part.len] = '\0';
    snprintf(ret_item->sid, sizeof(ret_item->sid), "%s", sid);
    ret_item->updated_ms = (int64_t)updated->valuedouble;
    return true;
}

static void written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct task *task = arg;

    (void)stamp;
    task->done(task->arg, error);
    task_free(task);
}

/* The record as it was read must still be there, or none if there was none. */
static int change_write(struct task *task, const struct kv_versionstamp *before)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct kv_key key;
    int error = atomic == NULL ? AMID_E_NOMEM : kv_key_of(&key, "ami", "secret", task->name, NULL);

    if (error == 0)
        error = kv_atomic_check(atomic, &key, before);
    if (error == 0 && task->record != NULL)
        error = kv_atomic_set(atomic, &key, task->record, strlen(task->record), 0);
    else if (error == 0)
        error = kv_atomic_delete(atomic, &key);
    if (error == 0 && task->note != NULL)
        error = kv_atomic_note(atomic, task->note, strlen(task->note));
    if (error != 0) {
        kv_atomic_free(atomic);
        return error;
    }
    return kv_commit(task->kv, atomic, written, task);
}

static void change_goes_on(void *arg, int error, const struct kv_entry *entries, size_t count,
                           bool more)
{
    struct task *task = arg;
    const struct kv_versionstamp *before = NULL;
    struct kv_key key;

    (void)more;
    if (error == 0)
        error = kv_key_of(&key, "ami", "secret", task->name, NULL);
    for (size_t i = 0; error == 0 && i < count; i++) {
        if (entries[i].key_len == key.len && memcmp(entries[i].key, key.bytes, key.len) == 0)
            before = &entries[i].versionstamp;
    }
    if (error == 0 && before == NULL && task->record == NULL)
        error = AMID_E_NOT_FOUND;
    if (error == 0 && before == NULL && count >= SECRETS_MAX)
        error = AMID_E_LIMIT;
    if (error == 0)
        error = change_write(task, before);
    if (error != 0) {
        task->done(task->arg, error);
        task_free(task);
    }
}

/* Consumes task unless it fails. */
static int change_begin(struct task *task)
{
    struct kv_range range;

    range_of_all(&range);
    return kv_list(task->kv, &range, change_goes_on, task);
}

/* {"sid":…,"updated":…,"sealed":…} */
static char *record_make(const struct node_key *key, const char *name, const char *sid,
                         const char *value, size_t len)
{
    size_t sealed_len = len + NODE_KEY_SEAL_BYTES;
    size_t text_size = sodium_base64_encoded_len(sealed_len, VARIANT);
    uint8_t *sealed = malloc(sealed_len);
    char *text = malloc(text_size);
    char about[ABOUT_BYTES];
    struct buffer record;
    char *made = NULL;

    about_of(name, sid, about);
    buffer_init(&record, RECORD_MAX_BYTES);
    if (sealed != NULL && text != NULL && node_key_seal(key, about, value, len, sealed) == 0) {
        sodium_bin2base64(text, text_size, sealed, sealed_len, VARIANT);
        buffer_printf(&record, "{\"sid\":\"%s\",\"updated\":%" PRId64 ",\"sealed\":\"", sid,
                      clock_real_ms());
        buffer_append_str(&record, text);
        buffer_append_str(&record, "\"}");
        made = buffer_take(&record, NULL);
    }
    buffer_free(&record);
    free(sealed);
    free(text);
    return made;
}

int secrets_set(struct secrets *secrets, const char *name, const char *sid, const char *value,
                size_t len, const char *note, secrets_done_fn fn, void *arg)
{
    struct task *task;
    int error;

    if (!secret_name_is_valid(name) || (sid[0] != '\0' && !id_is_uuid(sid)) || len == 0 ||
        memchr(value, '\0', len) != NULL || !utf8_is_valid(value, len))
        return AMID_E_INVALID;
    if (len > SECRET_VALUE_MAX_BYTES)
        return AMID_E_TOO_LARGE;
    task = task_new(secrets, name, note, arg);
    if (task == NULL)
        return AMID_E_NOMEM;
    task->done = fn;
    task->record = record_make(secrets->key, name, sid, value, len);
    error = task->record == NULL ? AMID_E_NOMEM : change_begin(task);
    if (error != 0)
        task_free(task);
    return error;
}

int secrets_remove(struct secrets *secrets, const char *name, const char *note, secrets_done_fn fn,
                   void *arg)
{
    struct task *task;
    int error;

    if (!secret_name_is_valid(name))
        return AMID_E_INVALID;
    task = task_new(secrets, name, note, arg);
    if (task == NULL)
        return AMID_E_NOMEM;
    task->done = fn;
    error = change_begin(task);
    if (error != 0)
        task_free(task);
    return error;
}

static void listed(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct task *task = arg;
    struct secret_item *items = error == 0 ? calloc(count + 1, sizeof(*items)) : NULL;
    size_t found = 0;

    (void)more;
    if (error == 0 && items == NULL)
        error = AMID_E_NOMEM;
    for (size_t i = 0; error == 0 && i < count; i++) {
        cJSON *json = cJSON_ParseWithLength(entries[i].value, entries[i].value_len);
        if (item_read(json, entries[i].key, entries[i].key_len, &items[found]))
            found++;
        cJSON_Delete(json);
    }
    task->list(task->arg, error, items, found);
    free(items);
    task_free(task);
}

int secrets_list(struct secrets *secrets, secrets_list_fn fn, void *arg)
{
    struct task *task = task_new(secrets, "", NULL, arg);
    struct kv_range range;
    int error;

    if (task == NULL)
        return AMID_E_NOMEM;
    task->list = fn;
    range_of_all(&range);
    error = kv_list(task->kv, &range, listed, task);
    if (error != 0)
        task_free(task);
    return error;
}

/* Into guarded memory; *ret_plain is freed with sodium_free, which wipes it. */
static int open_record(const struct task *task, const struct kv_entry *entry,
                       struct secret_item *ret_item, char **ret_plain, size_t *ret_len)
{
    cJSON *json = cJSON_ParseWithLength(entry->value, entry->value_len);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "sealed"));
    uint8_t *sealed = malloc(SEALED_MAX_BYTES);
    char about[ABOUT_BYTES];
    size_t len = 0;
    int error = sealed == NULL ? AMID_E_NOMEM : AMID_E_CORRUPT;

    if (sealed != NULL && text != NULL && item_read(json, entry->key, entry->key_len, ret_item) &&
        sodium_base642bin(sealed, SEALED_MAX_BYTES, text, strlen(text), NULL, &len, NULL,
                          VARIANT) == 0 &&
        len > NODE_KEY_SEAL_BYTES)
        error = 0;
    char *plain = error == 0 ? sodium_malloc(len - NODE_KEY_SEAL_BYTES) : NULL;
    if (error == 0 && plain == NULL)
        error = AMID_E_NOMEM;
    if (error == 0) {
        about_of(ret_item->name, ret_item->sid, about);
        error = node_key_open_sealed(task->key, about, sealed, len, plain);
    }
    cJSON_Delete(json);
    free(sealed);
    if (error != 0) {
        sodium_free(plain);
        return error;
    }
    *ret_plain = plain;
    *ret_len = len - NODE_KEY_SEAL_BYTES;
    return 0;
}

static void got(void *arg, int error, const struct kv_entry *entry)
{
    struct task *task = arg;
    struct secret_item item;
    char *plain = NULL;
    size_t len = 0;

    if (error == 0)
        error = entry == NULL ? AMID_E_NOT_FOUND : open_record(task, entry, &item, &plain, &len);
    task->get(task->arg, error, plain, len, error == 0 ? &item : NULL);
    sodium_free(plain);
    task_free(task);
}

int secrets_get(struct secrets *secrets, const char *name, secrets_get_fn fn, void *arg)
{
    struct task *task;
    struct kv_key key;
    int error;

    if (!secret_name_is_valid(name))
        return AMID_E_NOT_FOUND;
    task = task_new(secrets, name, NULL, arg);
    if (task == NULL)
        return AMID_E_NOMEM;
    task->get = fn;
    error = kv_key_of(&key, "ami", "secret", name, NULL);
    if (error == 0)
        error = kv_get(task->kv, &key, got, task);
    if (error != 0)
        task_free(task);
    return error;
}
