/* Holds: what other nodes wrote of themselves and of the leaders they are is read whatever the
 * bytes, and what was read can be written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/cluster/member.h"
#include "supervisor/cluster/seat.h"

#define SID "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void member(const char *text, size_t len)
{
    struct member member, again;
    struct buffer json;

    if (member_from_json(text, len, "s-0002", &member) != 0)
        return;
    buffer_init(&json, 1 << 16);
    member_to_json(&member, &json);
    if (buffer_status(&json) != 0 || strcmp(member.nid, "s-0002") != 0 ||
        (json.len <= MEMBER_VALUE_MAX &&
         (member_from_json(json.data, json.len, "s-0002", &again) != 0 ||
          again.lease != member.lease || again.running != member.running)))
        abort();
    buffer_free(&json);
}

static void seat(const char *text, size_t len)
{
    struct seat seat, again;
    struct buffer json;

    if (seat_from_json(text, len, &seat) != 0)
        return;
    buffer_init(&json, 1 << 16);
    seat_to_json(&seat, &json);
    if (buffer_status(&json) != 0 ||
        (json.len <= SEAT_VALUE_MAX &&
         (seat_from_json(json.data, json.len, &again) != 0 || again.generation != seat.generation)))
        abort();
    buffer_free(&json);
}

static void info(const char *text, size_t len)
{
    struct leader_info info, again;
    struct buffer json;

    if (leader_info_from_json(text, len, &info) != 0)
        return;
    buffer_init(&json, 1 << 16);
    leader_info_to_json(&info, SID, &json);
    if (buffer_status(&json) != 0 ||
        (json.len <= SEAT_VALUE_MAX && (leader_info_from_json(json.data, json.len, &again) != 0 ||
                                        again.expires_ms != info.expires_ms)))
        abort();
    buffer_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size > 8192)
        return 0;
    text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    member(text, size);
    seat(text, size);
    info(text, size);
    free(text);
    return 0;
}
