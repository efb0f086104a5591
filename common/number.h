#ifndef AMID_COMMON_NUMBER_H
#define AMID_COMMON_NUMBER_H

#include <stddef.h>

/* Sign, 17 digits, a point, "e-308" and the NUL; or 21 digits of a whole number; or "-0.000001" and
 * 16 more digits. */
#define NUMBER_TEXT_MAX 32

/* The text that ECMAScript makes of a number (ECMA-262, Number::toString): the fewest digits that
 * read back as the same double, the nearest of these. NaN and infinities become "null", as in
 * JSON. Returns its length. */
size_t number_text(double number, char out[NUMBER_TEXT_MAX]);

#endif
