#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/commands.h"

#define INSTALLED_AMID "/usr/sbin/amid"

/* amid knows the settings and both stores; it ends with what it has to say. */
static enum ctl_exit run_amid(const char *config)
{
    char path[PATH_MAX];
    char *words[] = {(char *)"amid", (char *)"--cluster-migrate", (char *)"--config",
                     (char *)config, NULL};
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/amid"));

    if (config == NULL)
        words[2] = NULL;
    if (len > 0) {
        path[len] = '\0';
        char *slash = strrchr(path, '/');
        if (slash != NULL) {
            memcpy(slash, "/amid", sizeof("/amid"));
            execv(path, words);
        }
    }
    execv(INSTALLED_AMID, words);
    fprintf(stderr, "amictl: amid is neither beside amictl nor at " INSTALLED_AMID ": %s\n",
            strerror(errno));
    return CTL_REFUSED;
}

enum ctl_exit command_cluster(char **words)
{
    const char *config = NULL;

    if (words[0] == NULL || strcmp(words[0], "migrate") != 0) {
        fprintf(stderr, "amictl: cluster migrate is all there is; amictl --help tells more\n");
        return CTL_USAGE;
    }
    if (words[1] != NULL && words[2] != NULL) {
        fprintf(stderr, "amictl: too many words behind cluster migrate\n");
        return CTL_USAGE;
    }
    config = words[1];
    return run_amid(config);
}
