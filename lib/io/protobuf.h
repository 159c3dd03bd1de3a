/*
 * protobuf.h - the fields of a protocol buffer, one after the other
 *
 * Wire format: protobuf.dev/programming-guides/encoding. A message is walked
 * where it lies; what a caller does not know it passes over.
 */
#ifndef IO_PROTOBUF_H
#define IO_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum protobuf_wire {
    PROTOBUF_VARINT = 0,
    PROTOBUF_FIXED64 = 1,
    PROTOBUF_BYTES = 2,
    PROTOBUF_FIXED32 = 5
} protobuf_wire;

typedef struct protobuf_field {
    uint32_t      number; /* from 1 */
    protobuf_wire wire;
    uint64_t      value; /* of a number */
    const unsigned char
          *bytes; /* of BYTES: a text, a message, packed numbers */
    size_t size;
} protobuf_field;

typedef struct protobuf {
    const unsigned char *at, *end;
    bool                 broken; /* it breaks off, or is no message */
} protobuf;

protobuf protobuf_begin(const unsigned char *bytes, size_t size);
/* false: there are no more, or the message is broken. */
bool protobuf_next(protobuf *message, protobuf_field *out);

#endif
