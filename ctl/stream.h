#ifndef AMID_CTL_STREAM_H
#define AMID_CTL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "ctl/settings.h"

/*
 * Bytes to and from amid, blocking: over its unix socket, TCP, or TLS 1.2 and up. With TLS the
 * node's certificate must lead to an authority that this machine, or --ca, trusts, and name the
 * host of the URL.
 */
struct ssl_st;
struct ssl_ctx_st;

#define STREAM_CONNECT_TIME_S 30 /* also for each write */

struct stream {
    int fd;
    struct ssl_ctx_st *context; /* NULL = no TLS */
    struct ssl_st *ssl;
    char fault[256]; /* why the last read or write failed */
};

/* silence_s: how long a read waits; 0 = for ever. False: it has been printed why. */
bool stream_open(struct stream *stream, const struct settings *settings, time_t silence_s);
void stream_close(struct stream *stream);
/* All of it, or false. */
bool stream_write(struct stream *stream, const char *bytes, size_t len);
/* 0 = the other side has ended properly, -1 = see fault. */
ssize_t stream_read(struct stream *stream, char *bytes, size_t size);

#endif
