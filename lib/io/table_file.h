/*
 * table_file.h - sorted tables of keys and values, as LevelDB stores them
 *
 * TensorFlow's own reader is tensorflow/core/lib/io/table.cc, format.cc and
 * block.cc; the format is doc/table_format.md of LevelDB. From the end: a
 * footer of 48 bytes with the places of two blocks and a magic number; the
 * index block, whose values are the places of the data blocks; the metaindex
 * block, which is empty here; the data blocks. After each block come a byte
 * that says how it is compressed and a masked crc32c. In a block keys are
 * stored without what they share with the key before; at "restarts" whole.
 *
 * Everything is checked: places within the file, in order and apart, the
 * checksum of each block, entries within their block, restarts where entries
 * begin, keys in ascending order, none twice.
 */
#ifndef IO_TABLE_FILE_H
#define IO_TABLE_FILE_H

#include "base/error.h"

/* One entry, in order of keys; the bytes are lent for the call. */
typedef bert_status table_each(void *context, const char *key, size_t key_size,
                               const unsigned char *value, size_t value_size,
                               bert_error *err);

/*
 * Call each() for every entry of the table that data hold; stops at the first
 * that fails and returns its status. path is what messages call the file.
 * Errors: BERT_BAD_FILE, BERT_UNSUPPORTED (a compressed block), BERT_NO_MEMORY.
 */
bert_status table_read(const char *path, const unsigned char *data, size_t size,
                       table_each *each, void *context, bert_error *err);

#endif
