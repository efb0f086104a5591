/* Holds: what is in force is what the operator wrote, or amid says where he slipped: every fault is
 * refused with file:line or the variable's name, the setting and the reason, and nothing is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/config_table.h"

#define NAME     "amid.conf"
#define LISTEN_8 "[::1]:1,[::1]:2,[::1]:3,[::1]:4,[::1]:5,[::1]:6,[::1]:7,[::1]:8"

static char reason[512];

static int load_bytes(const char *text, size_t len, char *const *environment, struct config *config)
{
    FILE *file = len > 0 ? fmemopen((void *)(uintptr_t)text, len, "r") : fopen("/dev/null", "r");
    int error = config_load_from(file, NAME, environment, config, reason, sizeof(reason));

    fclose(file);
    return error;
}

static int load(const char *text, char *const *environment, struct config *config)
{
    return load_bytes(text, strlen(text), environment, config);
}

static void defaults_without_a_file(void **state)
{
    struct config config;

    (void)state;
    assert_int_equal(config_load_from(NULL, NULL, NULL, &config, reason, sizeof(reason)), 0);
    assert_string_equal(config.node_nid, "s-0001");
    assert_string_equal(config.http_listen, "127.0.0.1:3000,[::1]:3000");
    assert_string_equal(config.node_runner, "");
    assert_int_equal(config.runner_heap_mib, 32);
    assert_false(config.http_insecure);
    assert_true(config.policy_network_stops);
    assert_int_equal(config.from[CONFIG_node_nid].origin, CONFIG_FROM_DEFAULT);
    config_free(&config);
}

static void file_then_environment(void **state)
{
    char *environment[] = {"PATH=/bin",          "AMID_NODE_TITLE=  from outside ",
                           "AMID_TEST_FREEZE=1", "AMID_HTTP_LISTEN=127.0.0.1:0 , [::1]:0",
                           "AMID_ELSEWHERE=1",   "AMID=",
                           "AMID_HTTP",          NULL};
    struct config config;

    (void)state;
    assert_int_equal(load("\xef\xbb\xbf# comment\n"
                          "[node]\n"
                          "nid = s-0002 ; inline\n"
                          "title: from the file\n"
                          "\n"
                          "[runner]\n"
                          "heap_mib=64\n"
                          "[policy]\n"
                          "network_stops = off\n",
                          environment, &config),
                     0);
    assert_string_equal(config.node_nid, "s-0002");
    assert_string_equal(config.node_title, "from outside");
    assert_string_equal(config.http_listen, "127.0.0.1:0,[::1]:0");
    assert_int_equal(config.runner_heap_mib, 64);
    assert_false(config.policy_network_stops);
    assert_int_equal(config.from[CONFIG_node_nid].origin, CONFIG_FROM_FILE);
    assert_int_equal(config.from[CONFIG_node_nid].line, 3);
    assert_int_equal(config.from[CONFIG_node_title].origin, CONFIG_FROM_ENVIRONMENT);
    config_free(&config);
}

static void lists_go_on_in_indented_lines(void **state)
{
    struct config config;

    (void)state;
    assert_int_equal(load("[http]\n"
                          "listen = 127.0.0.1:1\n"
                          "    127.0.0.2:2\n"
                          "    127.0.0.3:3, [::1]:4\n",
                          NULL, &config),
                     0);
    assert_string_equal(config.http_listen, "127.0.0.1:1,127.0.0.2:2,127.0.0.3:3,[::1]:4");
    config_free(&config);
}

struct fault {
    const char *text;
    const char *expected;
};

static void every_fault_in_a_file_is_named(void **state)
{
    static const struct fault faults[] = {
        {"[node]\nnide = x\n", NAME ":2: node.nide: there is no such setting"},
        {"[nodes]\nnid = x\n", NAME ":2: there is no section [nodes]"},
        {"nid = x\n", NAME ":1: nid stands before the first [section]"},
        {"[node]\n\n\nnid\n", NAME ":4: neither [section] nor key = value"},
        {"[node\nnid = x\n", NAME ":1: neither [section] nor key = value"},
        {"[node]\nnid = a\nnid = b\n", NAME ":3: node.nid: already set in line 2"},
        {"[node]\nnid = \n", NAME ":2: node.nid: must be 1 to 64 bytes long, not 0"},
        {"[node]\nnid = a b\n",
         NAME ":2: node.nid: may hold letters, digits, '.', '_' and '-' only"},
        {"[node]\nnetwork = a/b\n",
         NAME ":2: node.network: may hold letters, digits, '.', '_' and '-' only"},
        {"[node]\ntitle = a\xff\n", NAME ":2: node.title: is not UTF-8"},
        {"[node]\ntitle = a\x1b[0m\n", NAME ":2: node.title: must not hold control characters"},
        {"[node]\ntitle = a;b\n", NAME ":2: node.title: must not hold ';', which begins a comment"},
        {"[runner]\nheap_mib = many\n",
         NAME ":2: runner.heap_mib: must be a number from 2 to 1024"},
        {"[runner]\nheap_mib = 1.5\n", NAME ":2: runner.heap_mib: must be a number from 2 to 1024"},
        {"[runner]\nheap_mib = -3\n", NAME ":2: runner.heap_mib: must be a number from 2 to 1024"},
        {"[runner]\nheap_mib = 99999999999\n",
         NAME ":2: runner.heap_mib: must be a number from 2 to 1024"},
        {"[runner]\nheap_mib = 1025\n", NAME ":2: runner.heap_mib: 1025 is not between 2 and 1024"},
        {"[runner]\nheap_mib = 4294967298\n",
         NAME ":2: runner.heap_mib: 4294967298 is not between 2 and 1024"},
        {"[http]\ninsecure = maybe\n", NAME ":2: http.insecure: must be yes or no"},
        {"[http]\ninsecure = Yes\n", NAME ":2: http.insecure: must be yes or no"},
        {"[leader]\nttl_s = 4\n", NAME ":2: leader.ttl_s: 4 is not between 5 and 3600"},
        {"[leader]\nttl_s = 10\nrenew_s = 6\n",
         NAME ":3: leader.renew_s: must be at most half of leader.ttl_s, which is 10"},
        {"[leader]\nttl_s = 10\nmargin_s = 5\n",
         NAME ":3: leader.margin_s: together with 5 s between renewals must be less than "
              "leader.ttl_s, which is 10"},
        {"[log]\nlevel = loud\n", NAME ":2: log.level: must be debug, info, warn or error"},
        {"[http]\nlisten = 127.0.0.1:1,,127.0.0.1:2\n", NAME ":2: http.listen: has an empty item"},
        {"[http]\nlisten = ,\n", NAME ":2: http.listen: has an empty item"},
        {"[http]\nlisten = localhost:3000\n",
         NAME ":2: http.listen: \"localhost:3000\" is not address:port or [address]:port"},
        {"[http]\nlisten = 127.0.0.1\n",
         NAME ":2: http.listen: \"127.0.0.1\" is not address:port or [address]:port"},
        {"[http]\nlisten = 127.0.0.1:65536\n",
         NAME ":2: http.listen: \"127.0.0.1:65536\" is not address:port or [address]:port"},
        {"[http]\nlisten = 127.0.0.1:+1\n",
         NAME ":2: http.listen: \"127.0.0.1:+1\" is not address:port or [address]:port"},
        {"[http]\nlisten = ::1:3000\n",
         NAME ":2: http.listen: \"::1:3000\" is not address:port or [address]:port"},
        {"[http]\nlisten = [::1:3000\n",
         NAME ":2: http.listen: \"[::1:3000\" is not address:port or [address]:port"},
        {"[http]\nlisten = []:3000\n",
         NAME ":2: http.listen: \"[]:3000\" is not address:port or [address]:port"},
        {"[http]\nlisten = [:1\n",
         NAME ":2: http.listen: \"[:1\" is not address:port or [address]:port"},
        {"[http]\nlisten = 127.0.0.1:1, 0.0.0.0:80\n",
         NAME ":2: http.listen: 0.0.0.0:80 is reachable from other machines and amid speaks no TLS "
              "there; set http.tls_cert and http.tls_key, put a proxy in front, or set "
              "http.insecure = yes"},
        {"[http]\nlisten = [::]:80\n",
         NAME ":2: http.listen: [::]:80 is reachable from other machines and amid speaks no TLS "
              "there; set http.tls_cert and http.tls_key, put a proxy in front, or set "
              "http.insecure = yes"},
        {"[http]\ntls_key = a\n",
         NAME ":2: http.tls_key: TLS needs both http.tls_cert and http.tls_key"},
        {"[http]\ntls_cert = a\n",
         NAME ":2: http.tls_cert: TLS needs both http.tls_cert and http.tls_key"},
        {"[fetch]\nallow = example.com, a b\n",
         NAME ":2: fetch.allow: an item is neither host, *.domain, address nor *"},
        {"[serve]\nports = 8000-8010,x\n",
         NAME ":2: serve.ports: \"x\" is neither a port nor a range like 8000-8999"},
        {"[serve]\nports = 9000-8000\n",
         NAME ":2: serve.ports: \"9000-8000\" is neither a port nor a range like 8000-8999"},
        {"[serve]\nports = 65536\n",
         NAME ":2: serve.ports: \"65536\" is neither a port nor a range like 8000-8999"},
        {"[serve]\naddress = localhost\n", NAME ":2: serve.address: \"localhost\" is no address"},
        {"[serve]\naddress = 127.0.0.1:80\n",
         NAME ":2: serve.address: \"127.0.0.1:80\" is no address"},
        {"[serve]\naddress = 0.0.0.0\n", NAME ":2: serve.address: 0.0.0.0 is reachable from other "
                                              "machines and amid speaks no TLS there; "
                                              "put a proxy in front, or set http.insecure = yes"},
        {"[serve]\naddress = 127.0.0.1, ::\n", NAME
         ":2: serve.address: :: is reachable from other machines and amid speaks no TLS there; "
         "put a proxy in front, or set http.insecure = yes"},
        {"[http]\ntrusted_proxies = 10.0.0.0/8, proxy.example\n",
         NAME ":2: http.trusted_proxies: an item is no address and no network such as 10.0.0.0/8"},
        {"[fetch]\nallow_private = 127.0.0.1, a b\n",
         NAME ":2: fetch.allow_private: an item is neither host, *.domain, address nor *"},
        {"[http]\npublic_url = example.com\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = ftp://example.com\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = https://\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://:\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://:80\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://example.com:\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://example.com:99999\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://[::1\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://::1\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = http://*.example.com\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = https://example.com/path\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\npublic_url = https://user@example.com\n",
         NAME ":2: http.public_url: must be http://host or https://host, with a port or without"},
        {"[http]\nlisten = " LISTEN_8 "," LISTEN_8 ",[::1]:9\n",
         NAME ":2: http.listen: names more than 16 addresses"},
    };
    struct config config;

    (void)state;
    memset(&config, 0x55, sizeof(config));
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct config before = config;

        assert_int_equal(load(faults[i].text, NULL, &config), AMID_E_INVALID);
        assert_string_equal(reason, faults[i].expected);
        assert_memory_equal(&before, &config, sizeof(config));
    }
}

static void expect_set(int expected, enum config_setting setting, const char *text,
                       const char *bounds)
{
    struct config config = {0};
    char why[256] = "";

    assert_int_equal(config_set(&config, setting, text, why, sizeof(why)), expected);
    if (expected != 0 && strstr(why, bounds) == NULL)
        fail_msg("%s.%s = %.20s: %s", config_rows[setting].section, config_rows[setting].key, text,
                 why);
    config_free(&config);
}

static void check_number(enum config_setting setting)
{
    const struct config_row *row = &config_rows[setting];
    char text[24], bounds[64];

    snprintf(bounds, sizeof(bounds), "between %u and %u", row->least, row->most);
    snprintf(text, sizeof(text), "%u", row->least);
    expect_set(0, setting, text, NULL);
    snprintf(text, sizeof(text), "%u", row->most);
    expect_set(0, setting, text, NULL);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)row->most + 1);
    expect_set(AMID_E_INVALID, setting, text, bounds);
    if (row->least > 0) {
        snprintf(text, sizeof(text), "%u", row->least - 1);
        expect_set(AMID_E_INVALID, setting, text, bounds);
    }
}

static void check_length(enum config_setting setting)
{
    const struct config_row *row = &config_rows[setting];
    char *text = malloc((size_t)row->most + 2);
    char bounds[64];

    assert_non_null(text);
    snprintf(bounds, sizeof(bounds), "must be %u to %u bytes long", row->least, row->most);
    memset(text, 'a', (size_t)row->most + 1);
    text[row->most + 1] = '\0';
    expect_set(AMID_E_INVALID, setting, text, bounds);
    text[row->most] = '\0';
    expect_set(0, setting, text, NULL);
    if (row->least > 0)
        expect_set(AMID_E_INVALID, setting, "", bounds);
    free(text);
}

static void every_bound_of_the_table_holds(void **state)
{
    (void)state;
    for (int i = 0; i < CONFIG_SETTING_MAX; i++) {
        if (config_rows[i].type == CONFIG_U32)
            check_number((enum config_setting)i);
        else if (config_rows[i].type == CONFIG_STR || config_rows[i].type == CONFIG_LIST)
            check_length((enum config_setting)i);
    }
}

static void odd_files_are_refused(void **state)
{
    char text[1000];
    struct config config;

    (void)state;
    assert_int_equal(load_bytes("[node]\nnid = a\0b\n", 17, NULL, &config), AMID_E_INVALID);
    assert_string_equal(reason, NAME ":2: a NUL byte");
    snprintf(text, sizeof(text), "[node]\ntitle = %0400d\n", 0);
    assert_int_equal(load(text, NULL, &config), AMID_E_INVALID);
    assert_string_equal(reason, NAME
                        ":2: the line is longer than 199 bytes; lists go on in an indented line");
    /* The first of two faults, whichever kind it is. */
    assert_int_equal(load("[node]\nwhat\nnid = /\n[x]\ny = 1\n", NULL, &config), AMID_E_INVALID);
    assert_string_equal(reason, NAME ":2: neither [section] nor key = value");
    assert_int_equal(load("", NULL, &config), 0);
    config_free(&config);
    assert_int_equal(config_load("/nonexistent/amid.conf", &config, reason, sizeof(reason)),
                     AMID_E_NOT_FOUND);
    assert_string_equal(reason,
                        "/nonexistent/amid.conf: cannot be read: No such file or directory");
    assert_int_equal(config_load("/", &config, reason, sizeof(reason)), AMID_E_IO);
    assert_string_equal(reason, "/: cannot be read: Is a directory");
}

static void every_fault_in_the_environment_is_named(void **state)
{
    static const struct fault faults[] = {
        {"AMID_HTTP_LISTENS=127.0.0.1:1",
         "environment: AMID_HTTP_LISTENS: there is no such setting"},
        {"AMID_http_listen=127.0.0.1:1", "environment: AMID_http_listen: there is no such setting"},
        {"AMID_RUNNER_HEAP=1", "environment: AMID_RUNNER_HEAP: there is no such setting"},
        {"AMID_RUNNER_HEAP_MIB=1",
         "environment: AMID_RUNNER_HEAP_MIB: 1 is not between 2 and 1024"},
        {"AMID_LOG_LEVEL=", "environment: AMID_LOG_LEVEL: must be 1 to 8 bytes long, not 0"},
        {"AMID_LOG_LEVEL=all", "environment: AMID_LOG_LEVEL: must be debug, info, warn or error"},
        {"AMID_HTTP_LISTEN=10.0.0.1:3000",
         "environment: AMID_HTTP_LISTEN: 10.0.0.1:3000 is reachable from other machines and amid "
         "speaks no TLS there; set http.tls_cert and http.tls_key, put a proxy in front, or set "
         "http.insecure = yes"},
    };
    struct config config;

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        char *environment[] = {(char *)(uintptr_t)faults[i].text, NULL};

        assert_int_equal(config_load_from(NULL, NULL, environment, &config, reason, sizeof(reason)),
                         AMID_E_INVALID);
        assert_string_equal(reason, faults[i].expected);
    }
}

static void insecure_listening_must_be_asked_for(void **state)
{
    char *environment[] = {"AMID_HTTP_LISTEN=0.0.0.0:3000,[2001:db8::1]:3000",
                           "AMID_HTTP_INSECURE=yes", NULL};
    char *loopback[] = {"AMID_HTTP_LISTEN=127.99.0.1:3000", NULL};
    struct config config;

    (void)state;
    assert_int_equal(config_load_from(NULL, NULL, environment, &config, reason, sizeof(reason)), 0);
    config_free(&config);
    assert_int_equal(config_load_from(NULL, NULL, loopback, &config, reason, sizeof(reason)), 0);
    config_free(&config);
}

static char *printed(const struct config *config)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    config_print(config, out);
    fclose(out);
    return text;
}

static void what_is_printed_reads_back(void **state)
{
    char *environment[] = {"AMID_NODE_TITLE=a b", NULL};
    struct config config, again;
    char *first, *second;

    (void)state;
    assert_int_equal(load("[runner]\nworkers = 7\n", environment, &config), 0);
    first = printed(&config);
    assert_non_null(strstr(first, "\nworkers = 7 ; line 2\n"));
    assert_non_null(strstr(first, "\ntitle = a b ; from AMID_NODE_TITLE\n"));
    assert_non_null(strstr(first, "[node]\nnid = s-0001 ; default\n"));
    assert_int_equal(load(first, NULL, &again), 0);
    assert_int_equal(again.runner_workers, 7);
    assert_string_equal(again.node_title, "a b");
    second = printed(&again);
    assert_null(strstr(second, "default"));
    free(first);
    free(second);
    config_free(&config);
    config_free(&again);
}

static void reload_takes_over_what_may_change(void **state)
{
    struct config config, fresh;

    (void)state;
    log_set_level(LOG_LEVEL_ERROR);
    assert_int_equal(load("[http]\ncors = https://a\n", NULL, &config), 0);
    assert_int_equal(load("[http]\ncors = https://b\nconnections = 5\n[node]\nnid = other\n"
                          "[policy]\nnetwork_stops = no\n",
                          NULL, &fresh),
                     0);
    config_reload(&config, &fresh);
    assert_string_equal(config.http_cors, "https://b");
    assert_string_equal(fresh.http_cors, "https://a");
    assert_int_equal(config.http_connections, 5);
    assert_false(config.policy_network_stops);
    assert_string_equal(config.node_nid, "s-0001");
    config_free(&config);
    config_free(&fresh);
    log_set_level(LOG_LEVEL_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_without_a_file),
        cmocka_unit_test(file_then_environment),
        cmocka_unit_test(lists_go_on_in_indented_lines),
        cmocka_unit_test(every_fault_in_a_file_is_named),
        cmocka_unit_test(every_bound_of_the_table_holds),
        cmocka_unit_test(odd_files_are_refused),
        cmocka_unit_test(every_fault_in_the_environment_is_named),
        cmocka_unit_test(insecure_listening_must_be_asked_for),
        cmocka_unit_test(what_is_printed_reads_back),
        cmocka_unit_test(reload_takes_over_what_may_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
