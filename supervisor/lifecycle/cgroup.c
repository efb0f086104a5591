#include "supervisor/lifecycle/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"

#define SUPERVISOR     "supervisor"
#define TEXT_MAX_BYTES 4096

static const int weights[WORKER_PRIORITY_MAX] = CGROUP_WEIGHTS;

__attribute__((format(printf, 2, 3))) static int refuse(char *reason, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, CGROUP_REASON_MAX_BYTES, format, args);
    va_end(args);
    return AMID_E_UNSUPPORTED;
}

/* The second field of the line of /proc/self/mountinfo that a cgroup2 file system has. */
static bool find_mount(char mount[PATH_MAX])
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    bool found = false;

    while (file != NULL && !found && getline(&line, &size, file) > 0) {
        const char *kind = strstr(line, " - cgroup2 ");
        char format[32];

        snprintf(format, sizeof(format), "%%*s %%*s %%*s %%*s %%%ds", PATH_MAX - 1);
        found = kind != NULL && sscanf(line, format, mount) == 1;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

/* The path after "0::" in /proc/self/cgroup. */
static bool find_path(char path[PATH_MAX])
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char *line = NULL;
    size_t size = 0;
    bool found = false;

    while (file != NULL && !found && getline(&line, &size, file) > 0) {
        if (strncmp(line, "0::/", 4) != 0 || strlen(line) > PATH_MAX)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(path, PATH_MAX, "%s", line + 3);
        found = true;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

/* A whole small file as text; -1 with errno. */
static ssize_t read_text(int folder, const char *name, char text[TEXT_MAX_BYTES])
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    if (fd < 0)
        return -1;
    len = read(fd, text, TEXT_MAX_BYTES - 1);
    close(fd);
    text[len > 0 ? len : 0] = '\0';
    return len;
}

static int write_text(int folder, const char *name, const char *text)
{
    int fd = openat(folder, name, O_WRONLY | O_CLOEXEC);
    int error = 0;

    if (fd < 0)
        return error_from_errno(errno);
    if (write(fd, text, strlen(text)) < 0)
        error = error_from_errno(errno);
    close(fd);
    return error;
}

int cgroup_find(int *ret_folder, char reason[CGROUP_REASON_MAX_BYTES])
{
    char mount[PATH_MAX], path[PATH_MAX], whole[2 * PATH_MAX], text[TEXT_MAX_BYTES];
    char own[32];
    int folder;

    if (!find_mount(mount) || !find_path(path))
        return refuse(reason, "there is no cgroup v2 here");
    snprintf(whole, sizeof(whole), "%s%s", mount, path);
    folder = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return refuse(reason, "the own cgroup cannot be opened: %s", strerror(errno));
    snprintf(own, sizeof(own), "%d\n", (int)getpid());
    if (faccessat(folder, "cgroup.type", F_OK, 0) != 0)
        refuse(reason, "amid is in the root cgroup");
    else if (read_text(folder, "cgroup.procs", text) < 0 || strcmp(text, own) != 0)
        refuse(reason, "other processes are in the same cgroup");
    else
        reason[0] = '\0';
    if (reason[0] != '\0') {
        close(folder);
        return AMID_E_UNSUPPORTED;
    }
    *ret_folder = folder;
    return 0;
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = text; (at = strstr(at, word)) != NULL; at += len)
        if ((at == text || at[-1] == ' ') && strchr(" \n", at[len]) != NULL)
            return true;
    return false;
}

/* Opens the child of that name, made if it is not there yet. */
static int child_open(int folder, const char *name)
{
    if (mkdirat(folder, name, 0755) != 0 && errno != EEXIST)
        return -1;
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int weigh(int child, int weight)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", weight);
    return write_text(child, "cpu.weight", text);
}

/* ret_procs: where a process's number is written to put it there. */
static int group_open(int folder, enum worker_priority priority, int *ret_procs)
{
    int child = child_open(folder, worker_priority_name(priority));
    int error = child < 0 ? error_from_errno(errno) : weigh(child, weights[priority]);

    if (error == 0) {
        *ret_procs = openat(child, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        if (*ret_procs < 0)
            error = error_from_errno(errno);
    }
    if (child >= 0)
        close(child);
    return error;
}

int cgroup_divide(int folder, const char *controller, struct cgroup *ret_cgroup,
                  char reason[CGROUP_REASON_MAX_BYTES])
{
    struct cgroup cgroup;
    char text[TEXT_MAX_BYTES];
    int supervisor, error;

    memset(&cgroup, 0xff, sizeof(cgroup)); /* every descriptor -1 */
    if (read_text(folder, "cgroup.controllers", text) < 0 || !has_word(text, controller))
        return refuse(reason, "the own cgroup has no %s controller", controller);
    supervisor = child_open(folder, SUPERVISOR);
    if (supervisor < 0)
        return refuse(reason, "no cgroup can be made: %s", strerror(errno));
    error = write_text(supervisor, "cgroup.procs", "0");
    if (error == 0) {
        snprintf(text, sizeof(text), "+%s", controller);
        error = write_text(folder, "cgroup.subtree_control", text);
    }
    if (error == 0)
        error = weigh(supervisor, CGROUP_WEIGHT_SUPERVISOR);
    for (int i = 0; i < WORKER_PRIORITY_MAX && error == 0; i++)
        error = group_open(folder, (enum worker_priority)i, &cgroup.groups[i]);
    close(supervisor);
    if (error != 0) {
        cgroup_close(&cgroup);
        return refuse(reason, "the own cgroup cannot be divided: %s", error_text(error));
    }
    *ret_cgroup = cgroup;
    return 0;
}

void cgroup_open(struct cgroup *ret_cgroup)
{
    const struct log_about about = {.event = "cgroup"};
    char reason[CGROUP_REASON_MAX_BYTES];
    int folder = -1;
    int error = cgroup_find(&folder, reason);

    memset(ret_cgroup, 0xff, sizeof(*ret_cgroup));
    if (error == 0)
        error = cgroup_divide(folder, "cpu", ret_cgroup, reason);
    if (folder >= 0)
        close(folder);
    if (error == 0)
        log_info(&about, "Priorities have CPU weights of their own");
    else
        log_info(&about, "Priorities are nice values alone: %s", reason);
}

void cgroup_close(struct cgroup *cgroup)
{
    for (int i = 0; i < WORKER_PRIORITY_MAX; i++) {
        if (cgroup->groups[i] >= 0)
            close(cgroup->groups[i]);
        cgroup->groups[i] = -1;
    }
}

int cgroup_place(const struct cgroup *cgroup, enum worker_priority priority, pid_t pid)
{
    char text[16];

    if (cgroup->groups[priority] < 0)
        return 0;
    snprintf(text, sizeof(text), "%d", (int)pid);
    return write(cgroup->groups[priority], text, strlen(text)) < 0 ? error_from_errno(errno) : 0;
}
