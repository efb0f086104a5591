#ifndef AMID_PROTO_MESSAGE_H
#define AMID_PROTO_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The one list of what passes between amid and a runner. Requests and notices are even, answers odd
 * (request + 1, or a later odd number of the same block); retired numbers stay retired. amid speaks
 * PROTO_VERSION and the one before. A message from the wrong side, longer than its limit, or not
 * allowed in the runner's phase ends that runner.
 *
 *   X(name, number, direction, longest payload in bytes, phases in which amid takes it from a
 * runner)
 */
#define PROTO_VERSION 1

enum proto_direction { PROTO_TO_RUNNER, PROTO_FROM_RUNNER };

/* A runner's phase as amid sees it; bits, so that a message can name several. */
enum proto_phase {
    PROTO_PHASE_STARTING = 1 << 0, /* GO sent, HELLO awaited */
    PROTO_PHASE_LOADING = 1 << 1,  /* LOAD sent, READY awaited */
    PROTO_PHASE_RUNNING = 1 << 2,  /* RUN sent */
    PROTO_PHASE_WAITING =
        1 << 3, /* an iteration failed or a single worker is done; RUN or STOP to come */
    PROTO_PHASE_STOPPING = 1 << 4, /* STOP sent */
    PROTO_PHASE_COMPILING = 1 << 5 /* a compiler clone: COMPILE sent */
};
#define PROTO_IN_SCRIPT                                                                            \
    (PROTO_PHASE_LOADING | PROTO_PHASE_RUNNING | PROTO_PHASE_WAITING | PROTO_PHASE_STOPPING)

#define PROTO_CODE_MAX   (4u * 1024 * 1024) /* compiled code or a compiler's answer */
#define PROTO_ATOMIC_MAX (1024u * 1024 + 64 * 1024)
#define PROTO_LOG_MAX    (24u * 1024)
/* Answers of a turn to HTTP requests, whole or begun. */
#define PROTO_RESPOND_MAX (1024u * 1024 + 64 * 1024)

#define PROTO_MESSAGES(X)                                                                          \
    /* lifecycle 0x0002-0x001f */                                                                  \
    X(GO, 0x0002, PROTO_TO_RUNNER, 64, 0)                                                          \
    X(HELLO, 0x0003, PROTO_FROM_RUNNER, 64, PROTO_PHASE_STARTING)                                  \
    X(LOAD, 0x0004, PROTO_TO_RUNNER, PROTO_CODE_MAX, 0)                                            \
    X(READY, 0x0005, PROTO_FROM_RUNNER, 0, PROTO_PHASE_LOADING)                                    \
    X(RUN, 0x0006, PROTO_TO_RUNNER, 1, 0)                                                          \
    X(ITERATION_OK, 0x0007, PROTO_FROM_RUNNER, 0, PROTO_PHASE_RUNNING | PROTO_PHASE_STOPPING)      \
    X(ITERATION_ERROR, 0x0009, PROTO_FROM_RUNNER, 16384,                                           \
      PROTO_PHASE_RUNNING | PROTO_PHASE_STOPPING)                                                  \
    X(DONE, 0x000b, PROTO_FROM_RUNNER, 0, PROTO_PHASE_RUNNING | PROTO_PHASE_STOPPING)              \
    X(STOP, 0x000c, PROTO_TO_RUNNER, 1, 0)                                                         \
    X(STOPPED, 0x000d, PROTO_FROM_RUNNER, 0, PROTO_PHASE_STOPPING)                                 \
    X(PING, 0x000e, PROTO_TO_RUNNER, 0, 0)                                                         \
    X(PONG, 0x000f, PROTO_FROM_RUNNER, 0, PROTO_IN_SCRIPT)                                         \
    X(CONFIG, 0x0010, PROTO_TO_RUNNER, 16384, 0)                                                   \
    X(FATAL, 0x0012, PROTO_FROM_RUNNER, 16384,                                                     \
      PROTO_IN_SCRIPT | PROTO_PHASE_STARTING | PROTO_PHASE_COMPILING)                              \
    /* log 0x0020-0x002f */                                                                        \
    X(LOG, 0x0020, PROTO_FROM_RUNNER, PROTO_LOG_MAX, PROTO_IN_SCRIPT)                              \
    /* key-value 0x0100-0x01ff */                                                                  \
    X(KV_GET, 0x0100, PROTO_FROM_RUNNER, 4096, PROTO_IN_SCRIPT)                                    \
    X(KV_GOT, 0x0101, PROTO_TO_RUNNER, 128 * 1024, 0)                                              \
    X(KV_LIST, 0x0102, PROTO_FROM_RUNNER, 16384, PROTO_IN_SCRIPT)                                  \
    X(KV_LISTED, 0x0103, PROTO_TO_RUNNER, PROTO_CODE_MAX, 0)                                       \
    X(KV_ATOMIC, 0x0104, PROTO_FROM_RUNNER, PROTO_ATOMIC_MAX, PROTO_IN_SCRIPT)                     \
    X(KV_COMMITTED, 0x0105, PROTO_TO_RUNNER, 4096, 0)                                              \
    /* compiler 0x0200-0x02ff */                                                                   \
    X(COMPILE, 0x0200, PROTO_TO_RUNNER, 1024 * 1024, 0)                                            \
    X(COMPILED, 0x0201, PROTO_FROM_RUNNER, PROTO_CODE_MAX, PROTO_PHASE_COMPILING)                  \
    /* host calls 0x0300-0x030f */                                                                 \
    X(RESOURCE_CLOSE, 0x0300, PROTO_FROM_RUNNER, 4, PROTO_IN_SCRIPT)                               \
    X(CALL_CANCEL, 0x0302, PROTO_FROM_RUNNER, 4, PROTO_IN_SCRIPT)

/*
 * Host calls that need no layout of their own: a request NAME (from a runner, in any phase with a
 * script) and its answer NAME_DONE. A call that may wait long (for the next of something) has 0
 * units and is bounded by what it waits on instead.
 *
 *   X(name, number, longest request, longest answer, units of BROKER_UNITS_MAX while under way)
 *
 * Every answer may be PROTO_ANSWER_LEAST bytes long, so that none is too short for an error's text.
 *
 * Blocks: key-value 0x0310, files 0x0400, fetch 0x0500, sockets 0x0520, serve 0x0600, wallets
 * 0x0700.
 */
#define PROTO_ANSWER_LEAST 1024u
#define PROTO_CALLS(X)                                                                             \
    X(KV_GET_MANY, 0x0310, 32768, 1024 * 1024, 4)                                                  \
    X(KV_WATCH, 0x0312, 32768, 1024 * 1024, 4)                                                     \
    X(KV_NEXT, 0x0314, 64, 1024 * 1024, 0)                                                         \
    X(FILE_READ, 0x0400, 8192, PROTO_CODE_MAX, 16)                                                 \
    X(FILE_WRITE, 0x0402, PROTO_CODE_MAX, 1024, 16)                                                \
    X(FILE_STAT, 0x0404, 8192, 1024, 1)                                                            \
    X(FILE_LIST, 0x0406, 8192, PROTO_CODE_MAX, 16)                                                 \
    X(FILE_CHANGE, 0x0408, 16384, 1024, 2)                                                         \
    X(FETCH_START, 0x0500, PROTO_CODE_MAX, 576 * 1024, 0)                                          \
    X(FETCH_READ, 0x0502, 64, 65 * 1024, 0)                                                        \
    X(SOCKET_CONNECT, 0x0520, 32 * 1024, 2048, 0)                                                  \
    X(SOCKET_NEXT, 0x0522, 64, PROTO_CODE_MAX, 0)                                                  \
    X(SOCKET_SEND, 0x0524, PROTO_CODE_MAX, 64, 0)                                                  \
    X(SOCKET_CLOSE, 0x0526, 1024, 64, 1)                                                           \
    X(SERVE_LISTEN, 0x0600, 1024, 1024, 1)                                                         \
    X(SERVE_NEXT, 0x0602, PROTO_RESPOND_MAX, 1024 * 1024, 0)                                       \
    X(SERVE_BODY, 0x0604, 64, 256 * 1024, 0)                                                       \
    X(SERVE_RESPOND, 0x0606, PROTO_RESPOND_MAX, 64, 1)                                             \
    X(SERVE_WRITE, 0x0608, 257 * 1024, 64, 0)                                                      \
    X(SERVE_SHUTDOWN, 0x060a, 64, 64, 1)                                                           \
    X(WALLET_SIGN, 0x0700, PROTO_ATOMIC_MAX, 512, 1)                                               \
    X(SECRET_GET, 0x0800, 1024, 128 * 1024, 1)

enum proto_message {
#define X(name, number, direction, max, phases) PROTO_##name = (number),
    PROTO_MESSAGES(X)
#undef X
#define X(name, number, request_max, answer_max, units)                                            \
    PROTO_##name = (number), PROTO_##name##_DONE = (number) + 1,
        PROTO_CALLS(X)
#undef X
};

/* clang-format off */
/*
 * Payloads, in the order they are written (proto/wire.h types):
 *   GO              u32 heap limit in bytes, u32 CPU milliseconds per turn, i32 nice value
 *                   [, u8 1 = LOAD may be long in coming: warm up meanwhile]
 *   HELLO           u32 PROTO_VERSION, bytes build id (32), u32 enum proto_confined bits
 *   LOAD            bytes config JSON, bytes code (ES5), bytes line table [, bytes modules JSON]
 *   RUN             u8 1 = answer ITERATION_OK when the iteration ends well
 *   ITERATION_ERROR bytes JSON {name, ancestors, message, stack, line}
 *   STOP            u8 enum proto_stop
 *   CONFIG          bytes config JSON (only the members that change)
 *   FATAL           u32 enum proto_fatal, bytes text (one line), bytes stack
 *   LOG             u8 enum log_level, bytes text, bytes fields JSON (may be empty)
 *   KV_GET          u8 space (0 local, 1 net), bytes key
 *   KV_GOT          u32 error (0 = ok), bytes message; when ok: u8 found [, bytes value, bytes versionstamp (10)]
 *   KV_LIST         u8 space, bytes start, bytes end, u32 limit, u8 reverse
 *   KV_LISTED       u32 error, bytes message; when ok: u32 count, count x (bytes key, bytes value, bytes stamp), u8 more
 *   KV_ATOMIC       u8 space, u32 checks, checks x (bytes key, u8 present [, bytes stamp]),
 *                   u32 mutations, mutations x (u8 kind, bytes key [, bytes value, u64 more]);
 *                   kind 0 set: more = expire in ms; 1 delete: nothing follows the key; 2 sum, 3 min, 4 max:
 *                   value = the record for a key that does not exist, more = the operand's IEEE bits
 *   KV_COMMITTED    u32 error, bytes message; when ok: u8 committed [, bytes stamp]
 *   COMPILE         bytes source, bytes options JSON
 *   COMPILED        u8 ok; 1: bytes code, bytes lines, bytes minified, bytes warnings JSON, bytes needs JSON;
 *                   0: bytes message, u32 line, u32 column
 *   RESOURCE_CLOSE  u32 resource; 0 = all of them, and every call under way: an iteration has ended
 *   CALL_CANCEL     u32 id of a call; it is answered all the same
 *   any host call   bytes arguments (a JSON object), bytes data
 *   its answer      u32 error, bytes message; when ok: bytes result JSON, bytes data
 * The frame's id is the request's in its answer, else 0.
 */
/* clang-format on */

enum proto_stop { PROTO_STOP_OWNER, PROTO_STOP_RELOAD, PROTO_STOP_SHUTDOWN, PROTO_STOP_MAX };
enum proto_fatal {
    PROTO_FATAL_LOAD,
    PROTO_FATAL_TURN,
    PROTO_FATAL_HEAP,
    PROTO_FATAL_ENGINE,
    PROTO_FATAL_MAX
};
enum proto_confined {
    PROTO_CONFINED_SECCOMP = 1 << 0,
    PROTO_CONFINED_LANDLOCK = 1 << 1,
    PROTO_CONFINED_NAMESPACES = 1 << 2
};

/* Exit codes of amid-runner's children, shown in death certificates. */
enum proto_exit {
    PROTO_EXIT_CLEAN = 0,
    PROTO_EXIT_USAGE = 64,
    PROTO_EXIT_CHANNEL = 65, /* amid closed the channel or spoke nonsense */
    PROTO_EXIT_CONFINE = 66, /* confinement could not be completed; no script was read */
    PROTO_EXIT_LOAD = 67,    /* the compiled code could not be evaluated */
    PROTO_EXIT_TURN = 68,    /* a turn used up its CPU time */
    PROTO_EXIT_HEAP = 69,    /* the heap limit was hit and nobody caught it */
    PROTO_EXIT_ENGINE = 70   /* the engine reported a fatal error */
};

struct proto_message_info {
    const char *name;
    enum proto_message type;
    enum proto_direction direction;
    uint32_t max_bytes;
    uint32_t phases;
};

/* NULL for a number that is not in the list. */
const struct proto_message_info *proto_message_find(uint16_t type);

struct proto_call_info {
    const char *name;
    enum proto_message type; /* of the request; the answer's is the next number */
    uint32_t units;
};

/* NULL for what is no request of PROTO_CALLS. */
const struct proto_call_info *proto_call_find(enum proto_message type);
const struct proto_call_info *proto_call_named(const char *name);

#endif
