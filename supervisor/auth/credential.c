#include "supervisor/auth/credential.h"

#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/json.h"
#include "supervisor/auth/rights.h"
#include "wallet/address.h"

_Static_assert(PRINCIPAL_WALLET_LEN == ADDRESS_LEN, "a wallet is an address");
_Static_assert(CREDENTIAL_HASH_BYTES == crypto_generichash_BYTES, "BLAKE2b-256");

static const char *const kind_names[PRINCIPAL_KIND_MAX] = {
    [PRINCIPAL_OWNER_TOKEN] = "owner-token",
    [PRINCIPAL_TOKEN] = "token",
    [PRINCIPAL_SESSION] = "session",
};

static void fill_id(struct credential *credential)
{
    id_hex(credential->hash, PRINCIPAL_ID_LEN / 2, credential->id);
}

bool credential_of_secret(struct credential *credential, const char *text, size_t len)
{
    if (len != CREDENTIAL_SECRET_HEX)
        return false;
    crypto_generichash(credential->hash, sizeof credential->hash, (const unsigned char *)text, len,
                       NULL, 0);
    fill_id(credential);
    return true;
}

void credential_make(struct credential *credential, char *secret)
{
    unsigned char bytes[CREDENTIAL_SECRET_HEX / 2];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(secret, CREDENTIAL_SECRET_HEX + 1, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    credential_of_secret(credential, secret, CREDENTIAL_SECRET_HEX);
}

static void append_text(struct buffer *out, const char *name, const char *text)
{
    buffer_printf(out, ",\"%s\":", name);
    json_append_string(out, text, strlen(text));
}

int credential_to_value(const struct credential *credential, struct buffer *out)
{
    char hash[2 * CREDENTIAL_HASH_BYTES + 1];

    id_hex(credential->hash, sizeof credential->hash, hash);
    buffer_printf(out, "{\"kind\":\"%s\"", kind_names[credential->kind]);
    append_text(out, "hash", hash);
    append_text(out, "role", role_name(credential->role));
    append_text(out, "wallet", credential->wallet);
    append_text(out, "name", credential->name);
    buffer_printf(out, ",\"created\":%lld,\"expires\":%lld,\"seen\":%lld}",
                  (long long)credential->created_ms, (long long)credential->expires_ms,
                  (long long)credential->seen_ms);
    return buffer_status(out);
}

static bool read_text(const cJSON *json, const char *name, char *out, size_t size)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    return text != NULL && snprintf(out, size, "%s", text) < (int)size;
}

static bool read_time(const cJSON *json, const char *name, int64_t *ret_ms)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < 9e15))
        return false;
    *ret_ms = (int64_t)item->valuedouble;
    return true;
}

static enum principal_kind kind_of_name(const char *name)
{
    for (int i = 0; i < PRINCIPAL_KIND_MAX; i++) {
        if (kind_names[i] != NULL && strcmp(kind_names[i], name) == 0)
            return (enum principal_kind)i;
    }
    return PRINCIPAL_NONE;
}

static bool is_whole(const struct credential *credential)
{
    bool has_wallet = credential->wallet[0] != '\0';

    if (has_wallet && strlen(credential->wallet) != PRINCIPAL_WALLET_LEN)
        return false;
    switch (credential->kind) {
    case PRINCIPAL_OWNER_TOKEN:
        return credential->role == ROLE_OWNER;
    case PRINCIPAL_TOKEN:
        return credential->role != ROLE_NONE && (has_wallet || credential->role != ROLE_DEVELOPER);
    case PRINCIPAL_SESSION:
        return has_wallet && credential->expires_ms > 0;
    default:
        return false;
    }
}

int credential_from_value(const char *value, size_t len, struct credential *ret_credential)
{
    struct credential credential = {0};
    struct json_fault fault;
    cJSON *json = NULL;
    char kind[16], role[16], hash[2 * CREDENTIAL_HASH_BYTES + 1];
    int error = json_parse(value, len, &json, &fault);

    if (error != 0)
        return error;
    bool is_read = read_text(json, "kind", kind, sizeof kind) &&
                   read_text(json, "role", role, sizeof role) &&
                   read_text(json, "hash", hash, sizeof hash) &&
                   read_text(json, "wallet", credential.wallet, sizeof credential.wallet) &&
                   read_text(json, "name", credential.name, sizeof credential.name) &&
                   read_time(json, "created", &credential.created_ms) &&
                   read_time(json, "expires", &credential.expires_ms) &&
                   read_time(json, "seen", &credential.seen_ms);
    cJSON_Delete(json);
    if (!is_read || strlen(hash) != sizeof hash - 1 ||
        id_unhex(hash, credential.hash, sizeof credential.hash) != 0)
        return AMID_E_INVALID;
    credential.kind = kind_of_name(kind);
    credential.role = role_of_name(role);
    credential.written_ms = credential.seen_ms;
    fill_id(&credential);
    if (!is_whole(&credential))
        return AMID_E_INVALID;
    *ret_credential = credential;
    return 0;
}

bool credential_name_is_valid(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    }
    return len <= CREDENTIAL_NAME_BYTES;
}

bool credential_is_good(const struct credential *credential, int64_t now_ms)
{
    return (!credential->leaving || credential->makes_room) &&
           !credential_is_expired(credential, now_ms);
}

bool credential_is_expired(const struct credential *credential, int64_t now_ms)
{
    return credential->expires_ms != 0 && credential->expires_ms <= now_ms;
}
