#include "proto/wire.h"

#include <string.h>

static void encode(uint64_t value, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t decode(const uint8_t *in, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        value |= (uint64_t)in[i] << (8 * i);
    return value;
}

void wire_header_encode(const struct proto_header *header, uint8_t out[PROTO_HEADER_BYTES])
{
    encode(header->length, out, 4);
    encode(header->type, out + 4, 2);
    encode(header->zero, out + 6, 2);
    encode(header->id, out + 8, 4);
}

void wire_header_decode(const uint8_t in[PROTO_HEADER_BYTES], struct proto_header *ret_header)
{
    ret_header->length = (uint32_t)decode(in, 4);
    ret_header->type = (uint16_t)decode(in + 4, 2);
    ret_header->zero = (uint16_t)decode(in + 6, 2);
    ret_header->id = (uint32_t)decode(in + 8, 4);
}

static void put(struct buffer *out, uint64_t value, size_t len)
{
    uint8_t bytes[8];

    encode(value, bytes, len);
    buffer_append(out, bytes, len);
}

void wire_put_u8(struct buffer *out, uint8_t value)
{
    put(out, value, 1);
}

void wire_put_u32(struct buffer *out, uint32_t value)
{
    put(out, value, 4);
}

void wire_put_u64(struct buffer *out, uint64_t value)
{
    put(out, value, 8);
}

void wire_put_bytes(struct buffer *out, const void *data, size_t len)
{
    if (len > UINT32_MAX) {
        out->failed = true;
        return;
    }
    wire_put_u32(out, (uint32_t)len);
    buffer_append(out, data, len);
}

void wire_put_text(struct buffer *out, const char *text)
{
    wire_put_bytes(out, text, strlen(text));
}

void wire_read(struct wire_reader *reader, const void *data, size_t len)
{
    reader->next = data;
    reader->left = len;
    reader->failed = false;
}

static const uint8_t *take(struct wire_reader *reader, size_t len)
{
    const uint8_t *at = reader->next;

    if (reader->failed || reader->left < len) {
        reader->failed = true;
        return NULL;
    }
    reader->next += len;
    reader->left -= len;
    return at;
}

uint8_t wire_get_u8(struct wire_reader *reader)
{
    const uint8_t *at = take(reader, 1);

    return at == NULL ? 0 : at[0];
}

uint32_t wire_get_u32(struct wire_reader *reader)
{
    const uint8_t *at = take(reader, 4);

    return at == NULL ? 0 : (uint32_t)decode(at, 4);
}

uint64_t wire_get_u64(struct wire_reader *reader)
{
    const uint8_t *at = take(reader, 8);

    return at == NULL ? 0 : decode(at, 8);
}

const uint8_t *wire_get_bytes(struct wire_reader *reader, size_t max, size_t *ret_len)
{
    size_t len = wire_get_u32(reader);
    const uint8_t *at;

    *ret_len = 0;
    if (len > max) {
        reader->failed = true;
        return NULL;
    }
    at = take(reader, len);
    if (at != NULL)
        *ret_len = len;
    return at;
}

bool wire_end(const struct wire_reader *reader)
{
    return !reader->failed && reader->left == 0;
}
