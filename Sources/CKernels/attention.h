// What attention and its gradient share: blocks of queries, what they see, biases and dropout.
#ifndef HONE_ATTENTION_H
#define HONE_ATTENTION_H

#include "kernels.h"
#include "philox.h"

enum { QUERIES = 64, KEYS = 128, LANES = 16 };

/// A block of queries of one head, or all heads of a group where there is one query.
typedef struct {
  int64_t rows, first_query, query_stride, first_head, row_stride;
  int64_t start[QUERIES], end[QUERIES];
  // The key that is at distance 0.
  int64_t origin[QUERIES];
  int64_t from, to;
} query_block;

static inline void visible_keys(
    const hone_attention_arguments *x, int64_t batch, query_block *block) {
  block->from = x->keys;
  block->to = 0;
  for (int64_t i = 0; i < block->rows; i++) {
    const int64_t query = block->first_query + i * block->query_stride;
    const int32_t *range = x->ranges + 2 * (batch * x->queries + query);
    const int64_t first = range[0], end = hone_max(first, range[1]);
    const int64_t start = x->window > 0 ? hone_max(first, end - x->window) : first;
    block->start[i] = start;
    block->end[i] = end;
    block->origin[i] =
        x->relative.table.data ? first + x->relative.positions[batch * x->queries + query] : 0;
    if (start < end) {
      block->from = hone_min(block->from, start);
      block->to = hone_max(block->to, end);
    }
  }
}

HONE_INLINE int64_t bounded(int64_t distance, int64_t longest) {
  return hone_max(-longest, hone_min(longest, distance));
}

/// The same attention with its table of biases in float32, made at the beginning of the shared scratch.
static inline hone_attention_arguments over_floats(const hone_attention_arguments *x) {
  hone_attention_arguments y = *x;
  hone_matrix *table = &y.relative.table;
  if (!table->data || table->type == HONE_FLOAT32) return y;
  const int64_t rows = x->relative.table_rows;
  float *floats = (float *)y.workspace.shared;
  hone_matrix_copy(&x->relative.table, 0, rows * x->heads, floats);
  y.workspace.shared += hone_attention_table_bytes(rows, x->heads, table->type);
  *table = (hone_matrix){.data = floats, .type = HONE_FLOAT32};
  return y;
}

/// Adds the biases of the keys from `distance` on to the scores of one head.
static inline void add_biases(
    const hone_relative_bias *bias, int64_t heads, int64_t head, int64_t distance, int64_t n,
    float *scores) {
  const int32_t *buckets = bias->buckets + bias->longest;
  for (int64_t j = 0; j < n; j++) {
    const int64_t at = buckets[bounded(distance + j, bias->longest)] * heads + head;
    scores[j] += ((const float *)bias->table.data)[at];
  }
}

/// Writes what dropout multiplies `n` weights by, those from `key` on of one query of one head.
HONE_INLINE void dropout_factors(
    const hone_attention_arguments *x, int64_t batch, int64_t head, int64_t query, int64_t key,
    int64_t n, float *factors) {
  const hone_attention_dropout *d = &x->dropout;
  const uint64_t first =
      (uint64_t)(((batch * x->heads + head) * x->queries + query) * x->keys + key);
  uint32_t words[PHILOX_WORDS];
  int64_t skipped = (int64_t)(first % 4);
  for (int64_t done = 0; done < n; skipped = 0) {
    hone_philox_words((first + (uint64_t)done) / 4, *d->step, d->key0, d->key1, words);
    const int64_t count = hone_min(n - done, PHILOX_WORDS - skipped);
    HONE_VECTOR
    for (int64_t i = 0; i < count; i++) {
      factors[done + i] = (words[skipped + i] >> 8) >= d->threshold ? d->factor : 0.0f;
    }
    done += count;
  }
}

static inline int ranges_fit(const hone_attention_arguments *x) {
  for (int64_t row = 0; row < x->batch * x->queries; row++) {
    const int32_t start = x->ranges[2 * row], end = x->ranges[2 * row + 1];
    if (start < end && (start < 0 || end > x->keys)) return 0;
  }
  return 1;
}

#endif
