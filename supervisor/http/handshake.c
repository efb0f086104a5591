#include "supervisor/http/handshake.h"

#include <llhttp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"

#define GUID       "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* section 1.3 */
#define KEY_LEN    24                                     /* base64 of 16 bytes */
#define SHA1_BYTES 20

bool handshake_is_asked(const struct http_message *message)
{
    const char *upgrade = http_message_header(message, "upgrade");
    const char *connection = http_message_header(message, "connection");

    return upgrade != NULL && connection != NULL && http_token_is_listed(upgrade, "websocket") &&
           http_token_is_listed(connection, "upgrade");
}

static bool is_key(const char *key)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789+/";

    return key != NULL && strlen(key) == KEY_LEN && strspn(key, letters) == KEY_LEN - 2 &&
           strcmp(key + KEY_LEN - 2, "==") == 0;
}

int handshake_check(const struct http_message *message, const char **ret_reason)
{
    const char *version = http_message_header(message, "sec-websocket-version");

    if (!handshake_is_asked(message)) {
        *ret_reason = "Only WebSockets are opened here";
        return 426;
    }
    if (message->method != HTTP_GET || message->major != 1 || message->minor < 1) {
        *ret_reason = "A WebSocket begins with a GET of HTTP/1.1";
        return 400;
    }
    if (version == NULL || strcmp(version, "13") != 0) {
        *ret_reason = "Sec-WebSocket-Version must be 13";
        return 426;
    }
    if (http_message_header_count(message, "sec-websocket-key") != 1 ||
        !is_key(http_message_header(message, "sec-websocket-key"))) {
        *ret_reason = "Sec-WebSocket-Key must be 16 bytes in base64";
        return 400;
    }
    return 0;
}

int handshake_accept(const struct http_message *message, char ret_accept[HANDSHAKE_ACCEPT_BYTES])
{
    char text[KEY_LEN + sizeof(GUID)];
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;

    snprintf(text, sizeof(text), "%s" GUID, http_message_header(message, "sec-websocket-key"));
    if (EVP_Digest(text, strlen(text), hash, &hash_len, EVP_sha1(), NULL) != 1 ||
        hash_len != SHA1_BYTES)
        return AMID_E_INTERNAL;
    EVP_EncodeBlock((unsigned char *)ret_accept, hash, SHA1_BYTES);
    return 0;
}

bool handshake_offers(const struct http_message *message, const char *protocol)
{
    const char *offered = http_message_header(message, "sec-websocket-protocol");

    return offered != NULL && http_token_is_listed(offered, protocol);
}
