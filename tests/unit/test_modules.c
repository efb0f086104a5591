/*
 * Packages: which names, paths and specifiers there are; how main, exports and relative paths find
 * a file, and that none of it leads out of a package; that the index and each package's hash decide
 * what may be loaded. Integration tests hold the same against real scripts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/module.h"
#include "supervisor/modules/modules.h"

static void test_names(void **state)
{
    static const char *const good[] = {"a", "left-pad", "JSONStream", "@scope/name", "a.b_c~1"};
    static const char *const bad[] = {"",    ".a",   "_a",  "a/b",    "@a",           "@/b",
                                      "@a/", "a b",  "../", "@a/b/c", "node_modules", "a\\b",
                                      "é",   "@.a/b"};
    char longest[MODULE_NAME_MAX_BYTES + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(module_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (module_name_is_valid(bad[i]))
            fail_msg("%s was taken", bad[i]);
    }
    memset(longest, 'a', sizeof(longest));
    longest[MODULE_NAME_MAX_BYTES + 1] = '\0';
    assert_false(module_name_is_valid(longest));
    longest[MODULE_NAME_MAX_BYTES] = '\0';
    assert_true(module_name_is_valid(longest));
    assert_int_equal(module_specifier_name("a/b/c"), 1);
    assert_int_equal(module_specifier_name("@a/b/c"), 4);
    assert_int_equal(module_specifier_name("./a"), 0);
    assert_int_equal(module_specifier_name("/a"), 0);
    assert_int_equal(module_specifier_name("node:fs"), 0);
    assert_int_equal(module_specifier_name("https://a"), 0);
}

static void test_paths(void **state)
{
    static const char *const bad[] = {"",     "/a",  "a/",   "a//b", ".",    "..",
                                      "a/..", "./a", "a\\b", "a\nb", "\xff", "a/./b"};

    (void)state;
    assert_true(module_path_is_valid("a/b.c/..d/...e"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (module_path_is_valid(bad[i]))
            fail_msg("%s was taken", bad[i]);
    }
}

static void test_integrity(void **state)
{
    char integrity[MODULE_INTEGRITY_BYTES], file[MODULE_FILE_NAME_BYTES];

    (void)state;
    module_integrity("abc", 3, integrity); /* FIPS 180-4's example */
    assert_string_equal(integrity, "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/"
                                   "BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==");
    assert_true(module_file_name(integrity, file));
    assert_string_equal(file, "ddaf35a193617abacc417349ae204131.json");
    assert_false(module_file_name("sha512-", file));
    assert_false(module_file_name("sha1-abc", file));
    integrity[20] = '!';
    assert_false(module_file_name(integrity, file));
}

static struct package *package_of(const char *files)
{
    struct package *package = NULL;
    char text[8192], reason[128] = "";

    snprintf(text, sizeof(text), "{\"format\":1,\"name\":\"p\",\"version\":\"1\",\"files\":%s}",
             files);
    if (package_parse(text, strlen(text), &package, reason, sizeof(reason)) != 0)
        fail_msg("%s: %s", files, reason);
    return package;
}

static void is_entry(const struct package *package, const char *subpath, bool is_import,
                     const char *path)
{
    const char *found = package_entry(package, subpath, is_import);

    if ((found == NULL) != (path == NULL) || (path != NULL && strcmp(found, path) != 0))
        fail_msg("%s is %s", subpath, found == NULL ? "nothing" : found);
}

static void test_main(void **state)
{
    struct package *package;

    (void)state;
    package = package_of("{\"index.js\":\"\",\"lib/a.js\":\"\",\"lib/b/index.json\":\"{}\"}");
    is_entry(package, "", false, "index.js");
    is_entry(package, "lib/a", false, "lib/a.js");
    is_entry(package, "lib/a.js", true, "lib/a.js");
    is_entry(package, "lib/b", false, "lib/b/index.json");
    is_entry(package, "lib/c", false, NULL);
    is_entry(package, "../index.js", false, NULL);
    is_entry(package, "lib/../index", false, "index.js");
    package_free(package);
    package =
        package_of("{\"package.json\":\"{\\\"main\\\":\\\"./lib\\\"}\",\"lib/index.js\":\"\"}");
    is_entry(package, "", false, "lib/index.js");
    package_free(package);
    package = package_of("{\"package.json\":\"{\\\"main\\\":\\\"../x\\\"}\",\"index.js\":\"\"}");
    is_entry(package, "", false, "index.js"); /* as Node: index when main leads nowhere */
    package_free(package);
    package = package_of("{\"package.json\":\"no json\",\"index.cjs\":\"\"}");
    is_entry(package, "", false, "index.cjs");
    package_free(package);
    package = package_of("{}");
    is_entry(package, "", true, NULL);
    package_free(package);
}

static void test_exports(void **state)
{
    struct package *package = package_of(
        "{\"package.json\":\"{\\\"exports\\\":{\\\".\\\":{\\\"types\\\":\\\"./t.d.ts\\\","
        "\\\"import\\\":\\\"./i.mjs\\\",\\\"require\\\":[\\\"./absent.js\\\",\\\"./r.cjs\\\"]},"
        "\\\"./sub\\\":{\\\"node\\\":{\\\"import\\\":\\\"./i.mjs\\\"},\\\"default\\\":\\\"./"
        "r.cjs\\\"},"
        "\\\"./f/*\\\":\\\"./lib/*.js\\\",\\\"./f/private/*\\\":null,\\\"./out\\\":\\\"../"
        "out.js\\\","
        "\\\"./abs\\\":\\\"/r.cjs\\\"}}\","
        "\"i.mjs\":\"\",\"r.cjs\":\"\",\"lib/a.js\":\"\",\"lib/private/"
        "b.js\":\"\",\"out.js\":\"\"}");

    (void)state;
    is_entry(package, "", true, "i.mjs");
    is_entry(package, "", false, "r.cjs");
    is_entry(package, "sub", true, "r.cjs");
    is_entry(package, "f/a", true, "lib/a.js");
    is_entry(package, "f/private/b", true, NULL);
    is_entry(package, "f/../../x", true, NULL);
    is_entry(package, "f/", true, NULL);
    is_entry(package, "f/*", true, NULL);
    is_entry(package, "lib/a.js", true, NULL); /* not exported */
    is_entry(package, "out", true, NULL);
    is_entry(package, "abs", true, NULL);
    package_free(package);
    package = package_of("{\"package.json\":\"{\\\"exports\\\":\\\"./a.js\\\"}\",\"a.js\":\"\"}");
    is_entry(package, "", true, "a.js");
    is_entry(package, "a.js", true, NULL);
    package_free(package);
}

static void test_deep_conditions_end(void **state)
{
    char files[4096] = "{\"package.json\":\"{\\\"exports\\\":";
    struct package *package;

    (void)state;
    for (int i = 0; i < 20; i++)
        strcat(files, "{\\\"default\\\":");
    strcat(files, "\\\"./a.js\\\"");
    for (int i = 0; i < 20; i++)
        strcat(files, "}");
    strcat(files, "}\",\"a.js\":\"\"}");
    package = package_of(files);
    is_entry(package, "", true, NULL);
    package_free(package);
}

static void test_relative(void **state)
{
    struct package *package = package_of(
        "{\"package.json\":\"{\\\"imports\\\":{\\\"#x\\\":\\\"./lib/x.js\\\"},\\\"type\\\":"
        "\\\"module\\\",\\\"dependencies\\\":{\\\"q\\\":\\\"1\\\"}}\",\"index.js\":\"\","
        "\"lib/x.js\":\"\",\"lib/x/index.js\":\"\",\"lib/data.json\":\"{}\","
        "\"cjs/package.json\":\"{\\\"type\\\":\\\"commonjs\\\"}\",\"cjs/deep/y.js\":\"\"}");

    (void)state;
    assert_string_equal(package_relative(package, "lib/x.js", "./x", false), "lib/x.js");
    assert_string_equal(package_relative(package, "lib/x.js", "./x/", false), "lib/x/index.js");
    assert_string_equal(package_relative(package, "lib/x.js", "..", false), "index.js");
    assert_string_equal(package_relative(package, "lib/x.js", "../index", false), "index.js");
    assert_string_equal(package_relative(package, "lib/x.js", "./data", false), "lib/data.json");
    assert_string_equal(package_relative(package, "index.js", "#x", true), "lib/x.js");
    assert_null(package_relative(package, "index.js", "#y", true));
    assert_null(package_relative(package, "lib/x.js", "../../index.js", false));
    assert_null(package_relative(package, "lib/x.js", "./absent", false));
    assert_int_equal(package_kind_of(package, "index.js"), PACKAGE_MODULE);
    assert_int_equal(package_kind_of(package, "cjs/deep/y.js"), PACKAGE_COMMONJS);
    assert_int_equal(package_kind_of(package, "lib/data.json"), PACKAGE_JSON);
    assert_int_equal(package_kind_of(package, "a.cjs"), PACKAGE_COMMONJS);
    assert_int_equal(package_kind_of(package, "cjs/a.mjs"), PACKAGE_MODULE);
    assert_true(package_requires(package, "q"));
    assert_false(package_requires(package, "r"));
    package_free(package);
}

static void refused(const char *text, const char *reason)
{
    struct package *package = NULL;
    char why[128] = "";

    assert_int_equal(package_parse(text, strlen(text), &package, why, sizeof(why)), AMID_E_INVALID);
    assert_string_equal(why, reason);
    assert_null(package);
}

static void test_bad_packs(void **state)
{
    (void)state;
    refused("", "it is no JSON");
    refused("[]", "it has a format of another version of amid");
    refused("{\"format\":2}", "it has a format of another version of amid");
    refused("{\"format\":1,\"name\":\"../a\",\"version\":\"1\",\"files\":{}}",
            "it has no name or no version");
    refused("{\"format\":1,\"name\":\"a\",\"version\":\"1\",\"files\":[]}",
            "it has no files, or too many");
    refused("{\"format\":1,\"name\":\"a\",\"version\":\"1\",\"files\":{\"../x\":\"\"}}",
            "it names a file that it must not have");
    refused("{\"format\":1,\"name\":\"a\",\"version\":\"1\",\"files\":{\"x\":1}}",
            "it names a file that it must not have");
}

/* --- the folder --- */

struct place {
    char folder[64];
    struct event_base *base;
    struct modules *modules;
    int changes;
};

static void changed(void *arg)
{
    ((struct place *)arg)->changes++;
}

static void put(const struct place *place, const char *name, const char *text)
{
    char path[160];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", place->folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Writes a package's file and an index that lists it as `listed_as`. */
static void put_package(const struct place *place, const char *listed_as, const char *name,
                        const char *body)
{
    char integrity[MODULE_INTEGRITY_BYTES], file[MODULE_FILE_NAME_BYTES];
    char text[512], index[512];

    snprintf(text, sizeof(text),
             "{\"format\":1,\"name\":\"%s\",\"version\":\"1\",\"files\":{\"index.js\":\"%s\"}}",
             name, body);
    module_integrity(text, strlen(text), integrity);
    assert_true(module_file_name(integrity, file));
    put(place, file, text);
    snprintf(index, sizeof(index), "{\"format\":1,\"packages\":{\"%s\":{\"integrity\":\"%s\"}}}",
             listed_as, integrity);
    put(place, "index.new", index);
}

static void publish(const struct place *place)
{
    char from[160], to[160];

    snprintf(from, sizeof(from), "%s/index.new", place->folder);
    snprintf(to, sizeof(to), "%s/" MODULE_INDEX, place->folder);
    assert_int_equal(rename(from, to), 0);
}

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    struct modules_needs needs;

    strcpy(place->folder, "/tmp/amid-modules-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    place->base = event_base_new();
    needs = (struct modules_needs){place->base, place->folder, changed, place};
    assert_int_equal(modules_open(&needs, &place->modules), 0);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    char command[128];

    modules_close(place->modules);
    event_base_free(place->base);
    snprintf(command, sizeof(command), "rm -r --one-file-system %s", place->folder);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a name of our own making
    free(place);
    return 0;
}

static void test_a_new_index_is_noticed(void **state)
{
    struct place *place = *state;
    struct package *package = NULL;
    struct package *again = NULL;
    size_t len;

    assert_string_equal(modules_fault(place->modules, "p"), "is not installed on this node");
    assert_int_equal(modules_take(place->modules, "p", &package), AMID_E_NOT_FOUND);
    put_package(place, "p", "p", "one");
    publish(place);
    while (place->changes == 0)
        event_base_loop(place->base, EVLOOP_ONCE);
    assert_null(modules_fault(place->modules, "p"));
    assert_int_equal(modules_take(place->modules, "p", &package), 0);
    assert_int_equal(modules_take(place->modules, "p", &again), 0);
    assert_ptr_equal(package, again);
    assert_string_equal(package_file(package, "index.js", &len), "one");
    modules_give_back(place->modules, again);
    /* Who uses the old one keeps it. */
    put_package(place, "p", "p", "two");
    publish(place);
    modules_refresh(place->modules);
    assert_int_equal(modules_take(place->modules, "p", &again), 0);
    assert_string_equal(package_file(package, "index.js", &len), "one");
    assert_string_equal(package_file(again, "index.js", &len), "two");
    modules_give_back(place->modules, package);
    modules_give_back(place->modules, again);
}

static void test_what_does_not_match_is_refused(void **state)
{
    struct place *place = *state;
    struct package *package = NULL;

    put_package(place, "p", "q", "other");
    publish(place);
    modules_refresh(place->modules);
    assert_int_equal(modules_take(place->modules, "p", &package), AMID_E_CORRUPT);
    assert_string_equal(modules_fault(place->modules, "p"),
                        "is another package in truth; install it again");
    assert_int_equal(modules_take(place->modules, "p", &package), AMID_E_CORRUPT);
    put(place, "index.new",
        "{\"format\":1,\"packages\":{\"p\":{\"integrity\":\"sha512-3a81oZNherrMQXNJriBBMRLm+"
        "k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==\"}}}");
    publish(place);
    modules_refresh(place->modules);
    assert_null(modules_fault(place->modules, "p"));
    assert_int_equal(modules_take(place->modules, "p", &package), AMID_E_CORRUPT);
    assert_string_equal(modules_fault(place->modules, "p"),
                        "cannot be read from the modules folder; install it again");
    modules_refresh(place->modules);
    put(place, "ddaf35a193617abacc417349ae204131.json", "{}");
    assert_int_equal(modules_take(place->modules, "p", &package), AMID_E_CORRUPT);
    assert_string_equal(
        modules_fault(place->modules, "p"),
        "does not match the integrity that was recorded when it was installed; install it again");
}

static void test_bad_index(void **state)
{
    static const char *const bad[] = {
        "",
        "{}",
        "{\"format\":2,\"packages\":{}}",
        "{\"format\":1,\"packages\":[]}",
        "{\"format\":1,\"packages\":{\"../x\":{}}}",
        "{\"format\":1,\"packages\":{\"x\":{}}}",
        "{\"format\":1,\"packages\":{\"x\":{\"integrity\":\"md5-1\"}}}"};
    struct place *place = *state;
    int changes;

    put_package(place, "p", "p", "one");
    publish(place);
    modules_refresh(place->modules);
    changes = place->changes;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put(place, MODULE_INDEX, bad[i]);
        modules_refresh(place->modules);
        assert_null(modules_fault(place->modules, "p"));
    }
    assert_int_equal(place->changes, changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_integrity),
        cmocka_unit_test(test_main),
        cmocka_unit_test(test_exports),
        cmocka_unit_test(test_deep_conditions_end),
        cmocka_unit_test(test_relative),
        cmocka_unit_test(test_bad_packs),
        cmocka_unit_test_setup_teardown(test_a_new_index_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_does_not_match_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_index, setup, teardown),
    };

    if (sodium_init() < 0)
        return 1;
    log_set_level(LOG_LEVEL_MAX);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
