#ifndef AMID_COMMON_ERROR_H
#define AMID_COMMON_ERROR_H

/*
 * The one list of errors: C code, HTTP status, JavaScript name, text. A function of ours that can
 * fail returns 0 or the negative of one of these; a frame carries the positive number; a script
 * sees the JavaScript name. Numbers are part of the wire contract: append, never renumber.
 */
#define AMID_ERROR_LIST(X)                                                                         \
    X(NOMEM, 1, 500, "Error", "out of memory")                                                     \
    X(INVALID, 2, 400, "TypeError", "invalid argument")                                            \
    X(TOO_LARGE, 3, 413, "RangeError", "too large")                                                \
    X(NOT_FOUND, 4, 404, "NotFound", "not found")                                                  \
    X(CONFLICT, 5, 409, "Conflict", "version mismatch")                                            \
    X(DENIED, 6, 403, "PermissionDenied", "permission denied")                                     \
    X(UNAUTHORIZED, 7, 401, "PermissionDenied", "no or bad session")                               \
    X(BUSY, 8, 503, "Busy", "too much under way")                                                  \
    X(TIMEOUT, 9, 504, "RequestTimeout", "timed out")                                              \
    X(CLOSED, 10, 503, "NetworkError", "closed")                                                   \
    X(PROTOCOL, 11, 400, "Error", "protocol error")                                                \
    X(IO, 12, 500, "Error", "input or output error")                                               \
    X(DISK_FULL, 13, 500, "Error", "no space left on the disk")                                    \
    X(CORRUPT, 14, 500, "Error", "the data is damaged")                                            \
    X(UNSUPPORTED, 15, 400, "NotSupported", "not supported")                                       \
    X(LIMIT, 16, 503, "RangeError", "limit reached")                                               \
    X(STOPPED, 17, 503, "AbortError", "stopped")                                                   \
    X(SYNTAX, 18, 400, "SyntaxError", "syntax error")                                              \
    X(EXISTS, 19, 409, "AlreadyExists", "already exists")                                          \
    X(INTERNAL, 20, 500, "Error", "internal error")                                                \
    X(BAD_RESOURCE, 21, 400, "BadResource", "closed already")                                      \
    X(NETWORK, 22, 502, "NetworkError", "network error")                                           \
    X(ADDR_IN_USE, 23, 409, "AddrInUse", "the address is in use")                                  \
    X(IS_DIRECTORY, 24, 400, "IsADirectory", "is a directory")                                     \
    X(NOT_DIRECTORY, 25, 400, "NotADirectory", "not a directory")                                  \
    X(NOT_EMPTY, 26, 409, "Error", "directory not empty")                                          \
    X(QUOTA, 27, 507, "QuotaExceededError", "quota exceeded")                                      \
    X(LEASE_LOST, 28, 409, "LeaseLost", "the lease is no longer held")                             \
    X(UNAVAILABLE, 29, 503, "NetworkError", "the cluster's store cannot be reached")               \
    X(UNCERTAIN, 30, 503, "NetworkError",                                                          \
      "no answer from the cluster's store: the write may have happened")

enum amid_error {
    AMID_OK = 0,
#define X(name, number, http, js, text) AMID_E_##name = -(number),
    AMID_ERROR_LIST(X)
#undef X
};

/* Each accepts any number; an unknown one is described as AMID_E_INTERNAL. The strings are static.
 */
const char *error_text(int error);
const char *error_js_name(int error);
/* The identifier for log fields, such as "DISK_FULL". */
const char *error_id(int error);
int error_http_status(int error);

/* Maps an errno value to the nearest of ours (ENOSPC and EDQUOT to AMID_E_DISK_FULL, …). */
int error_from_errno(int errnum);

#endif
