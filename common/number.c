#include "common/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 17 /* always enough for a double */

/* d.ddd × 10^exponent as digits "dddd". */
struct decimal {
    char digits[DIGITS_MAX + 1];
    int count;
    int exponent;
};

static void decimal_read(double number, int count, struct decimal *ret)
{
    char text[DIGITS_MAX + 16];
    const char *at = text;

    snprintf(text, sizeof(text), "%.*e", count - 1, number);
    ret->count = 0;
    for (; *at != 'e'; at++)
        if (*at != '.')
            ret->digits[ret->count++] = *at;
    ret->digits[ret->count] = '\0';
    ret->exponent = (int)strtol(at + 1, NULL, 10);
}

static bool reads_back(const struct decimal *decimal, double number)
{
    char text[DIGITS_MAX + 16];

    snprintf(text, sizeof(text), "%se%d", decimal->digits, decimal->exponent - decimal->count + 1);
    return strtod(text, NULL) == number;
}

/* The next larger number of as many digits. */
static void decimal_up(struct decimal *decimal)
{
    int at = decimal->count - 1;

    while (at >= 0 && decimal->digits[at] == '9')
        decimal->digits[at--] = '0';
    if (at >= 0) {
        decimal->digits[at]++;
        return;
    }
    decimal->digits[0] = '1';
    decimal->exponent++;
}

static bool is_shortest(double number, int count, struct decimal *decimal)
{
    int exponent;

    decimal_read(number, count, decimal);
    if (reads_back(decimal, number))
        return true;
    /* Below a power of two doubles lie twice as close: the nearest text may be another double's
     * while the one above still is this one's. */
    if (frexp(number, &exponent) != 0.5)
        return false;
    decimal_up(decimal);
    return reads_back(decimal, number);
}

static void shortest(double number, struct decimal *decimal)
{
    /* Any text of up to 15 digits reads back, unless the double has fewer bits than usual. */
    int count = number < 0x1p-1022 ? 1 : 15;

    while (count < DIGITS_MAX && !is_shortest(number, count, decimal))
        count++;
    if (count == DIGITS_MAX)
        decimal_read(number, DIGITS_MAX, decimal);
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0')
        decimal->digits[--decimal->count] = '\0';
}

size_t number_text(double number, char out[NUMBER_TEXT_MAX])
{
    struct decimal decimal;
    const char *sign = number < 0 ? "-" : "";
    int point, len; /* digits before the point */

    if (!isfinite(number))
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "null");
    if (number == 0)
        return (size_t)snprintf(out, NUMBER_TEXT_MAX, "0");
    shortest(fabs(number), &decimal);
    point = decimal.exponent + 1;
    if (point > 21 || point < -5)
        len = snprintf(out, NUMBER_TEXT_MAX, "%s%c%s%se%+d", sign, decimal.digits[0],
                       decimal.count > 1 ? "." : "", decimal.digits + 1, decimal.exponent);
    else if (point <= 0)
        len = snprintf(out, NUMBER_TEXT_MAX, "%s0.%.*s%s", sign, -point, "00000", decimal.digits);
    else if (decimal.count <= point)
        len = snprintf(out, NUMBER_TEXT_MAX, "%s%s%.*s", sign, decimal.digits,
                       point - decimal.count, "00000000000000000000");
    else
        len = snprintf(out, NUMBER_TEXT_MAX, "%s%.*s.%s", sign, point, decimal.digits,
                       decimal.digits + point);
    return (size_t)len;
}
