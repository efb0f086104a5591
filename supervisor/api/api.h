#ifndef AMID_API_H
#define AMID_API_H

#include "supervisor/auth/auth.h"
#include "supervisor/auth/roster.h"
#include "supervisor/auth/secrets.h"
#include "supervisor/cluster/membership.h"
#include "supervisor/config.h"
#include "supervisor/http/server.h"
#include "supervisor/journal/audit.h"
#include "supervisor/journal/journal.h"
#include "supervisor/lifecycle/fleet.h"
#include "supervisor/registry/registry.h"

/* Everything a client can ask over HTTP: WebFIX methods on POST /, operator routes under /api,
 * health. */
struct api;

struct api_needs {
    const struct config *config;
    struct timers *timers;
    struct http_server *http;
    struct membership *membership;
    struct registry *registry;
    struct fleet *fleet;
    struct journal *journal;
    struct audit *audit;
    struct store *store;
    struct secrets *secrets;
    struct auth *auth;
    struct roster *roster;
};

/* Registers its routes with the server. */
int api_open(const struct api_needs *needs, struct api **ret_api);
void api_close(struct api *api);

#endif
