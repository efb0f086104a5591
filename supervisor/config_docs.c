#include <inttypes.h>
#include <string.h>

#include "supervisor/config_table.h"

static void print_range(const struct config_row *row, FILE *out)
{
    switch (row->type) {
    case CONFIG_U32:
        fprintf(out, "%" PRIu32 " to %" PRIu32, row->least, row->most);
        break;
    case CONFIG_BOOL:
        fprintf(out, "yes or no");
        break;
    case CONFIG_LIST:
        fprintf(out, "list");
        break;
    default:
        fprintf(out, "text, at most %" PRIu32 " bytes", row->most);
    }
}

void config_print_markdown(FILE *out)
{
    const char *section = "";

    fprintf(
        out,
        "# Settings of amid\n\n"
        "Printed by `amid --settings-markdown` from the table in `supervisor/config.h`; change it "
        "there.\n\n"
        "amid takes its built-in defaults, then the file named by `--config` (INI), then the\n"
        "environment, which wins. An unknown section, key or `AMID_<SECTION>_…` variable, a bad "
        "value or an\nunreadable file: amid refuses to start and says where. `amid --config FILE "
        "--check-config` prints what would be\nin force and where each value came from. Lists "
        "are separated by commas and may go on in indented lines.\n"
        "*Reload*: SIGHUP applies a change; the others wait for the next start.\n");
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        const struct config_row *row = &config_rows[i];
        char variable[CONFIG_NAME_BYTES];

        if (strcmp(section, row->section) != 0) {
            fprintf(out,
                    "\n## [%s]\n\n| key | environment | default | value | reload | what it does |\n"
                    "| --- | --- | --- | --- | --- | --- |\n",
                    row->section);
            section = row->section;
        }
        config_environment_name((enum config_setting)i, variable);
        if (row->text[0] != '\0')
            fprintf(out, "| `%s` | `%s` | `%s` | ", row->key, variable, row->text);
        else
            fprintf(out, "| `%s` | `%s` | empty | ", row->key, variable);
        print_range(row, out);
        fprintf(out, " | %s | %s |\n", row->reload ? "yes" : "no", row->help);
    }
}

static const char man_head[] =
    ".\\\" Printed by amid --settings-man from the table in supervisor/config.h; change it there.\n"
    ".TH AMID.CONF 5 \"\" \"amid " AMID_VERSION "\" \"File formats\"\n"
    ".SH NAME\namid.conf \\- settings of amid\n"
    ".SH DESCRIPTION\n"
    "An INI file named by\n.BR \"amid \\-\\-config\" .\n"
    "Values are the built-in defaults, then those of the file, then those of the environment "
    "variables named here. An unknown section, key or variable of a known section, a bad value or "
    "an unreadable file: amid refuses to start and says where. Lists are separated by commas and "
    "may go on in indented lines; ; and # begin comments.\n"
    ".B amid \\-\\-config FILE \\-\\-check-config\n"
    "prints what would be in force.\n"
    "Settings marked (reload) change on SIGHUP, the others at the next start.\n";

void config_print_man(FILE *out)
{
    const char *section = "";

    fputs(man_head, out);
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        const struct config_row *row = &config_rows[i];
        char variable[CONFIG_NAME_BYTES];

        if (strcmp(section, row->section) != 0) {
            fprintf(out, ".SH [%s]\n", row->section);
            section = row->section;
        }
        config_environment_name((enum config_setting)i, variable);
        fprintf(out, ".TP\n.B %s\n%s. Default: %s. Value: ", row->key, row->help,
                row->text[0] != '\0' ? row->text : "empty");
        print_range(row, out);
        fprintf(out, ". Environment: %s.%s\n", variable, row->reload ? " (reload)" : "");
    }
    fputs(".SH SEE ALSO\n.BR amid (8)\n", out);
}
