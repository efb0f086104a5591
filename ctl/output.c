#include "ctl/output.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/utf8.h"

/* The next character's bytes; 0 if it must not reach a terminal as it is. */
static size_t printable_width(const char *text)
{
    size_t width = utf8_width(text, strlen(text));
    unsigned char lead = (unsigned char)*text;
    if (width == 1)
        return lead >= 0x20 && lead != 0x7f;
    /* C1 controls (U+0080 to U+009F) start sequences as ESC does. */
    return width == 2 && lead == 0xc2 && (unsigned char)text[1] < 0xa0 ? 0 : width;
}

static size_t count_chars(const char *text)
{
    size_t count = 0;
    while (*text) {
        size_t width = printable_width(text);
        count += width ? 1 : 4;
        text += width ? width : 1;
    }
    return count;
}

void output_text(const char *text, size_t max_chars)
{
    for (size_t count = 0; *text && (max_chars == 0 || count < max_chars); count++) {
        size_t width = printable_width(text);
        if (width)
            fwrite(text, 1, width, stdout);
        else
            printf("\\x%02x", (unsigned char)*text);
        text += width ? width : 1;
    }
}

void output_table(const char *const *cells, size_t rows, size_t columns)
{
    size_t widths[OUTPUT_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < rows * columns; i++) {
        size_t chars = count_chars(cells[i]);
        if (chars > widths[i % columns])
            widths[i % columns] = chars;
    }
    for (size_t i = 0; i < rows * columns; i++) {
        bool is_last = i % columns == columns - 1;
        output_text(cells[i], 0);
        for (size_t pad = count_chars(cells[i]); !is_last && pad < widths[i % columns] + 2; pad++)
            putchar(' ');
        if (is_last)
            putchar('\n');
    }
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

void output_log_line(const cJSON *line)
{
    const cJSON *skipped = cJSON_GetObjectItemCaseSensitive(line, "skipped");
    const cJSON *timestamp = cJSON_GetObjectItemCaseSensitive(line, "timestamp");
    char level[8] = "", when[32] = "";
    if (cJSON_IsNumber(skipped)) {
        printf("(%.0f lines skipped: amictl was too slow)\n", skipped->valuedouble);
        return;
    }
    if (cJSON_IsNumber(timestamp)) {
        int64_t ms = (int64_t)timestamp->valuedouble;
        time_t seconds = (time_t)(ms / 1000);
        struct tm parts;
        gmtime_r(&seconds, &parts);
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &parts);
        size_t len = strlen(when);
        snprintf(when + len, sizeof when - len, ".%03dZ", (int)(ms % 1000));
    }
    snprintf(level, sizeof level, "%s", text_of(line, "level"));
    for (char *c = level; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    printf("%s %-5s ", when, level);
    if (strcmp(text_of(line, "source"), "amid") == 0)
        printf("amid: ");
    output_text(text_of(line, "text"), 0);
    putchar('\n');
    fflush(stdout);
}

void output_duration(int64_t ms, char *out, size_t size)
{
    int64_t seconds = ms / 1000;
    if (seconds < 60)
        snprintf(out, size, "%" PRId64 ".%" PRId64 "s", seconds, ms % 1000 / 100);
    else if (seconds < 3600)
        snprintf(out, size, "%" PRId64 "m %" PRId64 "s", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        snprintf(out, size, "%" PRId64 "h %" PRId64 "m", seconds / 3600, seconds / 60 % 60);
    else
        snprintf(out, size, "%" PRId64 "d %" PRId64 "h", seconds / 86400, seconds / 3600 % 24);
}
