#ifndef AMID_TESTS_FAULT_ALLOC_H
#define AMID_TESTS_FAULT_ALLOC_H

#include <stdbool.h>

/*
 * Memory that ends: one allocation of the calling thread fails. Seen are those of our own code,
 * linked into the test statically (amid_wrap_alloc in CMakeLists.txt); libraries outside keep
 * theirs.
 */

/* The nth from now on fails, 1 = the next; 0: none does. */
void fault_alloc_at(unsigned nth);
/* Whether it has come to that since. */
bool fault_alloc_came(void);

#endif
