/*
 * json_bytes.h - the bytes of a JSON string that stand for themselves
 */
#ifndef IO_JSON_BYTES_H
#define IO_JSON_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool json_byte_is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/*
 * The first byte in [p, end) that is '"', '\' or a control, or end. Eight bytes
 * at a time: a byte of x ^ pattern is 0 where they are equal, and the classic
 * (x - 1) & ~x marks the first such byte exactly (later ones may be false).
 */
static inline const char *json_plain_end(const char *p, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;

    while (end - p >= 8) {
        uint64_t x;
        memcpy(&x, p, 8);
        uint64_t quote = x ^ ones * '"';
        uint64_t slash = x ^ ones * '\\';
        uint64_t found = (((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) |
                          ((slash - ones) & ~slash)) &
                         tops;
        if (found != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return p + __builtin_ctzll(found) / 8;
#else
            break;
#endif
        }
        p += 8;
    }
    while (p < end && json_byte_is_plain(*p)) {
        p++;
    }
    return p;
}

#endif
