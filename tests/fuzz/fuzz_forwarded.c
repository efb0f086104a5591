/* A list of proxies, and a head that one of them passes on: whatever stands in it, the client that
 * is found is an address, and one that no client of ours can be made to stand for: no loopback,
 * unless the proxy is on this machine. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/network_list.h"
#include "supervisor/http/forwarded.h"
#include "supervisor/http/parser.h"
#include "supervisor/http/server.h"

#define LIST_MAX_BYTES 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *list, const char *peer, const struct http_message *message)
{
    char client[HTTP_PEER_BYTES];
    struct in6_addr address;

    snprintf(client, sizeof(client), "%s", peer);
    http_forwarded_find(list, message, client);
    if (strcmp(client, peer) == 0)
        return;
    if (network_address_parse(client, strlen(client), &address) != 0)
        abort();
    if (peer[0] != '1' && (strncmp(client, "127.", 4) == 0 || strcmp(client, "::1") == 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t list_len = end != NULL ? (size_t)(end - data) : size, consumed;
    struct http_parser parser;
    struct http_message message;
    char list[LIST_MAX_BYTES];

    if (end == NULL || list_len >= sizeof(list))
        return 0;
    memcpy(list, data, list_len);
    list[list_len] = '\0';
    network_list_fault(list);
    http_message_init(&message);
    http_parser_init(&parser);
    http_parser_begin(&parser, &message);
    if (http_parser_feed(&parser, (const char *)end + 1, size - list_len - 1, &consumed) ==
        HTTP_PARSE_HEAD) {
        check(list, "127.0.0.1:80", &message);
        check(list, "[fd00::1]:80", &message);
    }
    http_message_free(&message);
    return 0;
}
