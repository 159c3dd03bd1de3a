/*
 * map.h - byte strings to int32, open addressing, insert only
 *
 * Keys are not copied: they must outlive the map.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct map map;

map *map_new(size_t expected); /* NULL: no memory */
void map_free(map *m);
/* Set key to value, replacing an older one. false: no memory. */
bool    map_put(map *m, const char *key, size_t size, int32_t value);
int32_t map_get(const map *m, const char *key, size_t size); /* -1: none */

#endif
