#include "supervisor/fetch/unpack.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "common/error.h"

#define GZIP_ONLY (16 + MAX_WBITS) /* zlib.h, inflateInit2 */

struct unpack {
    z_stream stream;
    bool is_end;
};

struct unpack *unpack_new(void)
{
    struct unpack *unpack = calloc(1, sizeof(*unpack));

    if (unpack == NULL || inflateInit2(&unpack->stream, GZIP_ONLY) != Z_OK) {
        free(unpack);
        return NULL;
    }
    return unpack;
}

void unpack_free(struct unpack *unpack)
{
    if (unpack == NULL)
        return;
    inflateEnd(&unpack->stream);
    free(unpack);
}

int unpack_some(struct unpack *unpack, const uint8_t *in, size_t *in_len, uint8_t *out,
                size_t *out_len, bool *ret_is_end)
{
    z_stream *stream = &unpack->stream;
    size_t wanted = *out_len < UINT_MAX ? *out_len : UINT_MAX;
    size_t given = *in_len < UINT_MAX ? *in_len : UINT_MAX;
    int result = Z_STREAM_END;

    *out_len = 0;
    if (!unpack->is_end) {
        stream->next_in = (Bytef *)in;
        stream->avail_in = (uInt)given;
        stream->next_out = out;
        stream->avail_out = (uInt)wanted;
        result = inflate(stream, Z_SYNC_FLUSH);
        *in_len = given - stream->avail_in;
        *out_len = wanted - stream->avail_out;
        unpack->is_end = result == Z_STREAM_END;
    }
    *ret_is_end = unpack->is_end;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ? 0 : AMID_E_CORRUPT;
}
