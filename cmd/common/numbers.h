/*
 * numbers.h - numbers on the command line and in the environment
 */
#ifndef COMMON_NUMBERS_H
#define COMMON_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

/* A whole number, with k, M or G for powers of 1024: "64k". false: it is none,
   or does not fit. */
bool number_size(const char *text, size_t *out);

/* A whole number with an optional sign, of `size` characters. false: it is
   none, or lies outside [low, high]. */
bool number_int(const char *text, size_t size, long low, long high, long *out);

/* A decimal number, of `size` characters, as binary32: "0.5", "-1e-3". false:
   it is none, or too large. */
bool number_real(const char *text, size_t size, float *out);

#endif
