/*
 * layers.h - which hidden states: the LIST of --layers
 */
#ifndef COMMON_LAYERS_H
#define COMMON_LAYERS_H

#include <stddef.h>
#include <stdint.h>

/*
 * "-1", "-4..-1", "0,6,12": hidden states of an encoder of L layers, -1 the
 * last .. -L the first, 1 .. L the same from the front, 0 the embeddings.
 * Ranges count upward. The caller frees the result, [*count]; what is no list
 * or no layer is a usage error.
 */
int32_t *layers_parse(const char *list, int32_t layers, size_t *count);

#endif
