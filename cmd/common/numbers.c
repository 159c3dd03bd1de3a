/*
 * numbers.c - numbers on the command line and in the environment
 */
#include "common/numbers.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool number_size(const char *text, size_t *out)
{
    size_t value = 0;
    int    shift = 0;

    if (*text < '0' || *text > '9') {
        return false;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        size_t digit = (size_t)(*text - '0');

        if (value > (SIZE_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    switch (*text) {
    case 'k':
    case 'K':
        shift = 10;
        break;
    case 'M':
        shift = 20;
        break;
    case 'G':
        shift = 30;
        break;
    default:
        break;
    }
    if (shift > 0) {
        text++;
    }
    if (*text != '\0' || value > SIZE_MAX >> shift) {
        return false;
    }
    *out = value << shift;
    return true;
}

bool number_int(const char *text, size_t size, long low, long high, long *out)
{
    bool   minus = size > 0 && text[0] == '-';
    size_t i = minus || (size > 0 && text[0] == '+') ? 1 : 0;
    long   value = 0;

    if (i == size) {
        return false;
    }
    for (; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || value > 100000000) {
            return false;
        }
        value = value * 10 + (text[i] - '0');
    }
    value = minus ? -value : value;
    if (value < low || value > high) {
        return false;
    }
    *out = value;
    return true;
}

/* strtof() takes more than this: spaces, hexadecimal digits, infinity. No tool
   calls setlocale(), so its point is a point. */
bool number_real(const char *text, size_t size, float *out)
{
    char  copy[64];
    char *end;

    if (size == 0 || size >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (strspn(copy, "0123456789+-.eE") != size) {
        return false;
    }
    float value = strtof(copy, &end);
    if (end != copy + size || !isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}
