#ifndef AMID_API_NODES_H
#define AMID_API_NODES_H

#include "supervisor/api/call.h"

/* GET /api/nodes: the nodes of the network that this one sees or has seen, in order of their ids.
 */
void nodes_list(void *arg, struct http_request *request);

#endif
