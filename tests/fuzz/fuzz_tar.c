/* A tar archive: what is handed over lies inside the input, under a path that stays inside. */
#include <stdlib.h>

#include "common/error.h"
#include "common/module.h"
#include "ctl/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t size;
};

static bool take(void *arg, const char *path, const uint8_t *bytes, size_t len)
{
    const struct input *input = arg;

    if (!module_path_is_valid(path) || bytes < input->data ||
        len > input->size - (size_t)(bytes - input->data))
        abort();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    char reason[256] = "";
    int error = tar_read(data, size, take, &input, reason, sizeof(reason));

    if (error != 0 && (error != AMID_E_INVALID || reason[0] == '\0'))
        abort();
    return 0;
}
