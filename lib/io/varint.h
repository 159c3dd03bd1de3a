/*
 * varint.h - numbers of seven bits a byte, the lowest first, and fixed ones
 *
 * As protocol buffers and LevelDB write them
 * (protobuf.dev/programming-guides/encoding).
 */
#ifndef IO_VARINT_H
#define IO_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* Take one from [*at,end). false: it breaks off, or is larger than 64 bits. */
static inline bool varint_take(const unsigned char **at,
                               const unsigned char *end, uint64_t *out)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 70 && *at < end; shift += 7) {
        unsigned char byte = *(*at)++;
        if (shift == 63 && byte > 1) {
            return false;
        }
        number |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *out = number;
            return true;
        }
    }
    return false;
}

/* Four and eight bytes, little-endian. */
static inline uint32_t fixed32_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static inline uint64_t fixed64_at(const unsigned char *p)
{
    return fixed32_at(p) | (uint64_t)fixed32_at(p + 4) << 32;
}

#endif
