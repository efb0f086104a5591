#ifndef AMID_API_SONAR_H
#define AMID_API_SONAR_H

#include "supervisor/api/call.h"

/*
 * What the web client's overview shows: this node's own numbers as one frame {"value":{…}} of the
 * channel SONAR_CHANNEL. The client reads that name whatever the node's network is.
 */
#define SONAR_CHANNEL   "testnet.runtime.sonar"
#define SONAR_MAX_BYTES (16 * 1024)

/* with_node: not for who may not know the node's numbers; he gets the same with nothing in it. */
void sonar_append(struct buffer *out, struct api *api, bool with_node);

#endif
