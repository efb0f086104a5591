/*
 * Secrets at rest: what is sealed opens only with its key, its name and its worker; a record that
 * somebody changed in the database is an error, never another value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/auth/secrets.h"
#include "tests/unit/kv_harness.h"

#define SID "6f1d0a7e-0000-4000-8000-000000000001"

struct outcome {
    bool done;
    int error;
    char value[128];
    char sid[64];
    size_t count;
};

static void changed(void *arg, int error)
{
    struct outcome *outcome = arg;
    outcome->done = true;
    outcome->error = error;
}

static void got(void *arg, int error, const char *value, size_t len, const struct secret_item *item)
{
    struct outcome *outcome = arg;
    outcome->done = true;
    outcome->error = error;
    if (error != 0)
        return;
    snprintf(outcome->value, sizeof(outcome->value), "%.*s", (int)len, value);
    snprintf(outcome->sid, sizeof(outcome->sid), "%s", item->sid);
}

static void listed(void *arg, int error, const struct secret_item *items, size_t count)
{
    struct outcome *outcome = arg;
    outcome->done = true;
    outcome->error = error;
    outcome->count = count;
    if (count > 0)
        snprintf(outcome->value, sizeof(outcome->value), "%s", items[0].name);
}

static struct node_key *key_of_state(const struct harness *harness)
{
    struct node_key *key = NULL;
    char reason[256] = "";
    assert_int_equal(node_key_from_state(harness->folder, &key, reason, sizeof(reason)), 0);
    assert_false(node_key_is_outside(key));
    return key;
}

static struct secrets *begin(struct harness *harness, const struct node_key *key)
{
    struct secrets *secrets = NULL;
    assert_int_equal(harness_open(harness), 0);
    assert_int_equal(secrets_open(store_local(harness->store), key, &secrets), 0);
    return secrets;
}

static struct outcome set(struct harness *harness, struct secrets *secrets, const char *name,
                          const char *sid, const char *value)
{
    struct outcome outcome = {.done = false};
    outcome.error = secrets_set(secrets, name, sid, value, strlen(value), NULL, changed, &outcome);
    if (outcome.error == 0)
        harness_wait(harness, &outcome.done);
    return outcome;
}

static struct outcome get(struct harness *harness, struct secrets *secrets, const char *name)
{
    struct outcome outcome = {.done = false};
    outcome.error = secrets_get(secrets, name, got, &outcome);
    if (outcome.error == 0)
        harness_wait(harness, &outcome.done);
    return outcome;
}

static void test_round(void **state)
{
    struct harness *harness = *state;
    struct node_key *key = key_of_state(harness);
    struct secrets *secrets = begin(harness, key);
    struct outcome outcome = {.done = false};
    assert_int_equal(get(harness, secrets, "a").error, AMID_E_NOT_FOUND);
    assert_int_equal(set(harness, secrets, "a", SID, "one").error, 0);
    assert_int_equal(set(harness, secrets, "b", "", "two").error, 0);
    assert_string_equal(get(harness, secrets, "a").value, "one");
    assert_string_equal(get(harness, secrets, "a").sid, SID);
    assert_string_equal(get(harness, secrets, "b").value, "two");
    assert_int_equal(secrets_list(secrets, listed, &outcome), 0);
    harness_wait(harness, &outcome.done);
    assert_int_equal(outcome.count, 2);
    assert_string_equal(outcome.value, "a");
    secrets_close(secrets);
    harness_close(harness);
    node_key_free(key);

    key = key_of_state(harness); /* the same file again */
    secrets = begin(harness, key);
    assert_string_equal(get(harness, secrets, "b").value, "two");
    outcome = (struct outcome){.done = false};
    assert_int_equal(secrets_remove(secrets, "b", NULL, changed, &outcome), 0);
    harness_wait(harness, &outcome.done);
    assert_int_equal(outcome.error, 0);
    outcome = (struct outcome){.done = false};
    assert_int_equal(secrets_remove(secrets, "b", NULL, changed, &outcome), 0);
    harness_wait(harness, &outcome.done);
    assert_int_equal(outcome.error, AMID_E_NOT_FOUND);
    secrets_close(secrets);
    harness_close(harness);
    node_key_free(key);
}

/* A record that is put under another name, given to another worker, or changed. */
static void test_changed_record(void **state)
{
    struct harness *harness = *state;
    struct node_key *key = key_of_state(harness);
    struct secrets *secrets = begin(harness, key);
    struct kv *local = store_local(harness->store);
    struct kv_key from, to;
    char text[256];
    struct answer record = {.done = false};
    assert_int_equal(set(harness, secrets, "a", "", "one").error, 0);
    kv_key_of(&from, "ami", "secret", "a", NULL);
    kv_key_of(&to, "ami", "secret", "b", NULL);
    assert_int_equal(kv_get(local, &from, answer_get, &record), 0);
    harness_wait(harness, &record.done);
    const char *const forged[] = {
        record.value,
        "{}",
        "[]",
        "{\"sid\":\"\",\"updated\":1,\"sealed\":\"\"}",
        "{\"sid\":\"\",\"updated\":1,\"sealed\":\"AAAA\"}",
        "{\"sid\":\"\",\"updated\":1,\"sealed\":\"????\"}",
        "{\"sid\":7,\"updated\":1,\"sealed\":\"AAAA\"}",
    };
    for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        assert_int_equal(kv_atomic_set(atomic, &to, forged[i], strlen(forged[i]), 0), 0);
        assert_int_equal(harness_commit(harness, local, atomic).error, 0);
        assert_int_equal(get(harness, secrets, "b").error, AMID_E_CORRUPT);
    }
    snprintf(text, sizeof(text), "{\"sid\":\"" SID "\"%s", strstr(record.value, ",\"updated\""));
    struct kv_atomic *atomic = kv_atomic_new();
    assert_int_equal(kv_atomic_set(atomic, &from, text, strlen(text), 0), 0);
    assert_int_equal(harness_commit(harness, local, atomic).error, 0);
    assert_int_equal(get(harness, secrets, "a").error, AMID_E_CORRUPT);
    secrets_close(secrets);
    harness_close(harness);
    node_key_free(key);
}

static void test_refusals(void **state)
{
    struct harness *harness = *state;
    struct node_key *key = key_of_state(harness);
    struct secrets *secrets = begin(harness, key);
    char name[16];
    assert_int_equal(set(harness, secrets, "a/b", "", "x").error, AMID_E_INVALID);
    assert_int_equal(set(harness, secrets, "", "", "x").error, AMID_E_INVALID);
    assert_int_equal(set(harness, secrets, "a", "nobody", "x").error, AMID_E_INVALID);
    assert_int_equal(set(harness, secrets, "a", "", "").error, AMID_E_INVALID);
    assert_int_equal(set(harness, secrets, "a", "", "\xff").error, AMID_E_INVALID);
    assert_int_equal(secrets_set(secrets, "a", "", "a\0b", 3, NULL, changed, NULL), AMID_E_INVALID);
    for (int i = 0; i < SECRETS_MAX; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        assert_int_equal(set(harness, secrets, name, "", "x").error, 0);
    }
    assert_int_equal(set(harness, secrets, "more", "", "x").error, AMID_E_LIMIT);
    assert_int_equal(set(harness, secrets, "n7", "", "y").error, 0);
    assert_string_equal(get(harness, secrets, "n7").value, "y");
    secrets_close(secrets);
    harness_close(harness);
    node_key_free(key);
}

static void test_seal(void **state)
{
    struct node_key *key = key_of_state(*state);
    uint8_t sealed[4 + NODE_KEY_SEAL_BYTES], again[sizeof(sealed)];
    char plain[4];
    assert_int_equal(node_key_seal(key, "about", "text", 4, sealed), 0);
    assert_int_equal(node_key_seal(key, "about", "text", 4, again), 0);
    assert_memory_not_equal(sealed, again, sizeof(sealed));
    assert_int_equal(node_key_open_sealed(key, "about", sealed, sizeof(sealed), plain), 0);
    assert_memory_equal(plain, "text", 4);
    assert_int_equal(node_key_open_sealed(key, "abouT", sealed, sizeof(sealed), plain),
                     AMID_E_CORRUPT);
    assert_int_equal(node_key_open_sealed(key, "about", sealed, 3, plain), AMID_E_CORRUPT);
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 1;
        assert_int_equal(node_key_open_sealed(key, "about", sealed, sizeof(sealed), plain),
                         AMID_E_CORRUPT);
        sealed[i] ^= 1;
    }
    node_key_free(key);
}

static int make(void **state)
{
    static struct harness harness;
    harness_make(&harness);
    *state = &harness;
    return 0;
}

static int drop(void **state)
{
    const struct harness *harness = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/node.key", harness->folder);
    unlink(path);
    harness_drop(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_seal, make, drop),
        cmocka_unit_test_setup_teardown(test_round, make, drop),
        cmocka_unit_test_setup_teardown(test_changed_record, make, drop),
        cmocka_unit_test_setup_teardown(test_refusals, make, drop),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
