#ifndef AMID_PROTO_NODE_PAGE_H
#define AMID_PROTO_NODE_PAGE_H

#include <stdint.h>

/*
 * One page for all workers of a node: amid writes it, the zygote maps it to read only before it
 * clones, and so every worker has it at no cost. What stands in it is for scripts to look at.
 */
#define NODE_PAGE_BYTES 4096
#define NODE_PAGE_MAGIC 0x616e6f64u

struct node_page {
    uint32_t magic;
    uint32_t load_hundredths[3]; /* load averages of 1, 5 and 15 minutes, times 100 */
    char hostname[65];           /* HOST_NAME_MAX and the end */
};

#endif
