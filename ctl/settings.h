#ifndef AMID_CTL_SETTINGS_H
#define AMID_CTL_SETTINGS_H

#include <stdbool.h>

#include "ctl/exit_code.h"

#define SETTINGS_URL_DEFAULT  "http://127.0.0.1:3000"
#define SETTINGS_PORT_DEFAULT "3000"
#define SETTINGS_SOCKET       "/run/amid/amid.sock"
#define SETTINGS_TOKEN_MAX    512

/* Where the node is and who asks: options, then AMID_URL and AMID_TOKEN, then the defaults. */
struct settings {
    const char *url;
    const char *ca_file; /* of https; NULL = what OpenSSL trusts on this machine */
    bool is_tls;
    const char *modules_folder; /* NULL = where amid has it */
    const char *token_file;     /* NULL = AMID_TOKEN, then the usual places */
    bool as_json;
    bool is_remote;     /* a URL or a token was named: the unix socket is not tried */
    const char *socket; /* NULL = over TCP */
    char host[256];
    char port[8];
    char token[SETTINGS_TOKEN_MAX];
};

/* Each prints what is wrong and returns its exit code. */
enum ctl_exit settings_parse_url(struct settings *settings);
/* No token is needed, and socket is set, if no URL and no token were named and amid answers at one
 * of the usual places. */
enum ctl_exit settings_find_token(struct settings *settings);

#endif
