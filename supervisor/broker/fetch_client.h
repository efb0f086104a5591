#ifndef AMID_BROKER_FETCH_CLIENT_H
#define AMID_BROKER_FETCH_CLIENT_H

#include "supervisor/broker/broker.h"

/* The connections of one process, opened by its first request: worker->fetch_client. 0, or an
 * error. Closed with the process. */
int fetch_client_of(struct broker_worker *worker);

#endif
