#ifndef AMID_FETCH_WEB_SOCKET_H
#define AMID_FETCH_WEB_SOCKET_H

#include "supervisor/fetch/fetch.h"
#include "supervisor/http/websocket.h"

/*
 * A WebSocket to another machine (RFC 6455), connected by curl under the checks of every request.
 * Messages are pulled: while one is not taken, nothing more is read. Pings are answered here.
 */
struct web_socket;

#define WEB_SOCKET_PROTOCOLS_MAX_BYTES 1024

enum web_socket_state { WEB_SOCKET_CONNECTING, WEB_SOCKET_OPEN, WEB_SOCKET_CLOSED };

/* How it ended. */
struct web_socket_end {
    uint16_t code; /* of the close frame that came, or WEBSOCKET_CODE_NONE or _ABNORMAL */
    bool is_clean;
    const char *reason;
    int error;         /* 0, or why it failed */
    const char *fault; /* a sentence for the error */
};

/*
 * protocols: names in the order of preference with ", " between them, or "". Everything is copied.
 * news is told from the loop, never from inside a call, whenever a question below may have another
 * answer. AMID_E_INVALID, AMID_E_LIMIT, AMID_E_BUSY or AMID_E_NOMEM, with a sentence.
 */
int web_socket_open(struct fetch_client *client, const char *url, const char *protocols,
                    void (*news)(void *arg), void *arg, struct web_socket **ret_socket, char *fault,
                    size_t fault_size);
/* Whatever it is at, without a farewell. */
void web_socket_free(struct web_socket *socket);

enum web_socket_state web_socket_state(const struct web_socket *socket);
/* The one that the server chose, or "". */
const char *web_socket_protocol(const struct web_socket *socket);
const char *web_socket_host(const struct web_socket *socket, uint16_t *ret_port);
/* The message that has come, or false. Valid until it is taken. */
bool web_socket_peek(const struct web_socket *socket, bool *ret_is_text, const void **ret_data,
                     size_t *ret_len);
void web_socket_take(struct web_socket *socket);
/* Once it is closed and its messages are taken. */
void web_socket_how_it_ended(const struct web_socket *socket, struct web_socket_end *ret_end);
/* Copied. AMID_E_BUSY while the one before is not written, AMID_E_TOO_LARGE, AMID_E_CLOSED or
 * AMID_E_NOMEM. */
int web_socket_send(struct web_socket *socket, bool is_text, const void *data, size_t len);
/* True once all that was sent is with the kernel. */
bool web_socket_is_written(const struct web_socket *socket);
/* Begins to close, if it is open; code WEBSOCKET_CODE_NONE = without one. Messages that still come
 * are dropped. */
void web_socket_close(struct web_socket *socket, uint16_t code, const char *reason);

#endif
