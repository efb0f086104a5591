#include "fault_alloc.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The linker's --wrap sends calls of malloc to __wrap_malloc, and __real_malloc to malloc.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c): its names */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);

static _Thread_local unsigned left;
static _Thread_local bool has_come;

void fault_alloc_at(unsigned nth)
{
    left = nth;
    has_come = false;
}

bool fault_alloc_came(void)
{
    return has_come;
}

static bool fails(void)
{
    if (left == 0 || --left > 0)
        return false;
    has_come = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);

    return copy == NULL ? NULL : memcpy(copy, text, size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c) */
