#ifndef AMID_PROTO_WIRE_H
#define AMID_PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* Integers are little-endian; `bytes` is a u32 length and that many bytes. */
#define PROTO_HEADER_BYTES 12

struct proto_header {
    uint32_t length; /* of the payload */
    uint16_t type;
    uint16_t zero; /* must be 0 */
    uint32_t id;
};

void wire_header_encode(const struct proto_header *header, uint8_t out[PROTO_HEADER_BYTES]);
void wire_header_decode(const uint8_t in[PROTO_HEADER_BYTES], struct proto_header *ret_header);

void wire_put_u8(struct buffer *out, uint8_t value);
void wire_put_u32(struct buffer *out, uint32_t value);
void wire_put_u64(struct buffer *out, uint64_t value);
void wire_put_bytes(struct buffer *out, const void *data, size_t len);
void wire_put_text(struct buffer *out, const char *text);

/* A reader fails for good at the first short read; wire_end is true only if all was read and
 * nothing is left. */
struct wire_reader {
    const uint8_t *next;
    size_t left;
    bool failed;
};

void wire_read(struct wire_reader *reader, const void *data, size_t len);
uint8_t wire_get_u8(struct wire_reader *reader);
uint32_t wire_get_u32(struct wire_reader *reader);
uint64_t wire_get_u64(struct wire_reader *reader);
/* Borrowed from the payload; NULL and 0 on failure. Longer than max fails. */
const uint8_t *wire_get_bytes(struct wire_reader *reader, size_t max, size_t *ret_len);
bool wire_end(const struct wire_reader *reader);

#endif
