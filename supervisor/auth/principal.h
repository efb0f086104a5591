#ifndef AMID_AUTH_PRINCIPAL_H
#define AMID_AUTH_PRINCIPAL_H

/* Who asks. Found once per request (auth_identify) and carried with it; nobody reads the headers
 * that prove it a second time. */

/* Weakest first; rights.c says what each may do. */
enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_DEVELOPER, ROLE_OWNER, ROLE_MAX };

enum principal_kind {
    PRINCIPAL_NONE,
    PRINCIPAL_OWNER_TOKEN, /* the token of the first start */
    PRINCIPAL_TOKEN,       /* an API token */
    PRINCIPAL_SESSION,     /* a wallet has signed in */
    PRINCIPAL_LOCAL,       /* over <run>/amid.sock */
    PRINCIPAL_KIND_MAX
};

#define PRINCIPAL_WALLET_LEN 34 /* wallet/address.h */
#define PRINCIPAL_ID_LEN     16 /* hex digits of a public id */

struct principal {
    enum role role;
    enum principal_kind kind;
    char wallet[PRINCIPAL_WALLET_LEN + 1]; /* "" = none */
    char id[PRINCIPAL_ID_LEN + 1];         /* of the session or token, for logs and lists */
};

#endif
