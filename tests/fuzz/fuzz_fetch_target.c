/* Addresses as a script or a redirect writes them: what is taken has a host in the one form that
 * permissions are checked in, and reads back as itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/fetch/address.h"
#include "supervisor/fetch/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char fault[CURL_LIBRARY_FAULT_BYTES + 64];

    (void)argc;
    (void)argv;
    return curl_library_need(fault, sizeof(fault));
}

static void check(const struct target *target)
{
    struct target again;
    struct address address;
    const char *fault;
    char *text = target_text(target), *path = target_path(target);

    if (text == NULL || path == NULL || target->port == 0 || target->host[0] == '\0')
        abort();
    for (const char *at = target->host; *at != '\0'; at++) {
        if ((*at >= 'A' && *at <= 'Z') || strchr("/@[]\\%# \r\n\t?", *at) != NULL)
            abort();
    }
    if (target->is_address != (address_parse(target->host, 1, &address) == 0))
        abort();
    if (strlen(text) <= TARGET_URL_MAX_BYTES &&
        target_parse(text, TARGET_HTTP, &again, &fault) == 0) {
        if (!target_is_same_origin(target, &again))
            abort();
        target_free(&again);
    }
    free(text);
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *url = malloc(size + 1);
    struct target from, target;
    const char *fault;

    memcpy(url, data, size);
    url[size] = '\0';
    if (target_parse(url, TARGET_SOCKET, &target, &fault) == 0) {
        check(&target);
        target_free(&target);
    }
    if (target_parse("https://a.b:444/x/y", TARGET_HTTP, &from, &fault) != 0)
        abort();
    if (target_follow(&from, url, &target, &fault) == 0) {
        check(&target);
        target_free(&target);
    }
    target_free(&from);
    free(url);
    return 0;
}
