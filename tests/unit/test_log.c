/* Holds: a log line is one line whatever a script writes: it cannot break it, forge another, drive
 * a terminal or reorder what is read; long texts are cut between characters; levels are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "common/log_line.h"
#include "common/utf8.h"

static void assert_escaped(const char *text, size_t len, const char *expected)
{
    struct buffer out;

    buffer_init(&out, LOG_LINE_MAX_BYTES);
    buffer_append(&out, "", 0);
    log_line_escape(&out, text, len);
    assert_int_equal(buffer_status(&out), 0);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static void escapes_what_would_lie(void **state)
{
    (void)state;
    assert_escaped("plain текст 日本 🙂", strlen("plain текст 日本 🙂"),
                   "plain текст 日本 🙂");
    assert_escaped("", 0, "");
    assert_escaped("a\nb\r\tc", 6, "a\\nb\\r\\tc");
    assert_escaped("\x1b[31mred\x7f", 9, "\\x1b[31mred\\x7f");
    assert_escaped("nul\0in", 6, "nul\\x00in");
    assert_escaped("\xff\xfe", 2, "\\xff\\xfe");
    assert_escaped("\xc3", 1, "\\xc3");                   /* begun, not ended */
    assert_escaped("\xc0\xaf", 2, "\\xc0\\xaf");          /* overlong */
    assert_escaped("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* a surrogate */
    assert_escaped("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
    assert_escaped("\xc2\x85|\xe2\x80\xa8|\xe2\x80\xae", 11 - 1, "\\u0085|\\u2028|\\u202e");
    assert_escaped("\\n", 2, "\\n");
}

static void formats_one_line(void **state)
{
    struct log_about about = {.sid = "3f2a81c0-1111-4222-8333-444444444444", .instance = 12};
    struct log_record record = {.level = LOG_LEVEL_INFO,
                                .real_ms = INT64_C(1795236224123),
                                .about = &about,
                                .text = "hello\nworld",
                                .text_len = 11};
    struct buffer out;

    (void)state;
    buffer_init(&out, LOG_LINE_MAX_BYTES);
    log_line_format(&out, &record);
    assert_string_equal(out.data, "2026-11-21T04:43:44.123Z INFO  [3f2a81c0#12] hello\\nworld\n");
    buffer_clear(&out);
    about = (struct log_about){.peer = "127.0.0.1:51234"};
    record.level = LOG_LEVEL_ERROR;
    log_line_format(&out, &record);
    assert_string_equal(out.data,
                        "2026-11-21T04:43:44.123Z ERROR <127.0.0.1:51234> hello\\nworld\n");
    buffer_clear(&out);
    record.about = NULL;
    log_line_format(&out, &record);
    assert_string_equal(out.data, "2026-11-21T04:43:44.123Z ERROR hello\\nworld\n");
    buffer_free(&out);
}

static void the_longest_text_fits_a_line(void **state)
{
    struct log_about about = {.sid = "\n\n\n\n\n\n\n\n\n", .instance = UINT64_MAX, .peer = "\n"};
    struct log_record record = {.about = &about, .text_len = LOG_TEXT_MAX_BYTES};
    char *text = malloc(LOG_TEXT_MAX_BYTES);
    struct buffer out;

    (void)state;
    memset(text, 0xff, LOG_TEXT_MAX_BYTES);
    record.text = text;
    buffer_init(&out, LOG_LINE_MAX_BYTES);
    log_line_format(&out, &record);
    assert_int_equal(buffer_status(&out), 0);
    assert_int_equal(out.data[out.len - 1], '\n');
    buffer_free(&out);
    free(text);
}

struct caught {
    int count;
    size_t len;
    char last[LOG_TEXT_MAX_BYTES + 1];
};

static void catch_record(void *arg, const struct log_record *record)
{
    struct caught *caught = arg;

    caught->count++;
    caught->len = record->text_len;
    assert_true(record->text_len <= LOG_TEXT_MAX_BYTES);
    memcpy(caught->last, record->text, record->text_len);
    caught->last[record->text_len] = '\0';
}

static void levels_hold_back_ours_but_not_scripts(void **state)
{
    const struct log_about script = {.sid = "s", .from_script = true};
    struct caught caught = {0};

    (void)state;
    log_set_sink(catch_record, &caught);
    log_set_level(LOG_LEVEL_WARN);
    log_info(NULL, "no");
    log_text(LOG_LEVEL_DEBUG, NULL, "no", 2);
    assert_int_equal(caught.count, 0);
    log_warn(NULL, "yes %d", 1);
    assert_string_equal(caught.last, "yes 1");
    log_text(LOG_LEVEL_DEBUG, &script, "mine", 4);
    assert_string_equal(caught.last, "mine");
    assert_int_equal(caught.count, 2);
    log_set_level(LOG_LEVEL_INFO);
    log_set_sink(NULL, NULL);
}

static void cuts_between_characters(void **state)
{
    static char text[3 * LOG_TEXT_MAX_BYTES];
    struct caught caught = {0};

    (void)state;
    log_set_sink(catch_record, &caught);
    for (size_t shift = 0; shift < 4; shift++) {
        size_t len = shift;

        memset(text, 'a', sizeof(text));
        for (; len + 4 < sizeof(text); len += 4)
            memcpy(text + len, "🙂", 4);
        text[len] = '\0';
        log_text(LOG_LEVEL_INFO, NULL, text, len);
        assert_true(caught.len > LOG_TEXT_MAX_BYTES - 4);
        assert_true(utf8_is_valid(caught.last, caught.len));
        log_info(NULL, "%s", text);
        assert_true(caught.len > LOG_TEXT_MAX_BYTES - 4);
        assert_true(utf8_is_valid(caught.last, caught.len));
    }
    memset(text, 'a', LOG_TEXT_MAX_BYTES);
    text[LOG_TEXT_MAX_BYTES] = '\0';
    log_info(NULL, "%s", text);
    assert_int_equal(caught.len, LOG_TEXT_MAX_BYTES);
    log_set_sink(NULL, NULL);
}

static void level_names_read_back(void **state)
{
    enum log_level level;

    (void)state;
    for (int i = 0; i < LOG_LEVEL_MAX; i++) {
        assert_int_equal(log_level_parse(log_level_name((enum log_level)i), &level), 0);
        assert_int_equal(level, i);
    }
    assert_int_equal(log_level_parse("Info", &level), AMID_E_INVALID);
    assert_null(log_level_name(LOG_LEVEL_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_would_lie),
        cmocka_unit_test(formats_one_line),
        cmocka_unit_test(the_longest_text_fits_a_line),
        cmocka_unit_test(levels_hold_back_ours_but_not_scripts),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(level_names_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
