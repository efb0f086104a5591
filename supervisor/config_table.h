#ifndef AMID_CONFIG_TABLE_H
#define AMID_CONFIG_TABLE_H

#include "supervisor/config.h"

/* The settings as rows, for the files that make up config. */
enum config_type { CONFIG_STR, CONFIG_LIST, CONFIG_U32, CONFIG_BOOL };

struct config_row {
    enum config_type type;
    bool reload;
    uint32_t least; /* bytes of a text, or value of a number */
    uint32_t most;
    const char *section;
    const char *key;
    const char *text; /* default */
    const char *help;
    size_t offset; /* of the member in struct config */
};

extern const struct config_row config_rows[CONFIG_SETTING_MAX];

char **config_text(struct config *config, enum config_setting setting);
uint32_t *config_u32(struct config *config, enum config_setting setting);
bool *config_bool(struct config *config, enum config_setting setting);
/* The value as the file would have it; scratch is used for numbers. */
#define CONFIG_SCRATCH_BYTES 16
const char *config_value(const struct config *config, enum config_setting setting,
                         char scratch[CONFIG_SCRATCH_BYTES]);
/* AMID_HTTP_LISTEN. */
#define CONFIG_NAME_BYTES 64
void config_environment_name(enum config_setting setting, char out[CONFIG_NAME_BYTES]);

/* Each: 0, or AMID_E_INVALID with what is wrong, to stand after "section.key: ". */
int config_set(struct config *config, enum config_setting setting, const char *text, char *why,
               size_t why_size);
/* What no single setting can tell; *ret_setting is the one to blame. */
int config_check(const struct config *config, enum config_setting *ret_setting, char *why,
                 size_t why_size);

#endif
