/* Whatever is found in libcurl's place, amid goes on and the request is told in words what is wrong
 * with it; nothing that lacks a function or a check is ever called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/error.h"
#include "supervisor/curl/curl_library.h"

static void refuse(const char *file, const char *words)
{
    struct curl_library library = {0};
    char fault[CURL_LIBRARY_FAULT_BYTES] = "";

    assert_int_equal(curl_library_load(file, &library, fault, sizeof(fault)), AMID_E_UNSUPPORTED);
    assert_null(library.easy_init);
    if (strstr(fault, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fault, words);
}

static void test_unfit(void **state)
{
    (void)state;
    refuse("libcurl.so.of.nobody", "libcurl.so.of.nobody: cannot open shared object file");
    refuse("libz.so.1", "libcurl.so.4 is not libcurl");
    refuse(FAKE_FOLDER "/libcurl_old.so", "libcurl 7.76.1 is older than 7.87.0");
    refuse(FAKE_FOLDER "/libcurl_gnutls.so",
           "libcurl 8.10.1 was built with GnuTLS/3.8.8 instead of OpenSSL");
    refuse(FAKE_FOLDER "/libcurl_bare.so", "libcurl 8.10.1 was built with no TLS");
    refuse(FAKE_FOLDER "/libcurl_plain.so", "libcurl 8.10.1 was built without HTTP or TLS");
    refuse(FAKE_FOLDER "/libcurl_half.so", "libcurl.so.4 has no curl_easy_cleanup");
}

static void test_real(void **state)
{
    char fault[CURL_LIBRARY_FAULT_BYTES] = "";
    CURL *curl;

    (void)state;
    assert_int_equal(curl_library_need(fault, sizeof(fault)), 0);
    assert_string_equal(fault, "");
#define X(name) assert_non_null(libcurl.name);
    CURL_LIBRARY_FUNCTIONS(X)
#undef X
    assert_int_equal(curl_library_need(fault, sizeof(fault)), 0);
    curl = libcurl.easy_init();
    assert_non_null(curl);
    libcurl.easy_cleanup(curl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unfit),
        cmocka_unit_test(test_real),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
