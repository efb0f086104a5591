/* The opening handshake: the request says what RFC 6455 wants, and nothing but the consent that
 * belongs to its key is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/error.h"
#include "supervisor/fetch/upgrade.h"
#include "tests/unit/need_curl.h"

/* RFC 6455, 1.3 */
#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define GOOD                                                                                       \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: x, upgrade\r\n"         \
    "Sec-WebSocket-Accept: " ACCEPT "\r\n"

static void test_request(void **state)
{
    struct target target;
    struct buffer out;
    const char *fault;
    char key[UPGRADE_KEY_BYTES], other[UPGRADE_KEY_BYTES];

    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(target_parse("wss://[::1]:444/a?b", TARGET_SOCKET, &target, &fault), 0);
    assert_int_equal(upgrade_request(&target, KEY, "chat", &out), 0);
    assert_memory_equal(out.data, "GET /a?b HTTP/1.1\r\nHost: [::1]:444\r\n", 36);
    assert_non_null(strstr(out.data, "\r\nSec-WebSocket-Key: " KEY "\r\n"));
    assert_non_null(strstr(out.data, "\r\nSec-WebSocket-Version: 13\r\n"));
    assert_non_null(strstr(out.data, "\r\nSec-WebSocket-Protocol: chat\r\n"));
    assert_string_equal(out.data + out.len - 4, "\r\n\r\n");
    target_free(&target);
    buffer_free(&out);
    upgrade_new_key(key);
    upgrade_new_key(other);
    assert_int_equal(strlen(key), UPGRADE_KEY_BYTES - 1);
    assert_string_not_equal(key, other);
}

/* What is wrong with an answer, or the protocol chosen. */
static const char *read_answer(const char *text, bool *ret_is_consent)
{
    static char protocol[64];
    struct answer_head head;
    const char *fault, *chosen = "";
    size_t used;

    answer_head_init(&head);
    assert_int_equal(upgrade_read_head(text, strlen(text), &head, &used), 0);
    assert_int_equal(used, strstr(text, "\r\n\r\n") + 4 - text);
    fault = upgrade_fault(&head, KEY, "chat, superchat", &chosen);
    strcpy(protocol, chosen);
    *ret_is_consent = fault == NULL;
    answer_head_free(&head);
    return fault == NULL ? protocol : fault;
}

static void test_answers(void **state)
{
    static const char *const bad[] = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
        "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        GOOD "Sec-WebSocket-Protocol: other\r\n\r\n",
        GOOD "Sec-WebSocket-Protocol: Chat\r\n\r\n",
        GOOD "Sec-WebSocket-Protocol:\r\n\r\n",
    };
    bool is_consent;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        read_answer(bad[i], &is_consent);
        assert_false(is_consent);
    }
    assert_string_equal(read_answer(GOOD "\r\nrest", &is_consent), "");
    assert_true(is_consent);
    assert_string_equal(read_answer(GOOD "Sec-WebSocket-Protocol: superchat\r\n\r\n", &is_consent),
                        "superchat");
    assert_true(is_consent);
}

static void test_heads(void **state)
{
    static char text[UPGRADE_HEAD_MAX_BYTES + 8];
    struct answer_head head;
    size_t used = 1;

    (void)state;
    answer_head_init(&head);
    assert_int_equal(upgrade_read_head("", 0, &head, &used), 0);
    assert_int_equal(used, 0);
    assert_int_equal(upgrade_read_head("HTTP/1.1 101 x\r\n\r", 17, &head, &used), 0);
    assert_int_equal(used, 0);
    assert_int_equal(upgrade_read_head("nonsense\r\n\r\n", 12, &head, &used), AMID_E_PROTOCOL);
    memset(text, 'a', sizeof(text));
    assert_int_equal(upgrade_read_head(text, sizeof(text), &head, &used), AMID_E_TOO_LARGE);
    answer_head_free(&head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_heads),
    };

    return cmocka_run_group_tests(tests, need_curl, NULL);
}
