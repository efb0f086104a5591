#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/endpoints.h"
#include "common/error.h"
#include "common/host_list.h"
#include "common/log.h"
#include "common/network_list.h"
#include "common/port_range.h"
#include "common/utf8.h"
#include "supervisor/config_table.h"

#define LISTEN_ADDRESS_BYTES 64 /* the longest IPv6 address with brackets and port, and some */

const struct config_row config_rows[CONFIG_SETTING_MAX] = {
#define X(member, type, section, key, text, least, most, reload, help)                             \
    [CONFIG_##member] = {CONFIG_##type, reload,  least,                                            \
                         most,          section, key,                                              \
                         text,          help,    offsetof(struct config, member)},
    CONFIG_SETTINGS(X)
#undef X
};

char **config_text(struct config *config, enum config_setting setting)
{
    return (char **)((char *)config + config_rows[setting].offset);
}

uint32_t *config_u32(struct config *config, enum config_setting setting)
{
    return (uint32_t *)((char *)config + config_rows[setting].offset);
}

bool *config_bool(struct config *config, enum config_setting setting)
{
    return (bool *)((char *)config + config_rows[setting].offset);
}

const char *config_value(const struct config *config, enum config_setting setting,
                         char scratch[CONFIG_SCRATCH_BYTES])
{
    const char *member = (const char *)config + config_rows[setting].offset;

    switch (config_rows[setting].type) {
    case CONFIG_U32:
        snprintf(scratch, CONFIG_SCRATCH_BYTES, "%" PRIu32, *(const uint32_t *)member);
        return scratch;
    case CONFIG_BOOL:
        return *(const bool *)member ? "yes" : "no";
    default:
        return *(char *const *)member;
    }
}

void config_environment_name(enum config_setting setting, char out[CONFIG_NAME_BYTES])
{
    snprintf(out, CONFIG_NAME_BYTES, "AMID_%s_%s", config_rows[setting].section,
             config_rows[setting].key);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
}

static int set_number(uint32_t *number, const struct config_row *row, const char *text, char *why,
                      size_t why_size)
{
    uint64_t value = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || text[digits] != '\0' || digits > 10) {
        snprintf(why, why_size, "must be a number from %" PRIu32 " to %" PRIu32, row->least,
                 row->most);
        return AMID_E_INVALID;
    }
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (value < row->least || value > row->most) {
        snprintf(why, why_size, "%" PRIu64 " is not between %" PRIu32 " and %" PRIu32, value,
                 row->least, row->most);
        return AMID_E_INVALID;
    }
    *number = (uint32_t)value;
    return 0;
}

static int set_bool(bool *flag, const char *text, char *why, size_t why_size)
{
    static const char *const words[][2] = {
        {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (int value = 0; value < 2; value++) {
            if (strcmp(text, words[i][value]) == 0) {
                *flag = value != 0;
                return 0;
            }
        }
    }
    snprintf(why, why_size, "must be yes or no");
    return AMID_E_INVALID;
}

/* The text must be one that the file could have carried, or --check-config would print nonsense. */
static int check_text(const struct config_row *row, const char *text, size_t len, char *why,
                      size_t why_size)
{
    if (len < row->least || len > row->most) {
        snprintf(why, why_size, "must be %" PRIu32 " to %" PRIu32 " bytes long, not %zu",
                 row->least, row->most, len);
        return AMID_E_INVALID;
    }
    if (!utf8_is_valid(text, len)) {
        snprintf(why, why_size, "is not UTF-8");
        return AMID_E_INVALID;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            snprintf(why, why_size, "must not hold control characters");
            return AMID_E_INVALID;
        }
        if (text[i] == ';') {
            snprintf(why, why_size, "must not hold ';', which begins a comment");
            return AMID_E_INVALID;
        }
    }
    return 0;
}

/* Copies the items without the white space around them; an empty item is a slip of the pen. */
static int normalise_list(const char *text, char *out, char *why, size_t why_size)
{
    const char *item = text;
    size_t at = 0;

    for (;;) {
        size_t len = strcspn(item, ",");
        const char *next = item + len;

        while (len > 0 && isspace((unsigned char)*item)) {
            item++;
            len--;
        }
        while (len > 0 && isspace((unsigned char)item[len - 1]))
            len--;
        if (len == 0) {
            snprintf(why, why_size, "has an empty item");
            return AMID_E_INVALID;
        }
        memcpy(out + at, item, len);
        at += len;
        if (*next == '\0')
            break;
        out[at++] = ',';
        item = next + 1;
    }
    out[at] = '\0';
    return 0;
}

static int set_text(char **member, const struct config_row *row, const char *text, char *why,
                    size_t why_size)
{
    size_t len = strlen(text);
    char *copy;
    int error = check_text(row, text, len, why, why_size);

    if (error != 0)
        return error;
    copy = strdup(text);
    if (copy == NULL) {
        snprintf(why, why_size, "out of memory");
        return AMID_E_NOMEM;
    }
    if (row->type == CONFIG_LIST && len > 0)
        error = normalise_list(text, copy, why, why_size);
    if (error != 0) {
        free(copy);
        return error;
    }
    free(*member);
    *member = copy;
    return 0;
}

int config_set(struct config *config, enum config_setting setting, const char *text, char *why,
               size_t why_size)
{
    const struct config_row *row = &config_rows[setting];

    switch (row->type) {
    case CONFIG_U32:
        return set_number(config_u32(config, setting), row, text, why, why_size);
    case CONFIG_BOOL:
        return set_bool(config_bool(config, setting), text, why, why_size);
    default:
        return set_text(config_text(config, setting), row, text, why, why_size);
    }
}

/* An id becomes part of keys, log fields and file names of others. */
static bool is_label(const char *text)
{
    return text[strspn(
               text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

/* Splits "addr:port" or "[v6]:port", numbers only: nothing is asked of the network at start. */
static int parse_listen(const char *item, size_t len, bool *ret_loopback)
{
    char text[LISTEN_ADDRESS_BYTES];
    char *port, *address = text;
    struct in_addr v4;
    struct in6_addr v6;

    if (len >= sizeof(text))
        return AMID_E_INVALID;
    memcpy(text, item, len);
    text[len] = '\0';
    port = strrchr(text, ':');
    if (port == NULL || port == text)
        return AMID_E_INVALID;
    *port++ = '\0';
    if (*port == '\0' || strlen(port) > 5 || port[strspn(port, "0123456789")] != '\0' ||
        strtoul(port, NULL, 10) > 65535)
        return AMID_E_INVALID;
    if (text[0] != '[') {
        if (inet_pton(AF_INET, address, &v4) != 1)
            return AMID_E_INVALID;
        *ret_loopback = ntohl(v4.s_addr) >> 24 == 127;
        return 0;
    }
    address = text + 1;
    if (port[-2] != ']')
        return AMID_E_INVALID;
    port[-2] = '\0';
    if (inet_pton(AF_INET6, address, &v6) != 1)
        return AMID_E_INVALID;
    *ret_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
    return 0;
}

static int check_listen(const struct config *config, char *why, size_t why_size)
{
    size_t count = 0;

    for (const char *item = config->http_listen; item != NULL;) {
        size_t len = strcspn(item, ",");
        bool is_loopback;

        if (++count > CONFIG_LISTEN_MAX) {
            snprintf(why, why_size, "names more than %d addresses", CONFIG_LISTEN_MAX);
            return AMID_E_INVALID;
        }
        if (parse_listen(item, len, &is_loopback) != 0) {
            snprintf(why, why_size, "\"%.*s\" is not address:port or [address]:port", (int)len,
                     item);
            return AMID_E_INVALID;
        }
        if (!is_loopback && !config->http_insecure && config->http_tls_cert[0] == '\0') {
            snprintf(why, why_size,
                     "%.*s is reachable from other machines and amid speaks no TLS there; set "
                     "http.tls_cert and http.tls_key, put a proxy in front, or set http.insecure = "
                     "yes",
                     (int)len, item);
            return AMID_E_INVALID;
        }
        item = item[len] == ',' ? item + len + 1 : NULL;
    }
    return 0;
}

static int check_serve_address(const struct config *config, char *why, size_t why_size)
{
    char address[INET6_ADDRSTRLEN + 4];
    bool is_loopback;

    for (const char *item = config->serve_address; item != NULL;) {
        size_t len = strcspn(item, ",");
        bool is_bare_v6 = item[0] != '[' && memchr(item, ':', len) != NULL;

        if (len > INET6_ADDRSTRLEN)
            len = INET6_ADDRSTRLEN;
        snprintf(address, sizeof(address), is_bare_v6 ? "[%.*s]:1" : "%.*s:1", (int)len, item);
        if (parse_listen(address, strlen(address), &is_loopback) != 0) {
            snprintf(why, why_size, "\"%.*s\" is no address", (int)len, item);
            return AMID_E_INVALID;
        }
        if (!is_loopback && !config->http_insecure) {
            snprintf(why, why_size,
                     "%.*s is reachable from other machines and amid speaks no TLS there; put a "
                     "proxy in front, or set http.insecure = yes",
                     (int)len, item);
            return AMID_E_INVALID;
        }
        item = item[len] == ',' ? item + len + 1 : NULL;
    }
    return 0;
}

static int check_serve_ports(const struct config *config, char *why, size_t why_size)
{
    struct port_range range;

    for (const char *item = config->serve_ports; *item != '\0';) {
        size_t len = strcspn(item, ",");

        if (!port_range_parse(item, len, &range)) {
            snprintf(why, why_size, "\"%.*s\" is neither a port nor a range like 8000-8999",
                     (int)len, item);
            return AMID_E_INVALID;
        }
        item += len + (item[len] == ',');
    }
    return 0;
}

/* Scheme and host, as it becomes part of what clients are told. */
static int check_public_url(const struct config *config, char *why, size_t why_size)
{
    const char *url = config->http_public_url;
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;

    if (*url == '\0' || (scheme > 0 && host_is_authority(url + scheme)))
        return 0;
    snprintf(why, why_size, "must be http://host or https://host, with a port or without");
    return AMID_E_INVALID;
}

static int check_cluster(const struct config *config, enum config_setting *ret_setting, char *why,
                         size_t why_size)
{
    struct endpoints endpoints;

    *ret_setting = CONFIG_cluster_etcd;
    if (config->cluster_etcd[0] != '\0' &&
        endpoints_parse(config->cluster_etcd, &endpoints, why, why_size) != 0)
        return AMID_E_INVALID;
    if ((config->cluster_cert[0] == '\0') != (config->cluster_key[0] == '\0')) {
        *ret_setting = config->cluster_cert[0] != '\0' ? CONFIG_cluster_cert : CONFIG_cluster_key;
        snprintf(why, why_size, "needs both cluster.cert and cluster.key");
        return AMID_E_INVALID;
    }
    if (config->cluster_user[0] != '\0' && config->cluster_password_file[0] == '\0') {
        *ret_setting = CONFIG_cluster_user;
        snprintf(why, why_size, "needs cluster.password_file");
        return AMID_E_INVALID;
    }
    return 0;
}

/* Before the node has to stop as a leader there is time for a renewal, and for one that failed. */
static int check_leader(const struct config *config, enum config_setting *ret_setting, char *why,
                        size_t why_size)
{
    uint32_t ttl_s = config->leader_ttl_s;
    uint32_t renew_s = config->leader_renew_s == 0 ? ttl_s / 2 : config->leader_renew_s;

    if (renew_s * 2 > ttl_s) {
        *ret_setting = CONFIG_leader_renew_s;
        snprintf(why, why_size, "must be at most half of leader.ttl_s, which is %u",
                 (unsigned)ttl_s);
        return AMID_E_INVALID;
    }
    if (config->leader_margin_s > 0 && renew_s + config->leader_margin_s >= ttl_s) {
        *ret_setting = CONFIG_leader_margin_s;
        snprintf(why, why_size,
                 "together with %u s between renewals must be less than leader.ttl_s, "
                 "which is %u",
                 (unsigned)renew_s, (unsigned)ttl_s);
        return AMID_E_INVALID;
    }
    return 0;
}

int config_check(const struct config *config, enum config_setting *ret_setting, char *why,
                 size_t why_size)
{
    enum log_level level;
    const char *fault;

    if (!is_label(config->node_nid) || !is_label(config->node_network)) {
        *ret_setting = is_label(config->node_nid) ? CONFIG_node_network : CONFIG_node_nid;
        snprintf(why, why_size, "may hold letters, digits, '.', '_' and '-' only");
        return AMID_E_INVALID;
    }
    if (check_public_url(config, why, why_size) != 0) {
        *ret_setting = CONFIG_http_public_url;
        return AMID_E_INVALID;
    }
    if (log_level_parse(config->log_level, &level) != 0) {
        *ret_setting = CONFIG_log_level;
        snprintf(why, why_size, "must be debug, info, warn or error");
        return AMID_E_INVALID;
    }
    fault = network_list_fault(config->http_trusted_proxies);
    if (fault != NULL) {
        *ret_setting = CONFIG_http_trusted_proxies;
        snprintf(why, why_size, "an item %s", fault);
        return AMID_E_INVALID;
    }
    for (int i = 0; i < 2; i++) {
        const char *hosts = i == 0 ? config->fetch_allow : config->fetch_allow_private;

        fault = host_list_fault(hosts);
        if (fault == NULL)
            continue;
        *ret_setting = i == 0 ? CONFIG_fetch_allow : CONFIG_fetch_allow_private;
        snprintf(why, why_size, "an item %s", fault);
        return AMID_E_INVALID;
    }
    if ((config->http_tls_cert[0] == '\0') != (config->http_tls_key[0] == '\0')) {
        *ret_setting =
            config->http_tls_cert[0] != '\0' ? CONFIG_http_tls_cert : CONFIG_http_tls_key;
        snprintf(why, why_size, "TLS needs both http.tls_cert and http.tls_key");
        return AMID_E_INVALID;
    }
    if (check_cluster(config, ret_setting, why, why_size) != 0 ||
        check_leader(config, ret_setting, why, why_size) != 0)
        return AMID_E_INVALID;
    *ret_setting = CONFIG_serve_ports;
    if (check_serve_ports(config, why, why_size) != 0)
        return AMID_E_INVALID;
    *ret_setting = CONFIG_serve_address;
    if (check_serve_address(config, why, why_size) != 0)
        return AMID_E_INVALID;
    *ret_setting = CONFIG_http_listen;
    return check_listen(config, why, why_size);
}
