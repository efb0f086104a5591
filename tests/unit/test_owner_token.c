/* Promise: the owner token's file is whole, mode 0600, and what else may lie there is told apart.
 */
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
static char reason[256];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/amid-token-XXXXXX");
    reason[0] = '\0';
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

static void is_written_read_and_removed(void **state)
{
    char secret[CREDENTIAL_SECRET_HEX + 1], back[CREDENTIAL_SECRET_HEX + 1];
    struct stat stat_of;
    (void)state;
    memset(secret, 'a', CREDENTIAL_SECRET_HEX);
    secret[CREDENTIAL_SECRET_HEX] = '\0';
    assert_int_equal(owner_token_read(folder, back, reason, sizeof reason), AMID_E_NOT_FOUND);
    assert_int_equal(owner_token_write(folder, secret, reason, sizeof reason), 0);
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(owner_token_read(folder, back, reason, sizeof reason), 0);
    assert_string_equal(back, secret);
    assert_int_equal(owner_token_remove(folder, reason, sizeof reason), 0);
    assert_int_not_equal(stat(path, &stat_of), 0);
    assert_int_equal(owner_token_remove(folder, reason, sizeof reason), 0);
}

static void names_what_is_wrong(void **state)
{
    char back[CREDENTIAL_SECRET_HEX + 1];
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs("damaged", file);
    fclose(file);
    assert_int_equal(owner_token_read(folder, back, reason, sizeof reason), AMID_E_CORRUPT);
    assert_non_null(strstr(reason, "owner.token"));
    assert_int_equal(owner_token_read("/nonexistent/x", back, reason, sizeof reason),
                     AMID_E_NOT_FOUND);
    assert_non_null(strstr(reason, "state folder"));
    assert_int_equal(owner_token_remove("/nonexistent/x", reason, sizeof reason), AMID_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_written_read_and_removed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(names_what_is_wrong, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
