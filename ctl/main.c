#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/commands.h"

#define LINES_DEFAULT 100
#define LINES_MAX     10000

static const struct command {
    const char *name;
    bool takes_sid;
    enum ctl_exit (*run)(const struct settings *settings, const struct command_line *line);
} commands[] = {
    {"workers", false, command_workers}, {"start", true, command_control},
    {"stop", true, command_control},     {"restart", true, command_control},
    {"logs", true, command_logs},        {"status", false, command_status},
    {"nodes", false, command_nodes},     {"audit", false, command_audit},
};

static const char usage_text[] =
    "usage: amictl [options] COMMAND [SID]\n"
    "\n"
    "  workers               what is there and how it is\n"
    "  start SID             make a worker active\n"
    "  stop SID              make it inactive\n"
    "  restart SID           a new instance now; backoff and stop state are cleared\n"
    "  logs SID [-f] [-n N]  its last N lines (100); -f goes on with those to come\n"
    "  status                the node itself\n"
    "  nodes                 the nodes of its network\n"
    "  audit                 who did what; --verify recomputes the chain of its rows and names "
    "the\n"
    "                        first that is broken\n"
    "  access list           wallets that asked to become developers; access approve WALLET, "
    "access\n"
    "                        deny WALLET\n"
    "  secret set NAME       keep what stdin says for the workers whose permissions name it, or "
    "with\n"
    "                        --worker for that one alone; secret list, secret remove NAME\n"
    "  sessions              who is signed in; sessions revoke ID ends one\n"
    "  token create          a token for a machine, with --role, --expires 30d, --name X; a\n"
    "                        developer's with --wallet. Shown once. token list, token revoke ID;\n"
    "                        token rotate-owner, token revoke-owner for the owner token\n"
    "  modules add WHAT      install a package: a tarball of npm, a folder, or the name of one in\n"
    "                        ./node_modules; modules list, modules remove NAME\n"
    "  cluster migrate [FILE]  move what this node alone holds of the net space into etcd, with "
    "the\n"
    "                        settings in FILE (amid.conf) and the environment; amid must not run\n"
    "\n"
    "  Without --url and a token amictl asks over amid's unix socket, " SETTINGS_SOCKET ",\n"
    "  if there is one: root and the group amid need no token there.\n"
    "  --url URL             where amid listens, http or https (AMID_URL, default\n"
    "                        " SETTINGS_URL_DEFAULT ")\n"
    "  --ca FILE             of https: the authority (PEM) that signed its certificate; default\n"
    "                        those that this machine trusts\n"
    "  --token-file FILE     the owner token (AMID_TOKEN holds the token itself; default\n"
    "                        /var/lib/amid/owner.token, then ./var/owner.token)\n"
    "  --modules FOLDER      the modules folder (AMID_NODE_MODULES; default "
    "/var/lib/amid/modules)\n"
    "  --since WHEN          of audit: 30m, 12h, 7d, 2026-01-31 or 2026-01-31T12:00 (UTC)\n"
    "  --worker SID, --wallet ADDRESS   of audit: rows about this one only\n"
    "  --role ROLE, --expires TIME, --name TEXT, --wallet ADDRESS   of token create\n"
    "  --json                JSON as the node answered it\n"
    "  --help, --version\n"
    "\n"
    "A SID may be shortened as long as it means one worker.\n";

enum {
    OPTION_URL = 256,
    OPTION_CA,
    OPTION_TOKEN_FILE,
    OPTION_MODULES,
    OPTION_JSON,
    OPTION_SINCE,
    OPTION_WORKER,
    OPTION_WALLET,
    OPTION_VERIFY,
    OPTION_ROLE,
    OPTION_EXPIRES,
    OPTION_NAME,
    OPTION_HELP,
    OPTION_VERSION
};

static const struct option options[] = {
    {"url", required_argument, NULL, OPTION_URL},
    {"ca", required_argument, NULL, OPTION_CA},
    {"token-file", required_argument, NULL, OPTION_TOKEN_FILE},
    {"modules", required_argument, NULL, OPTION_MODULES},
    {"json", no_argument, NULL, OPTION_JSON},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"worker", required_argument, NULL, OPTION_WORKER},
    {"wallet", required_argument, NULL, OPTION_WALLET},
    {"role", required_argument, NULL, OPTION_ROLE},
    {"expires", required_argument, NULL, OPTION_EXPIRES},
    {"name", required_argument, NULL, OPTION_NAME},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"follow", no_argument, NULL, 'f'},
    {"lines", required_argument, NULL, 'n'},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

static enum ctl_exit misuse(const char *what, const char *which)
{
    fprintf(stderr, "amictl: %s%s; amictl --help tells what there is\n", what, which);
    return CTL_USAGE;
}

static bool parse_lines(const char *text, unsigned *ret_lines)
{
    char *end;
    unsigned long lines = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || lines > LINES_MAX)
        return false;
    *ret_lines = (unsigned)lines;
    return true;
}

static enum ctl_exit run(const struct settings *given, const struct command_line *given_line,
                         char **words)
{
    struct settings settings = *given;
    struct command_line line = *given_line;
    const struct command *command = NULL;
    if (!words[0])
        return misuse("no command", "");
    if (strcmp(words[0], "modules") == 0)
        return command_modules(given, words + 1);
    if (strcmp(words[0], "cluster") == 0)
        return command_cluster(words + 1);
    if (strcmp(words[0], "secret") == 0 || strcmp(words[0], "access") == 0 ||
        strcmp(words[0], "token") == 0 || strcmp(words[0], "sessions") == 0) {
        enum ctl_exit ready = settings_parse_url(&settings);
        if (ready == CTL_OK)
            ready = settings_find_token(&settings);
        if (ready != CTL_OK)
            return ready;
        if (strcmp(words[0], "access") == 0)
            return command_access(&settings, words + 1);
        if (strcmp(words[0], "sessions") == 0)
            return command_sessions(&settings, words + 1);
        return strcmp(words[0], "token") == 0 ? command_token(&settings, &line, words + 1)
                                              : command_secret(&settings, &line, words + 1);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, words[0]) == 0)
            command = &commands[i];
    }
    if (!command)
        return misuse("unknown command ", words[0]);
    line.name = command->name;
    line.sid = command->takes_sid ? words[1] : NULL;
    if (command->takes_sid && !line.sid)
        return misuse("which worker? A SID belongs behind ", command->name);
    if (words[command->takes_sid ? 2 : 1])
        return misuse("too many words behind ", command->name);
    enum ctl_exit result = settings_parse_url(&settings);
    if (result == CTL_OK)
        result = settings_find_token(&settings);
    if (result == CTL_OK)
        result = command->run(&settings, &line);
    return result;
}

static bool take_option(int option, struct settings *settings, struct command_line *line)
{
    const struct {
        int option;
        const char **text;
    } texts[] = {
        {OPTION_URL, &settings->url},
        {OPTION_CA, &settings->ca_file},
        {OPTION_TOKEN_FILE, &settings->token_file},
        {OPTION_MODULES, &settings->modules_folder},
        {OPTION_SINCE, &line->audit.since},
        {OPTION_WORKER, &line->audit.worker},
        {OPTION_WALLET, &line->audit.wallet},
        {OPTION_ROLE, &line->role},
        {OPTION_EXPIRES, &line->expires},
        {OPTION_NAME, &line->token_name},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].option == option) {
            *texts[i].text = optarg;
            settings->is_remote = settings->is_remote || option == OPTION_URL;
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    const char *url = getenv("AMID_URL");
    struct settings settings = {.url = url && *url ? url : SETTINGS_URL_DEFAULT,
                                .is_remote = url && *url};
    struct command_line line = {.lines = LINES_DEFAULT};
    int option;

    signal(SIGPIPE, SIG_DFL); /* amictl logs | head */
    while ((option = getopt_long(argc, argv, "fn:", options, NULL)) != -1) {
        if (take_option(option, &settings, &line))
            continue;
        switch (option) {
        case OPTION_JSON:
            settings.as_json = true;
            break;
        case OPTION_VERIFY:
            line.audit.verify = true;
            break;
        case 'f':
            line.follow = true;
            break;
        case 'n':
            if (!parse_lines(optarg, &line.lines))
                return (int)misuse("-n takes a number up to 10000, not ", optarg);
            break;
        case OPTION_HELP:
            fputs(usage_text, stdout);
            return CTL_OK;
        case OPTION_VERSION:
            puts("amictl " AMID_VERSION);
            return CTL_OK;
        default:
            fprintf(stderr, "amictl --help tells what there is\n");
            return CTL_USAGE;
        }
    }
    return (int)run(&settings, &line, argv + optind);
}
