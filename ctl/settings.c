#include "ctl/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const token_files[] = {"/var/lib/amid/owner.token", "var/owner.token"};

static const char *const sockets[] = {SETTINGS_SOCKET, "/var/lib/amid/amid.sock", "var/amid.sock"};

static enum ctl_exit bad_url(const char *url, const char *why)
{
    fprintf(stderr, "amictl: %s: %s\n", url, why);
    return CTL_USAGE;
}

enum ctl_exit settings_parse_url(struct settings *settings)
{
    static const char plain[] = "http://", tls[] = "https://";
    const char *url = settings->url;
    const char *at = url;
    const char *port;
    size_t host_len;

    settings->is_tls = strncasecmp(url, tls, sizeof tls - 1) == 0;
    if (settings->is_tls)
        at += sizeof tls - 1;
    else if (strncasecmp(url, plain, sizeof plain - 1) == 0)
        at += sizeof plain - 1;
    if (settings->ca_file && !settings->is_tls)
        return bad_url(url, "--ca is for https://host:port");
    if (*at == '[') {
        at++;
        host_len = strcspn(at, "]");
        port = at[host_len] ? at + host_len + 1 : "";
    } else {
        host_len = strcspn(at, ":/");
        port = at + host_len;
    }
    if (host_len == 0 || host_len >= sizeof settings->host)
        return bad_url(url, "no host in it");
    memcpy(settings->host, at, host_len);
    settings->host[host_len] = '\0';
    memcpy(settings->port, SETTINGS_PORT_DEFAULT, sizeof SETTINGS_PORT_DEFAULT);
    if (*port == ':') {
        size_t port_len = strspn(++port, "0123456789");
        if (port_len == 0 || port_len >= sizeof settings->port)
            return bad_url(url, "no port number after the colon");
        memcpy(settings->port, port, port_len);
        settings->port[port_len] = '\0';
        port += port_len;
    }
    if (strcmp(port, "") != 0 && strcmp(port, "/") != 0)
        return bad_url(url, "only http(s)://host:port is expected");
    return CTL_OK;
}

static bool read_token(const char *path, struct settings *settings)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(settings->token, 1, sizeof settings->token - 1, file);
    int saved = ferror(file) ? EIO : 0;
    fclose(file);
    settings->token[len] = '\0';
    settings->token[strcspn(settings->token, " \t\r\n")] = '\0';
    errno = saved;
    return settings->token[0] != '\0';
}

static void find_socket(struct settings *settings)
{
    const char *token = getenv("AMID_TOKEN");
    if (settings->is_remote || settings->token_file || (token && *token))
        return;
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets && !settings->socket; i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            return;
        memcpy(address.sun_path, sockets[i], strlen(sockets[i]) + 1);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            settings->socket = sockets[i];
        close(fd);
    }
}

enum ctl_exit settings_find_token(struct settings *settings)
{
    const char *from_environment = getenv("AMID_TOKEN");
    find_socket(settings);
    if (settings->socket)
        return CTL_OK;
    if (settings->token_file) {
        if (read_token(settings->token_file, settings))
            return CTL_OK;
        fprintf(stderr, "amictl: cannot read a token from %s: %s\n", settings->token_file,
                errno ? strerror(errno) : "it is empty");
        return CTL_UNAUTHORIZED;
    }
    if (from_environment && *from_environment) {
        int len = snprintf(settings->token, sizeof settings->token, "%s", from_environment);
        if ((size_t)len >= sizeof settings->token || strpbrk(from_environment, "\r\n")) {
            fprintf(stderr, "amictl: AMID_TOKEN is no token\n");
            return CTL_UNAUTHORIZED;
        }
        return CTL_OK;
    }
    for (size_t i = 0; i < sizeof token_files / sizeof *token_files; i++) {
        if (read_token(token_files[i], settings))
            return CTL_OK;
    }
    fprintf(stderr,
            "amictl: no owner token: neither %s nor ./%s can be read. Name the file with "
            "--token-file, or put the token into AMID_TOKEN.\n",
            token_files[0], token_files[1]);
    return CTL_UNAUTHORIZED;
}
