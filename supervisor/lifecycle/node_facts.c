#include "supervisor/lifecycle/node_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/error.h"
#include "proto/node_page.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

struct node_facts {
    int fd;
    struct node_page *page;
    struct timer refresh;
};

/* Each number is stored at once, so a reader sees an old one or a new one. */
static void refresh(void *arg)
{
    struct node_facts *facts = arg;
    double load[3];
    int count = getloadavg(load, 3);

    for (int i = 0; i < count; i++)
        __atomic_store_n(&facts->page->load_hundredths[i], (uint32_t)(load[i] * 100 + 0.5),
                         __ATOMIC_RELAXED);
    timer_start(&facts->refresh, NODE_FACTS_REFRESH_MS);
}

static int page_map(struct node_facts *facts)
{
    void *address;

    facts->fd = memfd_create("amid-node", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (facts->fd < 0 || ftruncate(facts->fd, NODE_PAGE_BYTES) != 0)
        return error_from_errno(errno);
    address = mmap(NULL, NODE_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, facts->fd, 0);
    if (address == MAP_FAILED)
        return error_from_errno(errno);
    facts->page = address;
    /* This mapping stays writable, no later one becomes so. */
    if (fcntl(facts->fd, F_ADD_SEALS,
              F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) != 0)
        return error_from_errno(errno);
    return 0;
}

int node_facts_open(struct timers *timers, struct node_facts **ret_facts)
{
    struct node_facts *facts = calloc(1, sizeof(*facts));
    int error;

    if (facts == NULL)
        return AMID_E_NOMEM;
    timer_init(&facts->refresh, timers, refresh, facts);
    error = page_map(facts);
    if (error != 0) {
        node_facts_close(facts);
        return error;
    }
    facts->page->magic = NODE_PAGE_MAGIC;
    if (gethostname(facts->page->hostname, sizeof(facts->page->hostname) - 1) != 0)
        facts->page->hostname[0] = '\0';
    refresh(facts);
    *ret_facts = facts;
    return 0;
}

void node_facts_close(struct node_facts *facts)
{
    if (facts == NULL)
        return;
    timer_stop(&facts->refresh);
    if (facts->page != NULL)
        munmap(facts->page, NODE_PAGE_BYTES);
    if (facts->fd >= 0)
        close(facts->fd);
    free(facts);
}

int node_facts_fd(const struct node_facts *facts)
{
    return facts->fd;
}
