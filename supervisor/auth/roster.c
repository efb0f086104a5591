#include "supervisor/auth/roster.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "wallet/address.h"

#define VALUE_MAX_BYTES 256

struct roster_change {
    struct roster_change *previous, *next;
    struct roster *roster;     /* NULL: closed meanwhile */
    struct roster_entry entry; /* as it will be; wallet "" = it stays as it is */
    roster_done_fn fn;         /* NULL: abandoned */
    void *arg;
};

struct roster_load {
    struct roster *roster; /* NULL: closed meanwhile */
};

struct roster {
    struct kv *local;
    const struct config *config;
    struct roster_entry entries[ROSTER_ENTRIES_MAX];
    size_t count;
    struct roster_change *changes; /* whose commits are under way */
    struct roster_load *load;
    roster_ready_fn ready;
    void *ready_arg;
};

static const char *const state_names[ROSTER_STATE_MAX] = {
    [ROSTER_PENDING] = "pending",
    [ROSTER_APPROVED] = "approved",
    [ROSTER_DENIED] = "denied",
};

const char *roster_state_name(enum roster_state state)
{
    return state_names[state];
}

static int read_state(const char *name, enum roster_state *ret_state)
{
    for (int i = 0; name != NULL && i < ROSTER_STATE_MAX; i++) {
        if (strcmp(state_names[i], name) == 0) {
            *ret_state = (enum roster_state)i;
            return 0;
        }
    }
    return AMID_E_INVALID;
}

static int read_value(const struct kv_entry *stored, struct roster_entry *ret_entry)
{
    struct roster_entry entry = {.wallet = ""};
    struct json_fault fault;
    cJSON *json = NULL;
    const char *wallet;
    const cJSON *at;
    int error = json_parse(stored->value, stored->value_len, &json, &fault);

    if (error != 0)
        return error;
    wallet = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "wallet"));
    at = cJSON_GetObjectItemCaseSensitive(json, "at");
    error = read_state(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "state")),
                       &entry.state);
    if (wallet == NULL || !address_is_valid(wallet, strlen(wallet)) || !cJSON_IsNumber(at) ||
        !(at->valuedouble >= 0 && at->valuedouble < 9e15))
        error = AMID_E_INVALID;
    if (error == 0) {
        memcpy(entry.wallet, wallet, sizeof(entry.wallet));
        entry.at_ms = (int64_t)at->valuedouble;
        *ret_entry = entry;
    }
    cJSON_Delete(json);
    return error;
}

static void list_read(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct roster_load *load = arg;
    struct roster *roster = load->roster;

    (void)more;
    free(load);
    if (roster == NULL)
        return;
    roster->load = NULL;
    for (size_t i = 0; i < count && error == 0; i++) {
        if (read_value(&entries[i], &roster->entries[roster->count]) == 0)
            roster->count++;
        else
            log_error(&(struct log_about){.event = "access-unreadable"},
                      "a stored decision about a wallet cannot be read and counts for nothing");
    }
    roster->ready(roster->ready_arg, error);
}

/* A wallet that is mistyped would be nobody's, without a word. */
static void check_list(const char *setting, const char *list)
{
    for (const char *item = list; *item != '\0';) {
        size_t len = strcspn(item, ",");

        if (!address_is_valid(item, len))
            log_warn(&(struct log_about){.event = "setting-useless"},
                     "auth.%s: \"%.*s\" is no wallet's address", setting, (int)len, item);
        item += len + (item[len] == ',');
    }
}

int roster_open(struct kv *local, const struct config *config, roster_ready_fn ready, void *arg,
                struct roster **ret_roster)
{
    struct kv_range range = {.limit = ROSTER_ENTRIES_MAX};
    struct roster *roster = calloc(1, sizeof(*roster));
    struct roster_load *load = calloc(1, sizeof(*load));
    struct kv_key prefix;
    int error = roster == NULL || load == NULL ? AMID_E_NOMEM : 0;

    if (error == 0)
        error = kv_key_of(&prefix, "ami", "access", NULL);
    if (error == 0) {
        kv_range_of_prefix(&range, &prefix);
        range.limit = ROSTER_ENTRIES_MAX;
        *roster = (struct roster){
            .local = local, .config = config, .load = load, .ready = ready, .ready_arg = arg};
        load->roster = roster;
        error = kv_list(local, &range, list_read, load);
    }
    if (error != 0) {
        free(load);
        free(roster);
        return error;
    }
    check_list("owners", config->auth_owners);
    check_list("developers", config->auth_developers);
    check_list("viewers", config->auth_viewers);
    *ret_roster = roster;
    return 0;
}

void roster_close(struct roster *roster)
{
    if (roster == NULL)
        return;
    if (roster->load != NULL)
        roster->load->roster = NULL;
    for (struct roster_change *change = roster->changes; change != NULL; change = change->next)
        change->roster = NULL;
    free(roster);
}

static bool lists(const char *list, const char *wallet)
{
    size_t wallet_len = strlen(wallet);

    while (*list != '\0') {
        size_t len = strcspn(list, ",");

        if (len == wallet_len && memcmp(list, wallet, len) == 0)
            return true;
        list += len + (list[len] == ',');
    }
    return false;
}

enum role roster_role(void *arg, const char *wallet)
{
    const struct roster *roster = arg;
    const struct roster_entry *entry = roster_find(roster, wallet);

    if (wallet[0] == '\0')
        return ROLE_NONE;
    if (lists(roster->config->auth_owners, wallet))
        return ROLE_OWNER;
    if (lists(roster->config->auth_developers, wallet) ||
        (entry != NULL && entry->state == ROSTER_APPROVED))
        return ROLE_DEVELOPER;
    return lists(roster->config->auth_viewers, wallet) ? ROLE_VIEWER : ROLE_NONE;
}

static bool is_forgotten(const struct roster_entry *entry)
{
    return entry->state == ROSTER_PENDING && clock_real_ms() - entry->at_ms > ROSTER_PENDING_MS;
}

const struct roster_entry *roster_find(const struct roster *roster, const char *wallet)
{
    for (size_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->entries[i].wallet, wallet) == 0)
            return is_forgotten(&roster->entries[i]) ? NULL : &roster->entries[i];
    }
    return NULL;
}

const struct roster_entry *roster_at(const struct roster *roster, size_t index)
{
    for (size_t i = 0; i < roster->count; i++) {
        if (!is_forgotten(&roster->entries[i]) && index-- == 0)
            return &roster->entries[i];
    }
    return NULL;
}

/* The place of a wallet: its own, a new one, or that of a request that is forgotten; NULL: full. */
static struct roster_entry *place_of(struct roster *roster, const char *wallet)
{
    struct roster_entry *free_place = NULL;

    for (size_t i = 0; i < roster->count; i++) {
        if (strcmp(roster->entries[i].wallet, wallet) == 0)
            return &roster->entries[i];
        if (is_forgotten(&roster->entries[i]))
            free_place = &roster->entries[i];
    }
    if (roster->count < ROSTER_ENTRIES_MAX)
        return &roster->entries[roster->count];
    return free_place;
}

static void unlink_change(struct roster_change *change)
{
    if (change->previous != NULL)
        change->previous->next = change->next;
    else
        change->roster->changes = change->next;
    if (change->next != NULL)
        change->next->previous = change->previous;
}

static int take(struct roster *roster, const struct roster_entry *entry)
{
    struct roster_entry *place;

    if (entry->wallet[0] == '\0')
        return 0;
    place = place_of(roster, entry->wallet);
    if (place == NULL)
        return AMID_E_LIMIT;
    roster->count += place == &roster->entries[roster->count];
    *place = *entry;
    return 0;
}

static void committed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct roster_change *change = arg;

    (void)stamp;
    if (change->roster != NULL) {
        unlink_change(change);
        if (error == 0)
            error = take(change->roster, &change->entry);
        if (change->fn != NULL)
            change->fn(change->arg, error);
    }
    free(change);
}

/* With those that are being stored. */
static bool has_room(const struct roster *roster, enum roster_state state)
{
    size_t pending = 0, all = roster->count;

    for (size_t i = 0; i < roster->count; i++) {
        bool is_free = is_forgotten(&roster->entries[i]);

        all -= is_free;
        pending += !is_free && roster->entries[i].state == ROSTER_PENDING;
    }
    for (const struct roster_change *change = roster->changes; change != NULL;
         change = change->next) {
        if (change->entry.wallet[0] == '\0')
            continue;
        all++;
        pending += change->entry.state == ROSTER_PENDING;
    }
    return all < ROSTER_ENTRIES_MAX && (state != ROSTER_PENDING || pending < ROSTER_PENDING_MAX);
}

static int prepare(struct kv_atomic *atomic, const struct roster_entry *entry)
{
    int64_t expire_ms = entry->state == ROSTER_PENDING ? ROSTER_PENDING_MS : 0;
    struct buffer value;
    struct kv_key key;
    int error = kv_key_of(&key, "ami", "access", entry->wallet, NULL);

    buffer_init(&value, VALUE_MAX_BYTES);
    buffer_printf(&value, "{\"wallet\":\"%s\",\"state\":\"%s\",\"at\":%lld}", entry->wallet,
                  state_names[entry->state], (long long)entry->at_ms);
    if (error == 0)
        error = buffer_status(&value);
    if (error == 0)
        error = kv_atomic_set(atomic, &key, value.data, value.len, expire_ms);
    buffer_free(&value);
    return error;
}

/* Consumes atomic. entry NULL: all stays as it is. */
static int start(struct roster *roster, const struct roster_entry *entry, struct kv_atomic *atomic,
                 roster_done_fn fn, void *arg, struct roster_change **ret_change)
{
    struct roster_change *change = calloc(1, sizeof(*change));
    int error = change == NULL || atomic == NULL ? AMID_E_NOMEM : 0;

    if (error == 0) {
        *change = (struct roster_change){.roster = roster, .fn = fn, .arg = arg};
        if (entry != NULL) {
            change->entry = *entry;
            error = prepare(atomic, entry);
        }
    }
    if (error != 0)
        kv_atomic_free(atomic);
    else
        error = kv_commit(roster->local, atomic, committed, change);
    if (error != 0) {
        free(change);
        return error;
    }
    change->next = roster->changes;
    if (change->next != NULL)
        change->next->previous = change;
    roster->changes = change;
    if (ret_change != NULL)
        *ret_change = change;
    return 0;
}

int roster_set(struct roster *roster, const char *wallet, enum roster_state state,
               struct kv_atomic *atomic, roster_done_fn fn, void *arg,
               struct roster_change **ret_change)
{
    struct roster_entry entry = {.state = state, .at_ms = clock_real_ms()};
    int error = 0;

    if (!address_is_valid(wallet, strlen(wallet)))
        error = AMID_E_INVALID;
    else if (roster_find(roster, wallet) == NULL && !has_room(roster, state))
        error = AMID_E_LIMIT;
    if (error != 0) {
        kv_atomic_free(atomic);
        return error;
    }
    memcpy(entry.wallet, wallet, sizeof(entry.wallet));
    return start(roster, &entry, atomic != NULL ? atomic : kv_atomic_new(), fn, arg, ret_change);
}

static bool is_changing(const struct roster *roster, const char *wallet)
{
    for (const struct roster_change *change = roster->changes; change != NULL;
         change = change->next) {
        if (strcmp(change->entry.wallet, wallet) == 0)
            return true;
    }
    return false;
}

int roster_ask(struct roster *roster, const char *wallet, struct kv_atomic *atomic,
               roster_done_fn fn, void *arg, struct roster_change **ret_change)
{
    if (roster_find(roster, wallet) == NULL && !is_changing(roster, wallet))
        return roster_set(roster, wallet, ROSTER_PENDING, atomic, fn, arg, ret_change);
    return start(roster, NULL, atomic, fn, arg, ret_change);
}

void roster_change_abandon(struct roster_change *change)
{
    change->fn = NULL;
}
