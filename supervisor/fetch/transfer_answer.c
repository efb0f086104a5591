#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "supervisor/fetch/transfer_internal.h"

/* Of a redirect's body, which nobody sees: read so that the connection can be used again. */
#define DROPPED_MAX_BYTES 16384

void transfer_answer_reset(struct transfer *transfer)
{
    answer_head_free(&transfer->head);
    answer_head_init(&transfer->head);
    free(transfer->location);
    transfer->location = NULL;
    transfer->dropped = 0;
}

void transfer_answer_free(struct transfer *transfer)
{
    transfer_answer_reset(transfer);
    answer_head_free(&transfer->head);
    free(transfer->buffer);
    transfer->buffer = NULL;
    unpack_free(transfer->unpack);
    transfer->unpack = NULL;
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* 0, or an error that ends the attempt. */
static int begin_answer(struct transfer *transfer)
{
    const char *location = answer_head_field(&transfer->head, "location");
    const char *coding = answer_head_field(&transfer->head, "content-encoding");

    if (location != NULL && is_redirect(transfer->head.status) &&
        transfer->redirect != REQUEST_MANUAL) {
        transfer->location = strdup(location);
        return transfer->location == NULL ? AMID_E_NOMEM : 0;
    }
    if (coding != NULL && (strcasecmp(coding, "gzip") == 0 || strcasecmp(coding, "x-gzip") == 0) &&
        strcmp(transfer->method, "HEAD") != 0) {
        transfer->unpack = unpack_new();
        if (transfer->unpack == NULL)
            return AMID_E_NOMEM;
    }
    transfer->has_answer = true;
    transfer_progress(transfer);
    return 0;
}

size_t transfer_on_header(char *line, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;
    bool was_complete = transfer->head.is_complete;
    int error = answer_head_line(&transfer->head, line, len);

    if (error == 0 && transfer->head.is_complete && !was_complete)
        error = begin_answer(transfer);
    if (error == 0)
        return len;
    if (error == AMID_E_TOO_LARGE)
        attempt_refuse(&transfer->attempt, AMID_E_NETWORK,
                       "%.200s answers with too many headers, or too long ones",
                       transfer->attempt.target.host);
    else if (error == AMID_E_PROTOCOL)
        attempt_refuse(&transfer->attempt, AMID_E_NETWORK, "%.200s answers with malformed headers",
                       transfer->attempt.target.host);
    else
        attempt_refuse(&transfer->attempt, error, "%s", error_text(error));
    return 0;
}

size_t transfer_on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;

    if (transfer->location != NULL) {
        transfer->dropped += len;
        return transfer->dropped > DROPPED_MAX_BYTES ? 0 : len;
    }
    if (transfer->buffer == NULL)
        transfer->buffer = malloc(TRANSFER_BUFFER_BYTES);
    if (transfer->buffer == NULL || len > TRANSFER_BUFFER_BYTES) {
        attempt_refuse(&transfer->attempt, AMID_E_NOMEM, "%s", error_text(AMID_E_NOMEM));
        return 0;
    }
    if (transfer->buffered + len > TRANSFER_BUFFER_BYTES) {
        transfer->is_paused = true;
        /* Others need not wait until the script comes to read it. */
        fetch_slot_leave(transfer->attempt.client, &transfer->slot);
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(transfer->buffer + transfer->buffered, bytes, len);
    transfer->buffered += len;
    transfer_progress(transfer);
    return len;
}

static void take_from_buffer(struct transfer *transfer, size_t len)
{
    transfer->buffered -= len;
    if (transfer->buffered > 0) {
        memmove(transfer->buffer, transfer->buffer + len, transfer->buffered);
        return;
    }
    /* Many answers stay open for long with nothing to read. */
    free(transfer->buffer);
    transfer->buffer = NULL;
}

/* Fills out from the buffer as it is, or unpacked. */
static int read_buffer(struct transfer *transfer, uint8_t *out, size_t *len)
{
    size_t taken = transfer->buffered;
    int error = 0;

    if (transfer->unpack != NULL) {
        error = unpack_some(transfer->unpack, transfer->buffer, &taken, out, len,
                            &transfer->is_unpacked);
        if (transfer->is_unpacked)
            taken = transfer->buffered;
    } else {
        if (taken > *len)
            taken = *len;
        if (taken > 0)
            memcpy(out, transfer->buffer, taken);
        *len = taken;
    }
    if (error == 0 && taken > 0)
        take_from_buffer(transfer, taken);
    return error;
}

int transfer_read(struct transfer *transfer, uint8_t *out, size_t *len, bool *ret_is_end)
{
    size_t room = *len;
    int error = read_buffer(transfer, out, len);

    *ret_is_end = false;
    if (error != 0) {
        transfer_fail(transfer, AMID_E_NETWORK, "the gzip data of the answer are damaged");
        return transfer->failure;
    }
    transfer->read_bytes += *len;
    if (transfer->read_bytes > transfer->attempt.client->fetch->settings.body_bytes) {
        transfer_fail(transfer, AMID_E_TOO_LARGE,
                      "the body of the answer is larger than fetch.body_mib allows");
        return transfer->failure;
    }
    if (transfer->is_paused && transfer->buffered < TRANSFER_BUFFER_BYTES / 2 &&
        transfer->is_attempting && transfer->attempt.curl != NULL) {
        transfer->is_paused = false;
        transfer_progress(transfer);
        libcurl.easy_pause(transfer->attempt.curl, CURLPAUSE_CONT);
    }
    /* With room left, nothing more is to be had of what has come so far. */
    if (*len > 0 || room == 0)
        return 0;
    if (transfer->failure != 0)
        return transfer->failure;
    if (!transfer->is_complete)
        return 0;
    if (transfer->unpack != NULL && !transfer->is_unpacked && transfer->read_bytes > 0) {
        transfer_fail(transfer, AMID_E_NETWORK, "the gzip data of the answer end too early");
        return transfer->failure;
    }
    *ret_is_end = true;
    return 0;
}
