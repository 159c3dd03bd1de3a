/*
 * crc32c.h - the checksum of TensorFlow's files (RFC 3720, appendix B.4)
 *
 * CRC-32 with Castagnoli's polynomial, reflected, first and last inverted.
 * With the processor's own instruction (SSE 4.2, ARMv8's CRC) where it has it,
 * which is found out when the program runs.
 */
#ifndef IO_CRC32C_H
#define IO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of data that follow others whose checksum is crc; 0 begins. */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);
/* The same without the instruction, a byte at a time. */
uint32_t crc32c_plain(uint32_t crc, const void *data, size_t size);

/* As LevelDB and TensorFlow store it, turned and shifted so that checksums of
   data that hold checksums are good ones (lib/hash/crc32c.h, Mask). */
uint32_t crc32c_mask(uint32_t crc);

#endif
