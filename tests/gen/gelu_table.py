#!/usr/bin/env python3
"""gelu_table.py - the table of polynomials in lib/compute/kernels_gelu.inc

    python3 tests/gen/gelu_table.py > lib/compute/kernels_gelu.inc

Q(a) = erfc(a / sqrt 2) / 2, the upper tail of the normal distribution, on
[0, end) in pieces of equal width, each a polynomial in r = piece - a / width,
-1 < r <= 0, interpolating at Chebyshev's nodes; from `end` on, where a Q(a) is
below 6e-8, the last piece, all zeros. 1 / width is a float to the bit: one that
is rounded moves every a the same way, and the error, of one sign everywhere,
adds up in the sums of the next product. Needs the standard library alone;
numbers are printed to 8 digits, one fewer than a float has, so that the last
bit of a C library's erfc() does not show.
"""
import math


def interpolate(x, y):
    """Coefficients of the polynomial through the points (Newton's form)."""
    n = len(x)
    divided = list(y)
    for order in range(1, n):
        for i in range(n - 1, order - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (x[i] - x[i - order])
    powers = [0.0] * n
    for i in range(n - 1, -1, -1):  # powers = powers (r - x[i]) + divided[i]
        for p in range(n - 1, 0, -1):
            powers[p] = powers[p - 1] - x[i] * powers[p]
        powers[0] = divided[i] - x[i] * powers[0]
    return powers


def piece(lower, width, degree):
    n = degree + 1
    r = [0.5 - 0.5 * math.cos(math.pi * (2 * i + 1) / (2 * n))
         for i in range(n)]
    q = [0.5 * math.erfc((lower + width * x) / math.sqrt(2)) for x in r]
    return interpolate([-x for x in r], q)


def number(x):
    text = "%.8g" % x
    return text + ("f" if "." in text or "e" in text else ".0f")


def table(pieces, degree, end):
    width = end / (pieces - 1)
    rows = [piece(i * width, width, degree) for i in range(pieces - 1)]
    rows.append([0.0] * (degree + 1))
    rows[0][0] = 0.5  # to the bit
    print(f"#if VECTOR_TABLE == {pieces}")
    print(f"enum {{ GELU_DEGREE = {degree} }};")
    print(f"static const float gelu_end = {end}f;")
    print(f"static const float gelu_scale = {(pieces - 1) / end}f;")
    print(f"static const float gelu_table[GELU_DEGREE + 1][{pieces}] = {{")
    for power in range(degree + 1):
        numbers = [number(row[power]) for row in rows]
        print("    {" + ",\n     ".join(numbers) + "},")
    print("};")
    print("#endif")


print("/*")
print(" * kernels_gelu.inc - made by tests/gen/gelu_table.py, which says what it")
print(" * holds")
print(" */")
table(16, 5, 6.0)
table(8, 7, 5.6)
