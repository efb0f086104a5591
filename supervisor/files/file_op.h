#ifndef AMID_FILES_FILE_OP_H
#define AMID_FILES_FILE_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/id.h"
#include "supervisor/files/file_path.h"
#include "supervisor/files/usage.h"

/* One thing asked of a worker's folder. Made and freed on the loop, carried out on the files'
 * thread, which alone touches it in between. */
enum file_op_kind {
    FILE_OP_READ,
    FILE_OP_WRITE,
    FILE_OP_STAT,
    FILE_OP_LIST,
    FILE_OP_REMOVE,
    FILE_OP_MKDIR,
    FILE_OP_RENAME,
    FILE_OP_COPY,
    FILE_OP_TRUNCATE,
    FILE_OP_FORGET, /* the worker's whole folder, for ever */
    FILE_OP_MAX
};

struct file_op {
    struct file_op *next;
    enum file_op_kind kind;
    char sid[ID_UUID_LEN + 1];
    struct file_path path;
    struct file_path to; /* of a rename or a copy */
    struct usage_limits limits;
    bool append;
    bool create;     /* make what is not there */
    bool create_new; /* what is there is an error */
    bool recursive;
    int64_t length; /* to truncate to */
    uint8_t *data;  /* owned: to be written, or what was read */
    size_t len;

    size_t charged; /* what it counts for in the queue */

    /* The result. */
    int error;
    struct buffer json; /* empty = null */
    void (*done)(struct file_op *op, void *arg);
    void *arg;
};

/* What one call may read, write or copy. */
#define FILE_OP_DATA_MAX (3u * 1024 * 1024)
#define FILE_OP_JSON_MAX (3u * 1024 * 1024)

/* data is copied. NULL when out of memory. */
struct file_op *file_op_new(enum file_op_kind kind, const char *sid, const uint8_t *data,
                            size_t len);
void file_op_free(struct file_op *op);

/* On the thread: carries it out below the worker's folder and keeps the account. Sets op->error. */
void file_op_run(struct file_op *op, int root_fd, struct usage *usage);

/* file_change.c: those that change names. */
int file_change(struct file_op *op, int root_fd, struct usage *usage);
/* file_write.c: those that change contents. */
int file_write(struct file_op *op, int root_fd, struct usage *usage);
int file_copy(struct file_op *op, int root_fd, struct usage *usage);
int file_truncate(struct file_op *op, int root_fd, struct usage *usage);
/* Removes a folder's contents, at most *left entries; *left is counted down. AMID_E_BUSY when it
 * came to its end before all was gone. */
int file_empty(int folder_fd, unsigned *left, struct usage *ret_removed);

#endif
