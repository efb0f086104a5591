#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/kv/migrate.h"
#include "supervisor/node.h"
#include "supervisor/privilege.h"

#define REASON_BYTES  512
#define PROGRESS_EACH 500

static void progress(void *arg, uint64_t moved)
{
    uint64_t *told = arg;

    if (moved / PROGRESS_EACH == *told)
        return;
    *told = moved / PROGRESS_EACH;
    printf("%" PRIu64 " entries moved\n", moved);
    fflush(stdout);
}

static enum exit_code refuse(enum exit_code code, const char *reason)
{
    fprintf(stderr, "amid: %s\n", reason);
    return code;
}

static enum exit_code exit_code_of(int error)
{
    switch (error) {
    case AMID_E_BUSY:
        return EXIT_CODE_BUSY;
    case AMID_E_EXISTS:
    case AMID_E_CORRUPT:
        return EXIT_CODE_DATA;
    case AMID_E_UNSUPPORTED:
    case AMID_E_INVALID:
        return EXIT_CODE_SETTINGS;
    default:
        return EXIT_CODE_IO;
    }
}

/* As whom amid runs, so that the files stay his. */
static enum exit_code become_user(const struct config *config)
{
    struct privilege privilege;
    char reason[REASON_BYTES];
    int fd = -1;

    if (access(config->node_state, F_OK) != 0)
        return refuse(EXIT_CODE_STATE, "node.state: there is no such folder");
    if (privilege_plan(config->node_user, &privilege, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_PRIVILEGE, reason);
    if (privilege_open_state(&privilege, config->node_state, &fd, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_STATE, reason);
    close(fd);
    if (privilege_drop(&privilege, reason, sizeof(reason)) != 0)
        return refuse(EXIT_CODE_PRIVILEGE, reason);
    return EXIT_CODE_OK;
}

static int report(const struct migrate_report *done)
{
    if (done->was_done)
        printf("this node's entries were moved by an earlier run; nothing was changed\n");
    else
        printf("%" PRIu64 " entries moved, %" PRIu64 " read again and found equal; the epoch of "
               "the network is %u now. Start amid with cluster.etcd set.\n",
               done->moved, done->verified, (unsigned)done->epoch);
    return fflush(stdout);
}

enum exit_code node_migrate(const struct config *config)
{
    uint64_t told = 0;
    const struct migrate_settings settings = {.state_folder = config->node_state,
                                              .space = node_etcd_settings(config),
                                              .progress = progress,
                                              .arg = &told};
    struct migrate_report done;
    char reason[REASON_BYTES];

    if (config->cluster_etcd[0] == '\0')
        return refuse(EXIT_CODE_SETTINGS, "cluster.etcd names no server to move to");
    enum exit_code code = become_user(config);
    if (code != EXIT_CODE_OK)
        return code;
    int error = migrate_run(&settings, &done, reason, sizeof(reason));
    if (error != 0)
        return refuse(exit_code_of(error), reason);
    return report(&done) == 0 ? EXIT_CODE_OK : EXIT_CODE_IO;
}
