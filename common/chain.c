#include "common/chain.h"

#include <sodium.h>
#include <string.h>

#define NUMBER_BYTES 8

static void add_number(crypto_generichash_state *state, uint64_t number)
{
    uint8_t bytes[NUMBER_BYTES];

    for (size_t i = 0; i < NUMBER_BYTES; i++)
        bytes[i] = (uint8_t)(number >> (8 * (NUMBER_BYTES - 1 - i)));
    crypto_generichash_update(state, bytes, sizeof(bytes));
}

/* Every part but the last has a fixed length, so no two rows have the same canonical text. */
void chain_hash(const struct chain_end *before, const struct chain_row *row,
                uint8_t out[CHAIN_HASH_BYTES])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, CHAIN_HASH_BYTES);
    crypto_generichash_update(&state, before->hash, CHAIN_HASH_BYTES);
    add_number(&state, row->seq);
    add_number(&state, (uint64_t)row->real_ms);
    crypto_generichash_update(&state, row->stamp, CHAIN_STAMP_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)row->text, row->text_len);
    crypto_generichash_final(&state, out, CHAIN_HASH_BYTES);
}

enum chain_fault chain_follow(struct chain_end *end, const struct chain_row *row)
{
    uint8_t hash[CHAIN_HASH_BYTES];

    if (row->seq != end->seq + 1)
        return CHAIN_GAP;
    chain_hash(end, row, hash);
    if (memcmp(hash, row->hash, sizeof(hash)) != 0)
        return CHAIN_CHANGED;
    end->seq = row->seq;
    memcpy(end->hash, hash, sizeof(hash));
    return CHAIN_OK;
}
