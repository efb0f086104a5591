#include "supervisor/lifecycle/policy.h"

#include <ctype.h>
#include <string.h>

static const char *const network_names[] = {
    "RequestTimeout",     "NetworkError", "RateLimitExceeded",
    "InvalidAccessError", "AbortError",   "ExchangeNotAvailable",
};

/* A mistake in the script may well mention WebSocket; that does not make it the network's. */
static const char *const language_names[] = {
    "TypeError", "ReferenceError", "SyntaxError", "RangeError", "EvalError", "URIError",
};

static const char *const network_phrases[] = {
    "CloudFront",
    "403 Forbidden",
    "Unavailable For Legal Reasons",
};

static const struct {
    uint32_t critical_limit;
    uint32_t delay_ms;
    int nice;
} by_priority[WORKER_PRIORITY_MAX] = {
    [WORKER_CRITICAL] = {50, 1, -5},
    [WORKER_HIGH] = {20, 10, 0},
    [WORKER_NORMAL] = {10, 100, 5},
    [WORKER_LOW] = {5, 1000, 10},
};

static bool is_listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0)
            return true;
    }
    return false;
}

#define IS_LISTED(name, list) is_listed((name), (list), sizeof(list) / sizeof((list)[0]))

/* The status code on its own: not "1451", "451.5" or "v451". */
static bool has_number(const char *text, const char *number)
{
    size_t len = strlen(number);

    for (const char *at = strstr(text, number); at != NULL; at = strstr(at + 1, number)) {
        char before = at == text ? ' ' : at[-1];
        char after = at[len];

        if (!isalnum((unsigned char)before) && before != '.' && before != '_' &&
            !isalnum((unsigned char)after) && after != '_' &&
            !(after == '.' && isdigit((unsigned char)at[len + 1])))
            return true;
    }
    return false;
}

static bool is_network_name(const char *name)
{
    return IS_LISTED(name, network_names) || strncmp(name, "WebSocket", 9) == 0;
}

static bool is_network_message(const struct policy_error *error)
{
    for (size_t i = 0; i < sizeof(network_phrases) / sizeof(network_phrases[0]); i++) {
        if (strstr(error->message, network_phrases[i]) != NULL)
            return true;
    }
    if (has_number(error->message, "451"))
        return true;
    return strstr(error->message, "WebSocket") != NULL && !IS_LISTED(error->name, language_names);
}

enum policy_class policy_classify(const struct policy_error *error)
{
    bool is_network = is_network_name(error->name);

    if (strcmp(error->name, "InsufficientFunds") == 0)
        return POLICY_CLASS_SKIP;
    for (size_t i = 0; i < error->ancestor_count; i++) {
        if (strcmp(error->ancestors[i], "InsufficientFunds") == 0)
            return POLICY_CLASS_SKIP;
        is_network = is_network || is_network_name(error->ancestors[i]);
    }
    if (is_network || is_network_message(error))
        return POLICY_CLASS_NETWORK;
    return POLICY_CLASS_CRITICAL;
}

const char *policy_class_name(enum policy_class class_of_error)
{
    switch (class_of_error) {
    case POLICY_CLASS_NETWORK:
        return "network";
    case POLICY_CLASS_SKIP:
        return "skipped";
    default:
        return "critical";
    }
}

void policy_reset(struct policy_state *state)
{
    *state = (struct policy_state){.run_since_ms = -1};
}

static int64_t jitter(int64_t delay_ms, double chance)
{
    return delay_ms - (int64_t)((double)delay_ms * POLICY_JITTER_PART * chance);
}

static int64_t critical_delay_ms(uint32_t count)
{
    int64_t delay_ms = 1000;

    for (uint32_t i = 1; i < count && delay_ms < POLICY_CRITICAL_MAX_MS; i++)
        delay_ms *= 2;
    return delay_ms < POLICY_CRITICAL_MAX_MS ? delay_ms : POLICY_CRITICAL_MAX_MS;
}

static int64_t network_delay_ms(uint32_t count)
{
    int64_t delay_ms = POLICY_NETWORK_FIRST_MS;

    for (uint32_t i = 1; i < count && delay_ms < POLICY_NETWORK_MAX_MS; i++)
        delay_ms += delay_ms / 2;
    return delay_ms < POLICY_NETWORK_MAX_MS ? delay_ms : POLICY_NETWORK_MAX_MS;
}

static struct policy_decision after_error(struct policy_state *state, bool is_network,
                                          const struct policy_rules *rules, double chance)
{
    state->any++;
    if (is_network)
        state->network++;
    else
        state->critical++;
    if (state->critical >= policy_critical_limit(rules->priority))
        return (struct policy_decision){POLICY_STOP_CRITICAL, 0};
    if (state->any >= POLICY_STOP_AFTER_ANY && (state->critical > 0 || rules->network_stops))
        return (struct policy_decision){POLICY_STOP_ANY, 0};
    if (!is_network)
        return (struct policy_decision){POLICY_RETRY,
                                        jitter(critical_delay_ms(state->critical), chance)};
    if (state->network % POLICY_PAUSE_EVERY == 0)
        return (struct policy_decision){POLICY_PAUSE, POLICY_PAUSE_MS};
    return (struct policy_decision){POLICY_RETRY, jitter(network_delay_ms(state->network), chance)};
}

struct policy_decision policy_decide(struct policy_state *state, enum policy_event event,
                                     const struct policy_rules *rules, int64_t now_ms,
                                     double chance)
{
    switch (event) {
    case POLICY_STARTED:
        state->run_since_ms = now_ms;
        return (struct policy_decision){POLICY_CARRY_ON, 0};
    case POLICY_SUCCEEDED:
        policy_reset(state);
        return (struct policy_decision){POLICY_CARRY_ON, 0};
    case POLICY_NETWORK_ERROR:
    case POLICY_CRITICAL_ERROR:
        /* A long good run before the error makes it the first of a new row. */
        if (state->run_since_ms >= 0 && now_ms - state->run_since_ms >= POLICY_QUIET_MS)
            policy_reset(state);
        state->run_since_ms = -1;
        return after_error(state, event == POLICY_NETWORK_ERROR, rules, chance);
    default:
        /* A skipped error ends its iteration, neither well nor badly. */
        state->run_since_ms = -1;
        return (struct policy_decision){POLICY_CARRY_ON, 0};
    }
}

uint32_t policy_critical_limit(enum worker_priority priority)
{
    return by_priority[priority].critical_limit;
}

uint32_t policy_delay_ms(enum worker_priority priority)
{
    return by_priority[priority].delay_ms;
}

int policy_nice(enum worker_priority priority)
{
    return by_priority[priority].nice;
}
