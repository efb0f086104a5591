#include "supervisor/lifecycle/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/id.h"
#include "common/log.h"
#include "proto/message.h"
#include "proto/wire.h"

/* File: magic, SHA-256 of the rest, then code, lines, minified, warnings and needs as `bytes`. */
#define CACHE_MAGIC          "AMIDC02\n"
#define CACHE_MAGIC_BYTES    8
#define CACHE_HASH_BYTES     crypto_hash_sha256_BYTES
#define CACHE_HEAD_BYTES     (CACHE_MAGIC_BYTES + CACHE_HASH_BYTES)
#define CACHE_FILE_MAX_BYTES (CACHE_HEAD_BYTES + PROTO_CODE_MAX + 64)
/* Room is made down to this part of the bound, so that it is not made again at once. */
#define CACHE_KEEP_PART 0.8
#define CACHE_TEMPORARY ".new"

struct cache {
    int folder_fd;
    uint64_t max_bytes;
    uint64_t held_bytes;
    bool has_complained;
};

struct cache_file {
    char name[2 * CACHE_KEY_BYTES + 1];
    struct timespec used;
    uint64_t bytes;
};

static const struct log_about about = {.event = "cache"};

/* A stack of files found in the folder. */
struct cache_listing {
    struct cache_file *files;
    size_t count, capacity;
    uint64_t bytes;
};

static int listing_add(struct cache_listing *listing, const char *name, const struct stat *status)
{
    struct cache_file *file;

    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity == 0 ? 64 : 2 * listing->capacity;
        struct cache_file *files = realloc(listing->files, capacity * sizeof(*files));

        if (files == NULL)
            return AMID_E_NOMEM;
        listing->files = files;
        listing->capacity = capacity;
    }
    file = &listing->files[listing->count++];
    snprintf(file->name, sizeof(file->name), "%s", name);
    file->used = status->st_mtim;
    file->bytes = (uint64_t)status->st_size;
    listing->bytes += file->bytes;
    return 0;
}

static bool is_name(const char *name)
{
    uint8_t bytes[CACHE_KEY_BYTES];

    return strlen(name) == 2 * CACHE_KEY_BYTES && id_unhex(name, bytes, sizeof(bytes)) == 0;
}

/* Leftovers of a write that was cut short go on the way. */
static int listing_read(struct cache *cache, struct cache_listing *listing)
{
    int fd = openat(cache->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct stat status;
    int error = 0;

    *listing = (struct cache_listing){0};
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return AMID_E_IO;
    }
    while (error == 0 && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.' && strcmp(entry->d_name, CACHE_TEMPORARY) != 0)
            continue;
        if (!is_name(entry->d_name))
            unlinkat(cache->folder_fd, entry->d_name, 0);
        else if (fstatat(cache->folder_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            error = listing_add(listing, entry->d_name, &status);
    }
    closedir(folder);
    return error;
}

static int by_use(const void *left, const void *right)
{
    const struct cache_file *a = left;
    const struct cache_file *b = right;

    if (a->used.tv_sec != b->used.tv_sec)
        return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    return (a->used.tv_nsec > b->used.tv_nsec) - (a->used.tv_nsec < b->used.tv_nsec);
}

static void cache_make_room(struct cache *cache)
{
    uint64_t keep_bytes = (uint64_t)((double)cache->max_bytes * CACHE_KEEP_PART);
    struct cache_listing listing;

    if (listing_read(cache, &listing) == 0) {
        if (listing.count > 0)
            qsort(listing.files, listing.count, sizeof(*listing.files), by_use);
        for (size_t i = 0; i < listing.count && listing.bytes > keep_bytes; i++) {
            if (unlinkat(cache->folder_fd, listing.files[i].name, 0) == 0)
                listing.bytes -= listing.files[i].bytes;
        }
        cache->held_bytes = listing.bytes;
    }
    free(listing.files);
}

int cache_open(const char *state_folder, uint64_t max_bytes, struct cache **ret_cache)
{
    struct cache *cache = calloc(1, sizeof(*cache));
    char path[4096];
    int error;

    if (cache == NULL)
        return AMID_E_NOMEM;
    cache->max_bytes = max_bytes;
    snprintf(path, sizeof(path), "%s/cache", state_folder);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        error = error_from_errno(errno);
        free(cache);
        return error;
    }
    cache->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (cache->folder_fd < 0) {
        error = error_from_errno(errno);
        free(cache);
        return error;
    }
    cache->held_bytes = max_bytes + 1; /* until it has been counted */
    cache_make_room(cache);
    *ret_cache = cache;
    return 0;
}

void cache_close(struct cache *cache)
{
    if (cache == NULL)
        return;
    close(cache->folder_fd);
    free(cache);
}

void cache_key_of(struct cache_key *key, const uint8_t build_id[32], const char *options,
                  const char *source, size_t source_len)
{
    crypto_hash_sha256_state state;
    uint8_t lengths[16];
    size_t options_len = strlen(options);

    for (size_t i = 0; i < 8; i++) {
        lengths[i] = (uint8_t)((uint64_t)options_len >> (8 * i));
        lengths[8 + i] = (uint8_t)((uint64_t)source_len >> (8 * i));
    }
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, build_id, 32);
    crypto_hash_sha256_update(&state, lengths, sizeof(lengths));
    crypto_hash_sha256_update(&state, (const uint8_t *)options, options_len);
    crypto_hash_sha256_update(&state, (const uint8_t *)source, source_len);
    crypto_hash_sha256_final(&state, key->bytes);
}

/* Reads a whole file of bounded size; NULL if there is none or it is not a file of ours. */
static char *file_read(int fd, size_t *ret_len)
{
    struct stat status;
    size_t got = 0;
    char *bytes;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size < CACHE_HEAD_BYTES ||
        status.st_size > (off_t)CACHE_FILE_MAX_BYTES)
        return NULL;
    bytes = malloc((size_t)status.st_size);
    while (bytes != NULL && got < (size_t)status.st_size) {
        ssize_t len = read(fd, bytes + got, (size_t)status.st_size - got);

        if (len <= 0) {
            free(bytes);
            return NULL;
        }
        got += (size_t)len;
    }
    *ret_len = got;
    return bytes;
}

static bool value_read(char *bytes, size_t len, struct cache_value *value)
{
    uint8_t hash[CACHE_HASH_BYTES];
    struct wire_reader reader;

    if (memcmp(bytes, CACHE_MAGIC, CACHE_MAGIC_BYTES) != 0)
        return false;
    crypto_hash_sha256(hash, (const uint8_t *)bytes + CACHE_HEAD_BYTES, len - CACHE_HEAD_BYTES);
    if (memcmp(hash, bytes + CACHE_MAGIC_BYTES, sizeof(hash)) != 0)
        return false;
    wire_read(&reader, bytes + CACHE_HEAD_BYTES, len - CACHE_HEAD_BYTES);
    value->block = bytes;
    value->code = (const char *)wire_get_bytes(&reader, len, &value->code_len);
    value->lines = (const char *)wire_get_bytes(&reader, len, &value->lines_len);
    value->minified = (const char *)wire_get_bytes(&reader, len, &value->minified_len);
    value->warnings = (const char *)wire_get_bytes(&reader, len, &value->warnings_len);
    value->needs = (const char *)wire_get_bytes(&reader, len, &value->needs_len);
    return wire_end(&reader);
}

int cache_get(struct cache *cache, const struct cache_key *key, struct cache_value *ret_value)
{
    char name[2 * CACHE_KEY_BYTES + 1];
    struct cache_value value;
    char *bytes = NULL;
    size_t len = 0;
    int fd;

    id_hex(key->bytes, sizeof(key->bytes), name);
    fd = openat(cache->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return AMID_E_NOT_FOUND;
    bytes = file_read(fd, &len);
    if (bytes == NULL || !value_read(bytes, len, &value)) {
        log_warn(&about, "The compiled script %.8s… in the cache is damaged; it is made again",
                 name);
        unlinkat(cache->folder_fd, name, 0);
        free(bytes);
        close(fd);
        return AMID_E_NOT_FOUND;
    }
    futimens(fd, NULL);
    close(fd);
    *ret_value = value;
    return 0;
}

static int file_write(struct cache *cache, const struct buffer *file)
{
    int fd = openat(cache->folder_fd, CACHE_TEMPORARY,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error = 0;

    if (fd < 0)
        return error_from_errno(errno);
    for (size_t done = 0; done < file->len && error == 0;) {
        ssize_t len = write(fd, file->data + done, file->len - done);

        if (len < 0 && errno != EINTR)
            error = error_from_errno(errno);
        else if (len > 0)
            done += (size_t)len;
    }
    if (close(fd) != 0 && error == 0)
        error = error_from_errno(errno);
    return error;
}

static int cache_store(struct cache *cache, const struct cache_key *key,
                       const struct cache_value *value, struct buffer *file)
{
    char name[2 * CACHE_KEY_BYTES + 1];
    uint8_t hash[CACHE_HASH_BYTES] = {0};
    int error;

    buffer_append(file, CACHE_MAGIC, CACHE_MAGIC_BYTES);
    buffer_append(file, hash, sizeof(hash));
    wire_put_bytes(file, value->code, value->code_len);
    wire_put_bytes(file, value->lines, value->lines_len);
    wire_put_bytes(file, value->minified, value->minified_len);
    wire_put_bytes(file, value->warnings, value->warnings_len);
    wire_put_bytes(file, value->needs, value->needs_len);
    error = buffer_status(file);
    if (error != 0 || file->len > cache->max_bytes)
        return error;
    crypto_hash_sha256(hash, (const uint8_t *)file->data + CACHE_HEAD_BYTES,
                       file->len - CACHE_HEAD_BYTES);
    memcpy(file->data + CACHE_MAGIC_BYTES, hash, sizeof(hash));
    error = file_write(cache, file);
    id_hex(key->bytes, sizeof(key->bytes), name);
    if (error == 0 && renameat(cache->folder_fd, CACHE_TEMPORARY, cache->folder_fd, name) != 0)
        error = error_from_errno(errno);
    if (error != 0)
        unlinkat(cache->folder_fd, CACHE_TEMPORARY, 0);
    else
        cache->held_bytes += file->len;
    return error;
}

void cache_put(struct cache *cache, const struct cache_key *key, const struct cache_value *value)
{
    struct buffer file;
    int error;

    buffer_init(&file, CACHE_FILE_MAX_BYTES);
    error = cache_store(cache, key, value, &file);
    buffer_free(&file);
    if (error != 0 && !cache->has_complained)
        log_warn(&about, "Compiled scripts cannot be kept: %s", error_text(error));
    cache->has_complained = error != 0;
    if (cache->held_bytes > cache->max_bytes)
        cache_make_room(cache);
}

void cache_value_free(struct cache_value *value)
{
    free(value->block);
    *value = (struct cache_value){0};
}
