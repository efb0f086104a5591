/* Any JSON as the body of either call, the clock at the time of the published vector: the check
 * says yes or gives a reason, and says yes to nobody but the vector's wallet, the only one whose
 * signature a seed holds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "supervisor/auth/sign_in.h"

#define VECTOR_TIME_MS 1760000000000
#define VECTOR_WALLET  "gcoP3o6qwkGdHnrUctkZM965oYgzirVv5m"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_fault fault;
    cJSON *json = NULL;

    if (json_parse((const char *)data, size, &json, &fault) != 0)
        return 0;
    for (int kind = 0; kind < SIGN_IN_KIND_MAX; kind++) {
        struct sign_in sign_in;
        const char *reason = NULL;
        int error = sign_in_check(json, (enum sign_in_kind)kind, "testnet", VECTOR_TIME_MS,
                                  &sign_in, &reason);

        if (error == 0 ? strcmp(sign_in.wallet, VECTOR_WALLET) != 0 : reason == NULL)
            abort();
    }
    cJSON_Delete(json);
    return 0;
}
