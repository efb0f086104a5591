/* Any bytes as the stored value of a session or token: refused, or a credential that is written and
 * read back as the same one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/auth/credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct credential credential = {.kind = PRINCIPAL_NONE}, back;
    struct buffer value;

    if (credential_from_value((const char *)data, size, &credential) != 0)
        return 0;
    buffer_init(&value, CREDENTIAL_VALUE_BYTES);
    if (credential_to_value(&credential, &value) != 0 ||
        credential_from_value(value.data, value.len, &back) != 0 ||
        memcmp(back.hash, credential.hash, sizeof(back.hash)) != 0 ||
        strcmp(back.id, credential.id) != 0 || strcmp(back.wallet, credential.wallet) != 0 ||
        strcmp(back.name, credential.name) != 0 || back.kind != credential.kind ||
        back.role != credential.role || back.expires_ms != credential.expires_ms)
        abort();
    buffer_free(&value);
    return 0;
}
