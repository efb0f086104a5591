#include "runner/build/bytecode.h"

#include <stdbool.h>
#include <string.h>

/*
 * The prelude keeps what the language calls internal slots in properties named __H_something. No
 * source text can name one of the engine's hidden properties, so the names become hidden here: a
 * constant string stands in the bytecode as a 32-bit big-endian length and its bytes, and a first
 * byte 0xFF makes it a hidden symbol.
 */
void bytecode_hide_names(unsigned char *bytes, size_t len)
{
    static const unsigned char mark[4] = {'_', '_', 'H', '_'};

    for (size_t at = 4; at + sizeof(mark) <= len; at++) {
        size_t name_len = bytes[at - 1];

        if (memcmp(bytes + at, mark, sizeof(mark)) != 0 || name_len <= sizeof(mark) ||
            name_len > len - at)
            continue;
        if (bytes[at - 4] == 0 && bytes[at - 3] == 0 && bytes[at - 2] == 0)
            bytes[at] = 0xFF;
    }
}

/*
 * The prelude is made lean because every worker process carries it: only functions that are named
 * as constructors get a prototype object from the engine; and all lose their line tables, since
 * their frames are not shown to anyone. The bytecode is rewritten in place: what is written never
 * gets ahead of what is read.
 */
#define BYTECODE_MARKER    0xBF
#define CONSTRUCTABLE_FLAG (1UL << 8)
#define NO_FORMALS         0xFFFFFFFFUL
#define CONSTANT_STRING    0x00
#define MAX_FUNCTION_DEPTH 64

struct lean {
    const unsigned char *in;
    const unsigned char *end;
    unsigned char *out;
    const char *constructors;
    bool failed;
};

static size_t lean_left(const struct lean *lean)
{
    return (size_t)(lean->end - lean->in);
}

static void lean_copy(struct lean *lean, size_t len)
{
    if (lean->failed || len > lean_left(lean)) {
        lean->failed = true;
        return;
    }
    memmove(lean->out, lean->in, len);
    lean->in += len;
    lean->out += len;
}

static void lean_skip(struct lean *lean, size_t len)
{
    if (lean->failed || len > lean_left(lean))
        lean->failed = true;
    else
        lean->in += len;
}

static unsigned long lean_read_u32(struct lean *lean)
{
    unsigned long value;

    if (lean->failed || lean_left(lean) < 4) {
        lean->failed = true;
        return 0;
    }
    value = (unsigned long)lean->in[0] << 24 | (unsigned long)lean->in[1] << 16 |
            (unsigned long)lean->in[2] << 8 | lean->in[3];
    lean->in += 4;
    return value;
}

static void lean_write_u32(struct lean *lean, unsigned long value)
{
    if (lean->failed)
        return;
    for (int shift = 24; shift >= 0; shift -= 8)
        *lean->out++ = (unsigned char)(value >> shift);
}

static unsigned long lean_copy_u32(struct lean *lean)
{
    unsigned long value = lean_read_u32(lean);

    lean_write_u32(lean, value);
    return value;
}

static void lean_copy_string(struct lean *lean)
{
    lean_copy(lean, lean_copy_u32(lean));
}

static void lean_copy_constants(struct lean *lean, unsigned long count)
{
    for (unsigned long i = 0; i < count && !lean->failed; i++) {
        bool is_string = lean_left(lean) > 0 && *lean->in == CONSTANT_STRING;

        lean_copy(lean, 1);
        if (is_string)
            lean_copy_string(lean);
        else
            lean_copy(lean, 8);
    }
}

static bool is_constructor(const char *list, const char *name, size_t len)
{
    while (len > 0 && *list != ' ' && *list != '\0') {
        size_t item = strcspn(list, ", ");

        if (item == len && memcmp(list, name, len) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

/* Name, file name, line table, variables, formal parameters. Returns whether the function is a
 * constructor. */
static bool lean_properties(struct lean *lean)
{
    unsigned long len;
    bool constructs;

    lean_copy_u32(lean);
    len = lean_copy_u32(lean);
    lean_copy(lean, len);
    if (lean->failed)
        return false;
    constructs = is_constructor(lean->constructors, (const char *)lean->out - len, len);
    lean_copy_string(lean);
    lean_skip(lean, lean_read_u32(lean));
    lean_write_u32(lean, 0);
    while (!lean->failed && (len = lean_copy_u32(lean)) > 0) {
        lean_copy(lean, len);
        lean_copy_u32(lean);
    }
    len = lean_copy_u32(lean);
    for (unsigned long i = 0; len != NO_FORMALS && i < len && !lean->failed; i++)
        lean_copy_string(lean);
    return constructs;
}

static void lean_function(struct lean *lean, int depth)
{
    unsigned long instructions = lean_copy_u32(lean);
    unsigned long constants = lean_copy_u32(lean);
    unsigned long functions = lean_copy_u32(lean);
    unsigned char *flags;
    unsigned long value;

    lean_copy(lean, 2 + 2 + 4 + 4);
    flags = lean->out;
    value = lean_copy_u32(lean);
    lean_copy(lean, instructions * 4);
    lean_copy_constants(lean, constants);
    if (depth >= MAX_FUNCTION_DEPTH)
        lean->failed = true;
    for (unsigned long i = 0; i < functions && !lean->failed; i++)
        lean_function(lean, depth + 1);
    if (!lean_properties(lean) && !lean->failed && depth > 0) {
        struct lean at = {.out = flags};

        lean_write_u32(&at, value & ~CONSTRUCTABLE_FLAG);
    }
}

/* Returns the new length, or 0 if the bytecode is not as expected (a different engine version). */
size_t bytecode_make_lean(unsigned char *bytes, size_t len, const char *constructors)
{
    struct lean lean = {
        .in = bytes, .end = bytes + len, .out = bytes, .constructors = constructors};

    if (len == 0 || bytes[0] != BYTECODE_MARKER)
        return 0;
    lean_copy(&lean, 1);
    lean_function(&lean, 0);
    return lean.failed || lean.in != lean.end ? 0 : (size_t)(lean.out - bytes);
}
