/* Promise: the owner's token is made once, mode 0600, survives, and nothing but it is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/auth/owner_token.h"

static char folder[64];
static char path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/amid-token-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/owner.token", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static struct owner_token *open_token(void)
{
    struct owner_token *token = NULL;
    char reason[256] = "";
    assert_int_equal(owner_token_open(folder, &token, reason, sizeof reason), 0);
    return token;
}

static size_t read_token(char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, size - 1, file);
    fclose(file);
    out[len] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return strlen(out);
}

static void is_made_once(void **state)
{
    char first[128], second[128];
    struct stat stat_of;
    (void)state;
    owner_token_free(open_token());
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(read_token(first, sizeof first), 64);
    owner_token_free(open_token());
    read_token(second, sizeof second);
    assert_string_equal(first, second);
}

static void matches_nothing_else(void **state)
{
    char text[128];
    struct owner_token *token = open_token();
    (void)state;
    size_t len = read_token(text, sizeof text);
    assert_true(owner_token_matches(token, text, len));
    assert_false(owner_token_matches(token, text, len - 1));
    assert_false(owner_token_matches(token, text, 0));
    assert_false(owner_token_matches(token, text + 1, len - 1));
    text[len - 1] = text[len - 1] == '0' ? '1' : '0';
    assert_false(owner_token_matches(token, text, len));
    owner_token_free(token);
}

static void refuses_a_damaged_file(void **state)
{
    struct owner_token *token = NULL;
    char reason[256] = "";
    (void)state;
    owner_token_free(open_token());
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(owner_token_open(folder, &token, reason, sizeof reason), AMID_E_CORRUPT);
    assert_non_null(strstr(reason, "owner.token"));
    assert_null(token);
}

static void names_a_missing_folder(void **state)
{
    struct owner_token *token = NULL;
    char reason[256] = "";
    (void)state;
    assert_int_equal(owner_token_open("/nonexistent/x", &token, reason, sizeof reason),
                     AMID_E_NOT_FOUND);
    assert_true(strlen(reason) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_made_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(matches_nothing_else, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(refuses_a_damaged_file, make_folder, remove_folder),
        cmocka_unit_test(names_a_missing_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
