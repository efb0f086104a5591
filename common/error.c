#include "common/error.h"

#include <errno.h>
#include <stddef.h>

struct error_row {
    const char *id;
    const char *js_name;
    const char *text;
    int http_status;
};

static const struct error_row rows[] = {{"OK", "Error", "no error", 200},
#define X(name, number, http, js, text) [number] = {#name, js, text, http},
                                        AMID_ERROR_LIST(X)
#undef X
};

static const struct error_row *error_row(int error)
{
    const size_t count = sizeof(rows) / sizeof(rows[0]);

    if (error > 0 || error <= -(int)count)
        error = AMID_E_INTERNAL;
    return &rows[-error];
}

const char *error_text(int error)
{
    return error_row(error)->text;
}

const char *error_js_name(int error)
{
    return error_row(error)->js_name;
}

const char *error_id(int error)
{
    return error_row(error)->id;
}

int error_http_status(int error)
{
    return error_row(error)->http_status;
}

int error_from_errno(int errnum)
{
    switch (errnum) {
    case 0:
        return AMID_OK;
    case ENOMEM:
        return AMID_E_NOMEM;
    case EINVAL:
    case ENAMETOOLONG:
        return AMID_E_INVALID;
    case ENOTDIR:
        return AMID_E_NOT_DIRECTORY;
    case EISDIR:
        return AMID_E_IS_DIRECTORY;
    case E2BIG:
    case EFBIG:
    case EMSGSIZE:
        return AMID_E_TOO_LARGE;
    case ENOENT:
    case ESRCH:
        return AMID_E_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return AMID_E_DENIED;
    case EAGAIN:
    case EBUSY:
    case EADDRINUSE:
        return AMID_E_BUSY;
    case ETIMEDOUT:
        return AMID_E_TIMEOUT;
    case EPIPE:
    case ECONNRESET:
    case ECONNREFUSED:
    case ENOTCONN:
        return AMID_E_CLOSED;
    case ENOSPC:
    case EDQUOT:
        return AMID_E_DISK_FULL;
    case EMFILE:
    case ENFILE:
        return AMID_E_LIMIT;
    case EEXIST:
        return AMID_E_EXISTS;
    case ENOSYS:
    case EOPNOTSUPP:
        return AMID_E_UNSUPPORTED;
    case EPROTO:
        return AMID_E_PROTOCOL;
    default:
        return AMID_E_IO;
    }
}
