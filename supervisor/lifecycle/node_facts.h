#ifndef AMID_LIFECYCLE_NODE_FACTS_H
#define AMID_LIFECYCLE_NODE_FACTS_H

#include "supervisor/loop/timer.h"

/* amid's side of proto/node_page.h: kept true while there are workers to read it. */
#define NODE_FACTS_REFRESH_MS 5000

struct node_facts;

/* 0, or a negative error. */
int node_facts_open(struct timers *timers, struct node_facts **ret_facts);
/* Zygotes that have it keep what it said last. NULL is fine. */
void node_facts_close(struct node_facts *facts);
/* For zygotes; stays the page's own. Nobody can write through it. */
int node_facts_fd(const struct node_facts *facts);

#endif
