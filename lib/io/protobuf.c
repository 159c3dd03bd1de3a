/*
 * protobuf.c - the fields of a protocol buffer, one after the other
 */
#include "io/protobuf.h"

#include "io/varint.h"

static const uint64_t last_number = (1u << 29) - 1;

protobuf protobuf_begin(const unsigned char *bytes, size_t size)
{
    return (protobuf){.at = bytes, .end = bytes + size};
}

static bool take_value(protobuf *m, protobuf_field *f)
{
    size_t left = (size_t)(m->end - m->at);

    switch (f->wire) {
    case PROTOBUF_VARINT:
        return varint_take(&m->at, m->end, &f->value);
    case PROTOBUF_FIXED64:
        if (left < 8) {
            return false;
        }
        f->value = fixed64_at(m->at);
        m->at += 8;
        return true;
    case PROTOBUF_FIXED32:
        if (left < 4) {
            return false;
        }
        f->value = fixed32_at(m->at);
        m->at += 4;
        return true;
    case PROTOBUF_BYTES:
        if (!varint_take(&m->at, m->end, &f->value) ||
            f->value > (uint64_t)(m->end - m->at)) {
            return false;
        }
        f->bytes = m->at;
        f->size = (size_t)f->value;
        m->at += f->size;
        return true;
    }
    return false; /* groups, which nothing here has */
}

bool protobuf_next(protobuf *message, protobuf_field *out)
{
    uint64_t tag;

    *out = (protobuf_field){0};
    if (message->broken || message->at == message->end) {
        return false;
    }
    message->broken = !varint_take(&message->at, message->end, &tag) ||
                      tag >> 3 == 0 || tag >> 3 > last_number;
    if (!message->broken) {
        out->number = (uint32_t)(tag >> 3);
        out->wire = (protobuf_wire)(tag & 7);
        message->broken = !take_value(message, out);
    }
    return !message->broken;
}
