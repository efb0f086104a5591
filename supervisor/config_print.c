#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "supervisor/config_table.h"

static void swap_values(struct config *a, struct config *b, enum config_setting setting)
{
    switch (config_rows[setting].type) {
    case CONFIG_U32: {
        uint32_t number = *config_u32(a, setting);

        *config_u32(a, setting) = *config_u32(b, setting);
        *config_u32(b, setting) = number;
        break;
    }
    case CONFIG_BOOL: {
        bool flag = *config_bool(a, setting);

        *config_bool(a, setting) = *config_bool(b, setting);
        *config_bool(b, setting) = flag;
        break;
    }
    default: {
        char *text = *config_text(a, setting);

        *config_text(a, setting) = *config_text(b, setting);
        *config_text(b, setting) = text;
    }
    }
    a->from[setting] = b->from[setting];
}

void config_reload(struct config *config, struct config *fresh)
{
    const struct log_about about = {.event = "reload"};

    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        enum config_setting setting = (enum config_setting)i;
        const struct config_row *row = &config_rows[i];
        char before_scratch[CONFIG_SCRATCH_BYTES], after_scratch[CONFIG_SCRATCH_BYTES];
        const char *before = config_value(config, setting, before_scratch);
        const char *after = config_value(fresh, setting, after_scratch);

        if (strcmp(before, after) == 0)
            continue;
        if (row->reload) {
            log_info(&about, "%s.%s is now %s (was %s)", row->section, row->key, after, before);
            swap_values(config, fresh, setting);
        } else {
            log_warn(&about, "%s.%s stays %s until the next start (the settings now say %s)",
                     row->section, row->key, before, after);
        }
    }
}

void config_print(const struct config *config, FILE *out)
{
    const char *section = "";

    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        enum config_setting setting = (enum config_setting)i;
        char scratch[CONFIG_SCRATCH_BYTES], variable[CONFIG_NAME_BYTES];

        if (strcmp(section, config_rows[i].section) != 0) {
            fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", config_rows[i].section);
            section = config_rows[i].section;
        }
        fprintf(out, "%s = %s", config_rows[i].key, config_value(config, setting, scratch));
        config_environment_name(setting, variable);
        if (config->from[i].origin == CONFIG_FROM_FILE)
            fprintf(out, " ; line %" PRIu32 "\n", config->from[i].line);
        else if (config->from[i].origin == CONFIG_FROM_ENVIRONMENT)
            fprintf(out, " ; from %s\n", variable);
        else
            fprintf(out, " ; default\n");
    }
}
