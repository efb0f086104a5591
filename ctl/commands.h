#ifndef AMID_CTL_COMMANDS_H
#define AMID_CTL_COMMANDS_H

#include <stdbool.h>

#include "ctl/audit.h"
#include "ctl/settings.h"

struct command_line {
    const char *sid; /* as typed, perhaps abbreviated; NULL if there is none */
    const char *name;
    bool follow;
    unsigned lines;
    struct audit_query audit;
    const char *role; /* of token create, as the next two; NULL = not given */
    const char *expires;
    const char *token_name;
};

/* Each is one command of amictl(1), whole. */
enum ctl_exit command_workers(const struct settings *settings, const struct command_line *line);
enum ctl_exit command_control(const struct settings *settings, const struct command_line *line);
enum ctl_exit command_logs(const struct settings *settings, const struct command_line *line);
/* Becomes amid, which does it; words: what stands behind "cluster". */
enum ctl_exit command_cluster(char **words);
/* Works on the modules folder, not through the API; words: what stands behind "modules". */
enum ctl_exit command_modules(const struct settings *settings, char *const *words);
enum ctl_exit command_audit(const struct settings *settings, const struct command_line *line);
/* words: what stands behind "secret". */
enum ctl_exit command_secret(const struct settings *settings, const struct command_line *line,
                             char *const *words);
/* words: what stands behind "access". */
enum ctl_exit command_access(const struct settings *settings, char *const *words);
/* words: what stands behind "token" or "sessions". */
enum ctl_exit command_token(const struct settings *settings, const struct command_line *line,
                            char *const *words);
enum ctl_exit command_sessions(const struct settings *settings, char *const *words);
enum ctl_exit command_status(const struct settings *settings, const struct command_line *line);
enum ctl_exit command_nodes(const struct settings *settings, const struct command_line *line);

#endif
