/*
 * float_text.cc - every float32 as text, against the C++ library's to_chars
 *
 *     float_text [STEP]
 *
 * to_chars (libstdc++: Ryu) gives the fewest digits that read back, and of
 * those the closest: digit for digit what float_shortest() must give. The
 * text itself is read back too. Positive floats are enough: the sign is put
 * before the digits. Prints TAP. Built with
 *
 *     g++ -O2 -std=c++17 -Ilib tests/full/float_text.cc build/libbert.a
 *
 * about four minutes for all of them on one core.
 */
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
#include "io/float_text.h"
}

/* The digits and the power of ten of "1.25e-07". */
static void parse(const char *text, const char *end, unsigned *digits,
                  int *exponent)
{
    int      after = 0;
    bool     point = false;
    unsigned number = 0;

    for (; *text != 'e'; text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        number = number * 10 + (unsigned)(*text - '0');
        after += point;
    }
    text += text[1] == '+' ? 2 : 1;
    int power = 0;
    std::from_chars(text, end, power);
    *digits = number;
    *exponent = power - after;
}

static void strip(unsigned *digits, int *exponent)
{
    while (*digits % 10 == 0) {
        *digits /= 10;
        ++*exponent;
    }
}

static bool agrees(float value)
{
    unsigned ours, theirs;
    int      our_power, their_power;
    char     text[64];
    float    back = 0;

    float_shortest(value, &ours, &our_power);
    strip(&ours, &our_power);
    auto r = std::to_chars(text, text + sizeof text, value,
                           std::chars_format::scientific);
    parse(text, r.ptr, &theirs, &their_power);
    strip(&theirs, &their_power);
    size_t n = float_text(value, 0, text);
    std::from_chars(text, text + n, back);
    return ours == theirs && our_power == their_power && n <= FLOAT_TEXT_MAX &&
           back == value;
}

int main(int argc, char **argv)
{
    uint32_t step = argc > 1 ? (uint32_t)strtoul(argv[1], nullptr, 10) : 1;
    uint64_t wrong = 0, count = 0;

    for (uint64_t bits = 1; bits < 0x7F800000; bits += step, count++) {
        uint32_t pattern = (uint32_t)bits;
        float    value;
        memcpy(&value, &pattern, sizeof value);
        if (!agrees(value) && wrong++ < 10) {
            printf("# wrong: %08x\n", pattern);
        }
    }
    printf("%sok 1 - %llu floats are written as to_chars writes them\n1..1\n",
           wrong > 0 ? "not " : "", (unsigned long long)count);
    return wrong > 0;
}
