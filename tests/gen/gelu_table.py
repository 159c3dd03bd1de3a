#!/usr/bin/env python3
"""gelu_table.py - the table of polynomials in lib/compute/kernels_gelu.inc

    python3 tests/gen/gelu_table.py > lib/compute/kernels_gelu.inc

Q(a) = erfc(a / sqrt 2) / 2, the upper tail of the normal distribution, on
[0, END) in pieces of equal width, each a polynomial in r = a / width - piece,
0 <= r < 1, interpolating at Chebyshev's nodes; from END on the last piece, all
zeros. Needs numpy and the standard library; any version does: coefficients are
printed to 9 digits, which a float has.
"""
import math

import numpy

END = 5.625  # a Q(a) < 6e-8 from here on


def piece(lower, width, degree):
    n = degree + 1
    r = [0.5 - 0.5 * math.cos(math.pi * (2 * i + 1) / (2 * n)) for i in range(n)]
    q = [0.5 * math.erfc((lower + width * x) / math.sqrt(2)) for x in r]
    return numpy.polynomial.polynomial.polyfit(r, q, degree)


def table(pieces, degree):
    width = END / (pieces - 1)
    rows = [piece(i * width, width, degree) for i in range(pieces - 1)]
    rows.append(numpy.zeros(degree + 1))
    # the first is 1/2 at 0, to the bit
    rows[0][0] = 0.5
    print(f"#if VECTOR_TABLE == {pieces}")
    print(f"enum {{ GELU_DEGREE = {degree} }};")
    print(f"static const float gelu_pieces = {pieces - 1}.0f;")
    print(f"static const float gelu_table[GELU_DEGREE + 1][{pieces}] = {{")
    for power in range(degree + 1):
        numbers = ["%.9gf" % numpy.float32(row[power]) for row in rows]
        numbers = [x if "." in x or "e" in x else x[:-1] + ".0f" for x in numbers]
        print("    {" + ",\n     ".join(numbers) + "},")
    print("};")
    print("#endif")


print("/*")
print(" * kernels_gelu.inc - made by tests/gen/gelu_table.py, which says what it holds")
print(" */")
print(f"static const float gelu_end = {END}f;")
table(16, 5)
table(8, 7)
