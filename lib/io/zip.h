/*
 * zip.h - the members of a zip archive that lies in memory
 *
 * PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central
 * directory), 4.3.14 to 4.3.16 (its ends, zip64 among them), 4.5.3 (zip64's
 * extra field). Members that are stored, one disk, not encrypted.
 */
#ifndef IO_ZIP_H
#define IO_ZIP_H

#include <stdint.h>

#include "base/error.h"

typedef struct zip_member {
    const char *name; /* in the archive, no NUL */
    size_t      name_size;
    uint64_t    size;   /* as it lies there */
    uint64_t    at;     /* of its local header */
    uint32_t    crc;    /* of its bytes; torch may write 0 for none */
    unsigned    method; /* 0: stored */
    unsigned    flags;
} zip_member;

typedef struct zip {
    const char          *path; /* for messages, lent */
    const unsigned char *data;
    size_t               size;
    zip_member          *members;
    size_t               count;
    struct map          *names;
} zip;

/*
 * Read the directory of an archive; data and path must outlive it. A name that
 * is there twice is an error. Zero it to begin; zip_clear() in either case.
 * Errors: BERT_BAD_FILE (file and member named), BERT_UNSUPPORTED (several
 * disks), BERT_NO_MEMORY.
 */
bert_status zip_read(zip *z, const char *path, const unsigned char *data,
                     size_t size, bert_error *err);
void        zip_clear(zip *z);

/* NULL: no member of that name. */
const zip_member *zip_find(const zip *z, const char *name, size_t name_size);

/*
 * A member's bytes, where they lie. check: they must have the CRC that the
 * directory gives, unless that is 0. Errors: BERT_BAD_FILE, BERT_UNSUPPORTED
 * (compressed, encrypted).
 */
bert_status zip_bytes(const zip *z, const zip_member *member, bool check,
                      const unsigned char **out, bert_error *err);

#endif
