#ifndef AMID_FETCH_UNPACK_H
#define AMID_FETCH_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Unpacks a gzip body piece by piece. curl could do it, but not under a bound: what a piece of a
 * few KiB unpacks to would all be in memory at once. Here no more comes out than is asked for.
 */
struct unpack;

/* NULL when out of memory. */
struct unpack *unpack_new(void);
void unpack_free(struct unpack *unpack);
/*
 * Takes from *in and writes to out; both lengths come back as what was used. 0, or AMID_E_CORRUPT.
 * *ret_is_end once the packed data are complete; what follows them is ignored.
 */
int unpack_some(struct unpack *unpack, const uint8_t *in, size_t *in_len, uint8_t *out,
                size_t *out_len, bool *ret_is_end);

#endif
