#include "supervisor/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/config_table.h"

#define WHY_BYTES 256

/* Parsing of one file. inih does not tell its handler the line, so the reader counts. */
struct config_parse {
    struct config *config;
    FILE *file;
    uint32_t line;
    uint32_t fault_line; /* 0 = no fault */
    char fault[WHY_BYTES + 128];
};

static void parse_fault(struct config_parse *parse, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void parse_fault(struct config_parse *parse, const char *format, ...)
{
    va_list args;

    if (parse->fault_line != 0)
        return;
    parse->fault_line = parse->line;
    va_start(args, format);
    vsnprintf(parse->fault, sizeof(parse->fault), format, args);
    va_end(args);
}

/* Like fgets, except that it stops at what inih would silently misread: a line that is too long is
 * taken as two, and one with a NUL as a shorter one. */
static char *parse_read_line(char *line, int size, void *arg)
{
    struct config_parse *parse = arg;
    int at = 0;
    int c = EOF;

    if (parse->fault_line != 0)
        return NULL;
    parse->line++;
    while (at < size - 1 && (c = getc(parse->file)) != EOF) {
        if (c == '\0') {
            parse_fault(parse, "a NUL byte");
            return NULL;
        }
        line[at++] = (char)c;
        if (c == '\n')
            break;
    }
    line[at] = '\0';
    if (at == size - 1 && c != '\n' && getc(parse->file) != EOF) {
        parse_fault(parse, "the line is longer than %d bytes; lists go on in an indented line",
                    size - 1);
        return NULL;
    }
    return at > 0 ? line : NULL;
}

static int find_setting(const char *section, const char *key)
{
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        if (strcmp(config_rows[i].section, section) == 0 && strcmp(config_rows[i].key, key) == 0)
            return i;
    }
    return -1;
}

static bool is_section(const char *section)
{
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        if (strcmp(config_rows[i].section, section) == 0)
            return true;
    }
    return false;
}

/* A list may go on in indented lines, for which inih calls the handler again. */
static int append_to_list(struct config *config, enum config_setting setting, const char *value,
                          char *why, size_t why_size)
{
    const char *before = *config_text(config, setting);
    bool has_comma = before[0] != '\0' && before[strlen(before) - 1] == ',';
    size_t size = strlen(before) + strlen(value) + 2;
    char *joined = malloc(size);
    int error;

    if (joined == NULL) {
        snprintf(why, why_size, "out of memory");
        return AMID_E_NOMEM;
    }
    snprintf(joined, size, "%s%s%s", before, has_comma ? "" : ",", value);
    error = config_set(config, setting, joined, why, why_size);
    free(joined);
    return error;
}

static int parse_setting(void *arg, const char *section, const char *key, const char *value)
{
    struct config_parse *parse = arg;
    struct config *config = parse->config;
    int setting = find_setting(section, key);
    char why[WHY_BYTES];
    int error;

    if (parse->fault_line != 0)
        return 0;
    if (setting < 0) {
        if (section[0] == '\0')
            parse_fault(parse, "%s stands before the first [section]", key);
        else if (!is_section(section))
            parse_fault(parse, "there is no section [%s]", section);
        else
            parse_fault(parse, "%s.%s: there is no such setting", section, key);
        return 0;
    }
    if (config->from[setting].origin == CONFIG_FROM_FILE &&
        config_rows[setting].type != CONFIG_LIST) {
        parse_fault(parse, "%s.%s: already set in line %u", section, key,
                    config->from[setting].line);
        return 0;
    }
    if (config->from[setting].origin == CONFIG_FROM_FILE)
        error = append_to_list(config, (enum config_setting)setting, value, why, sizeof(why));
    else
        error = config_set(config, (enum config_setting)setting, value, why, sizeof(why));
    if (error != 0) {
        parse_fault(parse, "%s.%s: %s", section, key, why);
        return 0;
    }
    config->from[setting].origin = CONFIG_FROM_FILE;
    config->from[setting].line = parse->line;
    return 1;
}

static int load_file(struct config *config, FILE *file, const char *name, char *reason,
                     size_t reason_size)
{
    struct config_parse parse = {.config = config, .file = file};
    int first_error_line = ini_parse_stream(parse_read_line, &parse, parse_setting, &parse);

    if (ferror(file)) {
        snprintf(reason, reason_size, "%s: cannot be read: %s", name, strerror(errno));
        return AMID_E_IO;
    }
    if (parse.fault_line != 0 &&
        (first_error_line <= 0 || (uint32_t)first_error_line >= parse.fault_line)) {
        snprintf(reason, reason_size, "%s:%u: %s", name, parse.fault_line, parse.fault);
        return AMID_E_INVALID;
    }
    if (first_error_line > 0) {
        snprintf(reason, reason_size, "%s:%d: neither [section] nor key = value", name,
                 first_error_line);
        return AMID_E_INVALID;
    }
    return first_error_line == 0 ? 0 : AMID_E_NOMEM;
}

/* True for a variable that looks like a setting: AMID_<known section>_…; others called AMID_… are
 * somebody else's. */
static bool has_known_section(const char *name, size_t len)
{
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        size_t section_len = strlen(config_rows[i].section);

        if (len > section_len + 6 &&
            strncasecmp(name + 5, config_rows[i].section, section_len) == 0 &&
            name[5 + section_len] == '_')
            return true;
    }
    return false;
}

static int setting_of_variable(const char *name, size_t len)
{
    char wanted[CONFIG_NAME_BYTES];

    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        config_environment_name((enum config_setting)i, wanted);
        if (strlen(wanted) == len && strncmp(wanted, name, len) == 0)
            return i;
    }
    return -1;
}

/* A text without white space at its ends, to be freed. */
static char *trimmed(const char *text)
{
    size_t len;

    while (isspace((unsigned char)*text))
        text++;
    len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    return strndup(text, len);
}

static int load_variable(struct config *config, const char *variable, char *reason,
                         size_t reason_size)
{
    size_t len = strcspn(variable, "=");
    int setting;
    char why[WHY_BYTES];
    char *value;
    int error;

    if (strncmp(variable, "AMID_", 5) != 0 || strncmp(variable, "AMID_TEST_", 10) == 0 ||
        variable[len] != '=')
        return 0;
    setting = setting_of_variable(variable, len);
    if (setting < 0) {
        if (!has_known_section(variable, len))
            return 0;
        snprintf(reason, reason_size, "environment: %.*s: there is no such setting", (int)len,
                 variable);
        return AMID_E_INVALID;
    }
    value = trimmed(variable + len + 1);
    if (value == NULL)
        return AMID_E_NOMEM;
    error = config_set(config, (enum config_setting)setting, value, why, sizeof(why));
    free(value);
    if (error != 0) {
        snprintf(reason, reason_size, "environment: %.*s: %s", (int)len, variable, why);
        return error;
    }
    config->from[setting].origin = CONFIG_FROM_ENVIRONMENT;
    return 0;
}

static int load_defaults(struct config *config, char *reason, size_t reason_size)
{
    char why[WHY_BYTES];

    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        int error =
            config_set(config, (enum config_setting)i, config_rows[i].text, why, sizeof(why));

        if (error != 0) {
            snprintf(reason, reason_size, "default of %s.%s: %s", config_rows[i].section,
                     config_rows[i].key, why);
            return error;
        }
    }
    return 0;
}

static int check_whole(const struct config *config, const char *name, char *reason,
                       size_t reason_size)
{
    enum config_setting setting;
    char why[WHY_BYTES];
    char variable[CONFIG_NAME_BYTES];
    int error = config_check(config, &setting, why, sizeof(why));

    if (error == 0)
        return 0;
    config_environment_name(setting, variable);
    switch (config->from[setting].origin) {
    case CONFIG_FROM_FILE:
        snprintf(reason, reason_size, "%s:%u: %s.%s: %s", name, config->from[setting].line,
                 config_rows[setting].section, config_rows[setting].key, why);
        break;
    case CONFIG_FROM_ENVIRONMENT:
        snprintf(reason, reason_size, "environment: %s: %s", variable, why);
        break;
    default:
        snprintf(reason, reason_size, "default of %s.%s: %s", config_rows[setting].section,
                 config_rows[setting].key, why);
    }
    return error;
}

int config_load_from(FILE *file, const char *name, char *const *environment,
                     struct config *ret_config, char *reason, size_t reason_size)
{
    struct config config = {0};
    int error;

    snprintf(reason, reason_size, "out of memory");
    error = load_defaults(&config, reason, reason_size);
    if (error == 0 && file != NULL)
        error = load_file(&config, file, name, reason, reason_size);
    for (; error == 0 && environment != NULL && *environment != NULL; environment++)
        error = load_variable(&config, *environment, reason, reason_size);
    if (error == 0)
        error = check_whole(&config, name, reason, reason_size);
    if (error != 0) {
        config_free(&config);
        return error;
    }
    *ret_config = config;
    return 0;
}

int config_load(const char *path, struct config *ret_config, char *reason, size_t reason_size)
{
    FILE *file = NULL;
    int error;

    if (path != NULL) {
        file = fopen(path, "re");
        if (file == NULL) {
            snprintf(reason, reason_size, "%s: cannot be read: %s", path, strerror(errno));
            return error_from_errno(errno);
        }
    }
    error = config_load_from(file, path, environ, ret_config, reason, reason_size);
    if (file != NULL)
        fclose(file);
    return error;
}

void config_free(struct config *config)
{
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        if (config_rows[i].type == CONFIG_STR || config_rows[i].type == CONFIG_LIST)
            free(*config_text(config, (enum config_setting)i));
    }
    memset(config, 0, sizeof(*config));
}
