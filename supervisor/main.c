#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/curl/curl_library.h"
#include "supervisor/http/tls.h"
#include "supervisor/node.h"

#define REASON_BYTES 512

enum main_action { ACTION_RUN, ACTION_CHECK, ACTION_MIGRATE };

static void print_help(FILE *out)
{
    fprintf(out,
            "usage: amid [--config FILE]\n"
            "  --config FILE         read settings from an INI file (see amid.conf(5))\n"
            "  --check-config        print the settings in force and where they came from\n"
            "  --cluster-migrate     move this node's share of the net space into etcd (amictl "
            "cluster\n"
            "                        migrate); amid must not run\n"
            "  --settings-markdown   print the table of all settings\n"
            "  --settings-man        print amid.conf(5)\n"
            "  --version             print the version\n"
            "  --help                print this\n"
            "Without --config: built-in defaults. AMID_<SECTION>_<KEY> in the environment wins "
            "over both.\n");
}

static int check_config(const struct config *config)
{
    struct curl_library unused;
    struct http_tls *tls;
    char reason[REASON_BYTES];

    if (config->http_tls_cert[0] != '\0') {
        if (http_tls_new(config->http_tls_cert, config->http_tls_key, &tls, reason,
                         sizeof(reason)) != 0) {
            fprintf(stderr, "amid: %s\n", reason);
            return EXIT_CODE_SETTINGS;
        }
        http_tls_free(tls);
    }
    config_print(config, stdout);
    if (curl_library_load(CURL_LIBRARY_FILE, &unused, reason, sizeof(reason)) != 0)
        fprintf(stderr, "amid: there will be no fetch, no WebSocket and no etcd: %s\n", reason);
    return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_IO;
}

/* Returns -1 if amid is to start, else the exit code. */
static int parse_options(int argc, char **argv, const char **ret_path, enum main_action *ret_action)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check-config", no_argument, NULL, 'k'},
                                            {"cluster-migrate", no_argument, NULL, 'g'},
                                            {"settings-markdown", no_argument, NULL, 'm'},
                                            {"settings-man", no_argument, NULL, 'M'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            *ret_path = optarg;
            break;
        case 'k':
            *ret_action = ACTION_CHECK;
            break;
        case 'g':
            *ret_action = ACTION_MIGRATE;
            break;
        case 'm':
            config_print_markdown(stdout);
            return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_IO;
        case 'M':
            config_print_man(stdout);
            return fflush(stdout) == 0 ? EXIT_CODE_OK : EXIT_CODE_IO;
        case 'v':
            printf("amid " AMID_VERSION "\n");
            return EXIT_CODE_OK;
        case 'h':
            print_help(stdout);
            return EXIT_CODE_OK;
        default:
            print_help(stderr);
            return EXIT_CODE_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "amid: unknown argument %s\n", argv[optind]);
    print_help(stderr);
    return EXIT_CODE_USAGE;
}

/* Descriptors that whoever started us left open are none of ours, and one of the first three left
 * closed would become the database. */
static int tidy_descriptors(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd < 0)
            return -1;
    } while (fd <= STDERR_FILENO);
    return close_range(STDERR_FILENO + 1, UINT_MAX, 0);
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    enum main_action action = ACTION_RUN;
    struct config config;
    enum log_level level;
    char reason[REASON_BYTES];
    int code = parse_options(argc, argv, &path, &action);

    if (code >= 0)
        return code;
    if (config_load(path, &config, reason, sizeof(reason)) != 0) {
        fprintf(stderr, "amid: %s\n", reason);
        return EXIT_CODE_SETTINGS;
    }
    if (action == ACTION_CHECK) {
        code = check_config(&config);
        config_free(&config);
        return code;
    }
    if (tidy_descriptors() != 0)
        return EXIT_CODE_SYSTEM;
    umask(077);
    if (log_level_parse(config.log_level, &level) == 0)
        log_set_level(level);
    if (action == ACTION_MIGRATE) {
        code = (int)node_migrate(&config);
        config_free(&config);
        return code;
    }
    return (int)node_run(path, &config);
}
