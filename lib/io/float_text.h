/*
 * float_text.h - float32 as decimal text
 */
#ifndef IO_FLOAT_TEXT_H
#define IO_FLOAT_TEXT_H

#include <stddef.h>

/* The longest text: -1.17549435e-38. */
enum { FLOAT_TEXT_MAX = 16 };

/*
 * Write a finite float to out, without a NUL, and return its size: the fewest
 * digits that read back to the same float32, and of those the closest to it.
 * 0 is "0", -0 is "-0.0" (a reader may take "-0" for an integer). From 1e-5
 * below 1e9 the point is written where it stands, else there is an exponent.
 * digits 1 to 8: at most so many significant digits, correctly rounded; any
 * other number: as many as it takes.
 */
size_t float_text(float value, int digits, char out[FLOAT_TEXT_MAX]);

/* The digits alone: value = *digits * 10^exponent, value finite and > 0. */
void float_shortest(float value, unsigned *digits, int *exponent);

#endif
