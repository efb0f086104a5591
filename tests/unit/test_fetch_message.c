/* What goes out and comes in around a body: requests whose headers could move a message's end or
 * its host are refused, heads of answers are bounded and strict, packed bodies come out piece by
 * piece and never more than asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/error.h"
#include "supervisor/fetch/answer_head.h"
#include "supervisor/fetch/request.h"
#include "supervisor/fetch/unpack.h"
#include "tests/unit/need_curl.h"

static int check(struct request request)
{
    char fault[128] = "";
    int error = request_check(&request, fault, sizeof(fault));

    assert_int_equal(error != 0, fault[0] != '\0');
    return error;
}

static void test_methods(void **state)
{
    static const char *const bad[] = {
        "",      "GET /", "G\r\nT", "CONNECT",
        "trace", "TRACK", "G(T",    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(check((struct request){.method = bad[i]}), AMID_E_INVALID);
    assert_int_equal(check((struct request){.method = "PATCH", .has_body = true}), 0);
    assert_int_equal(check((struct request){.method = "GET"}), 0);
    assert_int_equal(check((struct request){.method = "GET", .has_body = true}), AMID_E_INVALID);
    assert_int_equal(check((struct request){.method = "HEAD", .has_body = true}), AMID_E_INVALID);
    assert_int_equal(check((struct request){.method = "POST",
                                            .has_body = true,
                                            .body_len = REQUEST_BODY_MAX_BYTES + 1}),
                     AMID_E_TOO_LARGE);
}

static void test_request_headers(void **state)
{
    static const struct request_header bad[] = {{"", "x"},
                                                {"a b", "x"},
                                                {"a:", "x"},
                                                {"a\n", "x"},
                                                {"a", "x\r\nb: c"},
                                                {"a", "x\n"},
                                                {"a", "\x7f"},
                                                {"Host", "other"},
                                                {"hOST", "other"},
                                                {"Content-Length", "1"},
                                                {"Transfer-Encoding", "chunked"},
                                                {"Connection", "x"},
                                                {"Upgrade", "h2c"},
                                                {"TE", "x"},
                                                {"Expect", "x"},
                                                {"Accept-Encoding", "br"},
                                                {"Proxy-Authorization", "x"}};
    static struct request_header many[REQUEST_HEADERS_MAX + 1];
    static char text[REQUEST_HEADERS_MAX_BYTES + 1];
    struct request_header good[] = {{"X-A", "b\tc \xff"}, {"cookie", ""}};
    struct curl_slist *list = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(
            check((struct request){.method = "GET", .headers = &bad[i], .header_count = 1}),
            AMID_E_INVALID);
    assert_int_equal(check((struct request){.method = "GET", .headers = good, .header_count = 2}),
                     0);
    for (size_t i = 0; i <= REQUEST_HEADERS_MAX; i++)
        many[i] = good[0];
    assert_int_equal(check((struct request){.method = "GET",
                                            .headers = many,
                                            .header_count = REQUEST_HEADERS_MAX + 1}),
                     AMID_E_TOO_LARGE);
    memset(text, 'a', sizeof(text) - 1);
    many[0].value = text;
    assert_int_equal(check((struct request){.method = "GET", .headers = many, .header_count = 1}),
                     AMID_E_TOO_LARGE);
    assert_int_equal(request_header_add(&list, "a", "b"), 0);
    assert_int_equal(request_header_add(&list, "c", ""), 0);
    assert_string_equal(list->data, "a: b");
    assert_string_equal(list->next->data, "c;");
    libcurl.slist_free_all(list);
}

static int lines(struct answer_head *head, const char *const *text)
{
    int error = 0;

    for (; *text != NULL && error == 0; text++)
        error = answer_head_line(head, *text, strlen(*text));
    return error;
}

static void test_answer_head(void **state)
{
    static const char *const text[] = {"HTTP/1.1 100 Continue\r\n",
                                       "X-Early: 1\r\n",
                                       "\r\n",
                                       "HTTP/1.1 200 All is \xfc"
                                       "ber\r\n",
                                       "Set-Cookie: a\r\n",
                                       "set-cookie:  b \t\r\n",
                                       "Empty:\r\n",
                                       "\r\n",
                                       "Trailer: x\r\n",
                                       NULL};
    struct answer_head head;
    const char *at = NULL, *name, *value;

    (void)state;
    answer_head_init(&head);
    assert_null(answer_head_field(&head, "a"));
    assert_int_equal(lines(&head, text), 0);
    assert_true(head.is_complete);
    assert_int_equal(head.status, 200);
    assert_string_equal(head.reason, "All is \xfc"
                                     "ber");
    assert_int_equal(head.count, 3);
    assert_true(answer_head_next(&head, &at, &name, &value));
    assert_string_equal(name, "set-cookie");
    assert_string_equal(value, "a");
    assert_true(answer_head_next(&head, &at, &name, &value));
    assert_string_equal(value, "b");
    assert_string_equal(answer_head_field(&head, "empty"), "");
    assert_null(answer_head_field(&head, "x-early"));
    answer_head_free(&head);
}

static void test_bad_heads(void **state)
{
    static const char *const bad[][4] = {
        {"\r\n", NULL},
        {"A: b\r\n", NULL},
        {"HTTP/1.1\r\n", NULL},
        {"HTTP/1.1 20\r\n", NULL},
        {"HTTP/1.1 20x OK\r\n", NULL},
        {"HTTP/1.1 099 OK\r\n", NULL},
        {"HTTP/1.1 2000\r\n", NULL},
        {"HTTP/1.1 200 OK\r\n", "no colon\r\n", NULL},
        {"HTTP/1.1 200 OK\r\n", ": x\r\n", NULL},
        {"HTTP/1.1 200 OK\r\n", "a b: x\r\n", NULL},
        {"HTTP/1.1 200 OK\r\n", " folded: x\r\n", NULL},
        {"HTTP/1.1 200 OK\r\n", "a: \x01\r\n", NULL},
        {"HTTP/1.1 200 OK\r\n", "a: b\rc: d\r\n", NULL},
    };
    static char text[ANSWER_HEAD_MAX_BYTES + 16];
    struct answer_head head;
    int error = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        answer_head_init(&head);
        assert_int_equal(lines(&head, bad[i]), AMID_E_PROTOCOL);
        answer_head_free(&head);
    }
    answer_head_init(&head);
    assert_int_equal(answer_head_line(&head, "HTTP/2 200 \r\n", 13), 0);
    for (int i = 0; i <= ANSWER_HEADERS_MAX && error == 0; i++)
        error = answer_head_line(&head, "a: b", 4);
    assert_int_equal(error, AMID_E_TOO_LARGE);
    assert_int_equal(answer_head_line(&head, "HTTP/1.1 200", 12), 0);
    memset(text, 'a', sizeof(text));
    memcpy(text, "a: ", 3);
    assert_int_equal(answer_head_line(&head, text, sizeof(text)), AMID_E_TOO_LARGE);
    answer_head_free(&head);
}

#define PLAIN_BYTES (4u * 1024 * 1024)

static size_t pack(uint8_t *out, size_t size)
{
    uint8_t *plain = calloc(1, PLAIN_BYTES);
    z_stream stream = {.next_in = plain, .avail_in = PLAIN_BYTES};
    size_t len;

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = out;
    stream.avail_out = (uInt)size;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    len = size - stream.avail_out;
    deflateEnd(&stream);
    free(plain);
    return len;
}

static void test_unpack(void **state)
{
    uint8_t packed[8192], out[1000];
    size_t len = pack(packed, sizeof(packed)), at = 0, total = 0;
    struct unpack *unpack = unpack_new();
    bool is_end = false;

    (void)state;
    while (!is_end) {
        size_t in = len - at < 7 ? len - at : 7, room = sizeof(out);

        assert_int_equal(unpack_some(unpack, packed + at, &in, out, &room, &is_end), 0);
        assert_true(room <= sizeof(out));
        at += in;
        total += room;
    }
    assert_int_equal(total, PLAIN_BYTES);
    assert_int_equal(at, len);
    at = 1; /* what follows is nobody's */
    len = sizeof(out);
    assert_int_equal(unpack_some(unpack, packed, &at, out, &len, &is_end), 0);
    assert_int_equal(len, 0);
    assert_true(is_end);
    unpack_free(unpack);
    unpack = unpack_new();
    at = 4;
    len = sizeof(out);
    assert_int_equal(unpack_some(unpack, (const uint8_t *)"nope", &at, out, &len, &is_end),
                     AMID_E_CORRUPT);
    unpack_free(unpack);
    unpack_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods),     cmocka_unit_test(test_request_headers),
        cmocka_unit_test(test_answer_head), cmocka_unit_test(test_bad_heads),
        cmocka_unit_test(test_unpack),
    };

    return cmocka_run_group_tests(tests, need_curl, NULL);
}
