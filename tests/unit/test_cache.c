/* Holds: what was compiled is found again under the same source, options and build only; a damaged
 * file is a miss and goes; the sum stays within its bound, least recently used first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/id.h"
#include "supervisor/lifecycle/cache.h"

static char folder[64];
static const uint8_t build[32] = {1, 2, 3};

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/amid-cache-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static struct cache_key key_of(const char *source)
{
    struct cache_key key;

    cache_key_of(&key, build, "{}", source, strlen(source));
    return key;
}

static struct cache_value value_of(const char *code, size_t len)
{
    return (struct cache_value){.code = code,
                                .code_len = len,
                                .lines = "1,2",
                                .lines_len = 3,
                                .minified = "m",
                                .minified_len = 1,
                                .warnings = "[]",
                                .warnings_len = 2,
                                .needs = "[\"ia\"]",
                                .needs_len = 6};
}

static struct cache *open_with(uint64_t max_bytes)
{
    struct cache *cache = NULL;

    assert_int_equal(cache_open(folder, max_bytes, &cache), 0);
    return cache;
}

/* The path of the only file there is. */
static void only_file(char *path, size_t size)
{
    char in[96];
    const struct dirent *entry;
    DIR *open_folder;

    snprintf(in, sizeof(in), "%s/cache", folder);
    open_folder = opendir(in);
    path[0] = '\0';
    while ((entry = readdir(open_folder)) != NULL) {
        if (entry->d_name[0] != '.')
            snprintf(path, size, "%s/%s", in, entry->d_name);
    }
    closedir(open_folder);
}

static void what_is_put_is_found_again(void **state)
{
    struct cache *cache = open_with(1 << 20);
    struct cache_key key = key_of("a"), other = key_of("b");
    struct cache_value value = value_of("code", 4);
    struct cache_value found;

    (void)state;
    assert_int_equal(cache_get(cache, &key, &found), AMID_E_NOT_FOUND);
    cache_put(cache, &key, &value);
    assert_int_equal(cache_get(cache, &other, &found), AMID_E_NOT_FOUND);
    cache_close(cache);
    cache = open_with(1 << 20);
    assert_int_equal(cache_get(cache, &key, &found), 0);
    assert_int_equal(found.code_len, 4);
    assert_memory_equal(found.code, "code", 4);
    assert_memory_equal(found.lines, "1,2", 3);
    assert_memory_equal(found.minified, "m", 1);
    assert_memory_equal(found.warnings, "[]", 2);
    assert_int_equal(found.needs_len, 6);
    assert_memory_equal(found.needs, "[\"ia\"]", 6);
    cache_value_free(&found);
    cache_close(cache);
}

static void everything_that_makes_a_difference_is_in_the_key(void **state)
{
    static const uint8_t other_build[32] = {9};
    struct cache_key a, b;

    (void)state;
    cache_key_of(&a, build, "{}", "ab", 2);
    cache_key_of(&b, other_build, "{}", "ab", 2);
    assert_memory_not_equal(&a, &b, sizeof(a));
    cache_key_of(&b, build, "{}a", "b", 1);
    assert_memory_not_equal(&a, &b, sizeof(a));
    cache_key_of(&b, build, "{ }", "ab", 2);
    assert_memory_not_equal(&a, &b, sizeof(a));
    cache_key_of(&b, build, "{}", "ab", 2);
    assert_memory_equal(&a, &b, sizeof(a));
}

static void any_flipped_bit_is_a_miss(void **state)
{
    struct cache *cache = open_with(1 << 20);
    struct cache_value value = value_of("code", 4);
    struct cache_key key = key_of("a");
    struct cache_value found;
    struct stat status;
    char path[512];

    (void)state;
    cache_put(cache, &key, &value);
    only_file(path, sizeof(path));
    assert_int_equal(stat(path, &status), 0);
    for (off_t at = 0; at < status.st_size; at++) {
        int fd = open(path, O_RDWR);
        char byte;

        assert_true(fd >= 0);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte = (char)(byte ^ 0x10);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
        assert_int_equal(cache_get(cache, &key, &found), AMID_E_NOT_FOUND);
        assert_int_not_equal(access(path, F_OK), 0);
        cache_put(cache, &key, &value);
        assert_int_equal(truncate(path, at), 0);
        assert_int_equal(cache_get(cache, &key, &found), AMID_E_NOT_FOUND);
        cache_put(cache, &key, &value);
    }
    cache_close(cache);
}

static void the_least_recently_used_go_first(void **state)
{
    struct cache *cache = open_with(10000);
    static char code[3000];
    struct cache_value value;
    struct cache_value found;
    const char *names[] = {"a", "b", "c", "d"};

    (void)state;
    memset(code, 'c', sizeof(code));
    value = value_of(code, sizeof(code));
    for (size_t i = 0; i < 4; i++) {
        struct cache_key key = key_of(names[i]);
        struct cache_key first = key_of("a");
        struct timespec used[2] = {{.tv_sec = (time_t)(1000 + i)}, {.tv_sec = (time_t)(1000 + i)}};
        char path[256], name[65];

        cache_put(cache, &key, &value);
        /* Files of one tick of the kernel's clock would be of the same age. */
        id_hex(key.bytes, sizeof(key.bytes), name);
        snprintf(path, sizeof(path), "%s/cache/%s", folder, name);
        if (i < 3)
            assert_int_equal(utimensat(AT_FDCWD, path, used, 0), 0);
        if (i == 2) {
            assert_int_equal(cache_get(cache, &first, &found), 0); /* "a" is in use again */
            cache_value_free(&found);
        }
    }
    assert_int_equal(cache_get(cache, &(struct cache_key){.bytes = {0}}, &found), AMID_E_NOT_FOUND);
    for (size_t i = 0; i < 4; i++) {
        struct cache_key key = key_of(names[i]);
        int error = cache_get(cache, &key, &found);

        assert_int_equal(error, i == 1 || i == 2 ? AMID_E_NOT_FOUND : 0);
        if (error == 0)
            cache_value_free(&found);
    }
    cache_close(cache);
}

static void what_cannot_be_kept_is_no_error(void **state)
{
    struct cache *cache = open_with(50);
    struct cache_value value = value_of("code", 4);
    struct cache_key key = key_of("a");
    struct cache_value found;
    char path[96];

    (void)state;
    cache_put(cache, &key, &value); /* larger than all there is room for */
    assert_int_equal(cache_get(cache, &key, &found), AMID_E_NOT_FOUND);
    cache_close(cache);
    cache = open_with(1 << 20);
    snprintf(path, sizeof(path), "%s/cache", folder);
    assert_int_equal(rmdir(path), 0);
    cache_put(cache, &key, &value);
    assert_int_equal(cache_get(cache, &key, &found), AMID_E_NOT_FOUND);
    cache_close(cache);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_put_is_found_again),
        TEST(everything_that_makes_a_difference_is_in_the_key),
        TEST(any_flipped_bit_is_a_miss),
        TEST(the_least_recently_used_go_first),
        TEST(what_cannot_be_kept_is_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
