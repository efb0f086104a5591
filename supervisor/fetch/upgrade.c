#include "supervisor/fetch/upgrade.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"

#define GUID         "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */
#define SHA1_BYTES   20
#define ACCEPT_BYTES 29 /* base64 of a SHA-1, and a NUL */
#define USER_AGENT   "amid/" AMID_VERSION

void upgrade_new_key(char key[UPGRADE_KEY_BYTES])
{
    unsigned char random[16] = {0};

    /* Not a secret: it tells a WebSocket server from one that merely echoes. */
    RAND_bytes(random, sizeof(random));
    EVP_EncodeBlock((unsigned char *)key, random, sizeof(random));
}

int upgrade_request(const struct target *target, const char *key, const char *protocols,
                    struct buffer *out)
{
    bool is_six = strchr(target->host, ':') != NULL;
    char *path = target_path(target);

    if (path == NULL)
        return AMID_E_NOMEM;
    buffer_printf(out, "GET %s HTTP/1.1\r\nHost: %s%s%s", path, is_six ? "[" : "", target->host,
                  is_six ? "]" : "");
    free(path);
    if (target->port != (target->is_secure ? 443 : 80))
        buffer_printf(out, ":%u", (unsigned)target->port);
    buffer_printf(out,
                  "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                  "Sec-WebSocket-Version: 13\r\nUser-Agent: " USER_AGENT "\r\n",
                  key);
    if (protocols[0] != '\0')
        buffer_printf(out, "Sec-WebSocket-Protocol: %s\r\n", protocols);
    buffer_append_str(out, "\r\n");
    return buffer_status(out);
}

int upgrade_read_head(const char *text, size_t len, struct answer_head *head, size_t *ret_used)
{
    const char *end = len == 0 ? NULL : memmem(text, len, "\r\n\r\n", 4);
    size_t at = 0, size = end == NULL ? 0 : (size_t)(end - text) + 4;
    int error = 0;

    *ret_used = 0;
    if (size > UPGRADE_HEAD_MAX_BYTES || (end == NULL && len >= UPGRADE_HEAD_MAX_BYTES))
        return AMID_E_TOO_LARGE;
    while (at < size && error == 0) {
        const char *line = text + at;
        size_t line_len = (size_t)((const char *)memchr(line, '\n', size - at) - line) + 1;

        error = answer_head_line(head, line, line_len);
        at += line_len;
    }
    if (error == 0)
        *ret_used = size;
    return error;
}

static bool is_accepted(const char *accept, const char *key)
{
    char text[UPGRADE_KEY_BYTES + sizeof(GUID)];
    unsigned char hash[SHA1_BYTES], wanted[ACCEPT_BYTES];
    unsigned hash_len = 0;

    snprintf(text, sizeof(text), "%s" GUID, key);
    if (EVP_Digest(text, strlen(text), hash, &hash_len, EVP_sha1(), NULL) != 1 ||
        hash_len != SHA1_BYTES)
        return false;
    EVP_EncodeBlock(wanted, hash, SHA1_BYTES);
    return accept != NULL && strcmp(accept, (const char *)wanted) == 0;
}

/* Whether a list with commas has the word. */
static bool lists(const char *list, const char *word, bool ignores_case)
{
    size_t word_len = strlen(word);

    while (list != NULL && *list != '\0') {
        size_t len;

        list += strspn(list, ", \t");
        len = strcspn(list, ", \t");
        if (len == word_len &&
            (ignores_case ? strncasecmp(list, word, len) == 0 : strncmp(list, word, len) == 0))
            return word_len > 0;
        list += len;
    }
    return false;
}

const char *upgrade_fault(const struct answer_head *head, const char *key, const char *protocols,
                          const char **ret_protocol)
{
    const char *protocol = answer_head_field(head, "sec-websocket-protocol");

    if (head->status != 101)
        return "the server does not agree to a WebSocket";
    if (!lists(answer_head_field(head, "upgrade"), "websocket", true) ||
        !lists(answer_head_field(head, "connection"), "upgrade", true) ||
        !is_accepted(answer_head_field(head, "sec-websocket-accept"), key))
        return "the server's consent to a WebSocket is malformed";
    if (answer_head_field(head, "sec-websocket-extensions") != NULL)
        return "the server uses an extension that was not offered";
    if (protocol != NULL && !lists(protocols, protocol, false))
        return "the server chose a protocol that was not offered";
    *ret_protocol = protocol == NULL ? "" : protocol;
    return NULL;
}
