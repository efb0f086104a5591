#include <stdio.h>
#include <string.h>

#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/workers.h"

#define WALLET_LEN     34 /* of an address */
#define PATH_MAX_BYTES 128

static enum ctl_exit misuse(void)
{
    fprintf(stderr, "amictl: access list, access approve WALLET or access deny WALLET; a wallet is "
                    "an address of 34 letters and digits\n");
    return CTL_USAGE;
}

static void print_entry(const cJSON *entry)
{
    const char *wallet = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "wallet"));
    const char *state = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "state"));

    output_text(wallet ? wallet : "", WALLET_LEN);
    printf(" ");
    output_text(state ? state : "", 0);
    putchar('\n');
}

static void print_answer(const struct settings *settings, const cJSON *answer)
{
    const cJSON *entry;

    if (settings->as_json) {
        char *text = cJSON_Print(answer);
        if (text)
            puts(text);
        cJSON_free(text);
    } else if (cJSON_IsArray(answer)) {
        cJSON_ArrayForEach(entry, answer) print_entry(entry);
    } else {
        print_entry(answer);
    }
}

static enum ctl_exit ask(const struct settings *settings, const char *method, const char *path)
{
    cJSON *answer = NULL;
    enum ctl_exit result = workers_ask(settings, method, path, &answer);

    if (result == CTL_OK)
        print_answer(settings, answer);
    cJSON_Delete(answer);
    return result;
}

static bool is_wallet(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
               WALLET_LEN &&
           text[WALLET_LEN] == '\0';
}

enum ctl_exit command_access(const struct settings *settings, char *const *words)
{
    const char *what = words[0] ? words[0] : "";
    char path[PATH_MAX_BYTES];

    if (strcmp(what, "list") == 0 && !words[1])
        return ask(settings, "GET", "/api/access");
    if ((strcmp(what, "approve") != 0 && strcmp(what, "deny") != 0) || !words[1] || words[2] ||
        !is_wallet(words[1]))
        return misuse();
    snprintf(path, sizeof path, "/api/access/%s/%s", words[1], what);
    return ask(settings, "POST", path);
}
