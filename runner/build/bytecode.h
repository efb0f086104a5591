#ifndef AMID_RUNNER_BUILD_BYTECODE_H
#define AMID_RUNNER_BUILD_BYTECODE_H

#include <stddef.h>

/* What amid-jsc changes in the bytecode that the engine made, before it is written to a file. */

/*
 * A program with a comment that begins so is made lean; the names of its constructors follow, each
 * with a comma behind it.
 */
#define BYTECODE_LEAN_MARK "/* amid-jsc: lean "

/* Makes the property names __H_something hidden from scripts: see bytecode.c. */
void bytecode_hide_names(unsigned char *bytes, size_t len);

/*
 * Rewrites the bytecode in place so that it costs less memory once loaded. constructors: as above,
 * up to the first blank. Returns the new length, or 0 if the bytecode is not what the engine's
 * version that we know writes; the bytes are spoilt then.
 */
size_t bytecode_make_lean(unsigned char *bytes, size_t len, const char *constructors);

#endif
