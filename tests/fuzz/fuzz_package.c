/* A package's file, with a specifier before the first line break: whatever is found is a file of
 * the package, under a path that stays inside. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/module.h"
#include "supervisor/modules/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct package *package, const char *path)
{
    size_t len;

    if (path != NULL && (!module_path_is_valid(path) || package_file(package, path, &len) == NULL))
        abort();
    if (path != NULL)
        (void)package_kind_of(package, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t len = end == NULL ? 0 : (size_t)(end - data);
    struct package *package = NULL;
    char reason[128] = "";
    char specifier[512];

    if (len >= sizeof(specifier))
        return 0;
    memcpy(specifier, data, len);
    specifier[len] = '\0';
    if (package_parse((const char *)data + len, size - len, &package, reason, sizeof(reason)) !=
        0) {
        if (package != NULL || reason[0] == '\0')
            abort();
        return 0;
    }
    judge(package, package_entry(package, specifier, true));
    judge(package, package_entry(package, specifier, false));
    if (specifier[0] == '.' || specifier[0] == '#') {
        judge(package, package_relative(package, "lib/a.js", specifier, true));
        judge(package, package_relative(package, "a.js", specifier, false));
    }
    (void)package_requires(package, specifier);
    package_free(package);
    return 0;
}
