// Grouped-query attention by blocks of queries and keys (Dao et al. 2022, arXiv 2205.14135).
//
// A block of scores is made by one small product, turned into weights with the running maximum
// and sum of each row, and used by a second product. Blocks of keys that no query of the block
// sees are never touched.
#include "attention.h"

#include <math.h>

HONE_INLINE float row_maximum(const float *x, int64_t n) {
  float lanes[LANES];
  for (int lane = 0; lane < LANES; lane++) lanes[lane] = -INFINITY;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    }
  }
  float largest = -INFINITY;
  for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  for (int lane = 0; lane < LANES; lane++) {
    largest = lanes[lane] > largest ? lanes[lane] : largest;
  }
  return largest;
}

/// Replaces `x` by e^(x − shift) and returns the sum.
HONE_INLINE float exponentials(float *x, int64_t n, float shift) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      const float e = hone_exp(x[i + lane] - shift);
      x[i + lane] = e;
      lanes[lane] += e;
    }
  }
  for (; i < n; i++) {
    x[i] = hone_exp(x[i] - shift);
    rest += x[i];
  }
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// Bounds scores: `cap · tanh(x / cap)`.
HONE_CLONES static void cap_scores(float *x, int64_t n, float cap) {
  for (int64_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

int64_t hone_attention_thread_bytes(void) { return QUERIES * KEYS * (int64_t)sizeof(float); }

HONE_CLONES static void attend(
    const hone_attention_arguments *x, int64_t batch, int64_t group, query_block *block,
    float *scores) {
  const int64_t width = x->width, kv_stride = x->kv_heads * width;
  float maximum[QUERIES], sum[QUERIES];
  visible_keys(x, batch, block);
  const int64_t row0 = (batch * x->queries + block->first_query) * x->heads + block->first_head;
  const float *q = x->q + row0 * width;
  float *out = x->out + row0 * width;
  const float *k = x->k + batch * x->keys * kv_stride + group * width;
  const float *v = x->v + batch * x->keys * kv_stride + group * width;
  for (int64_t i = 0; i < block->rows; i++) {
    maximum[i] = -INFINITY;
    sum[i] = 0;
    memset(out + i * block->row_stride, 0, (size_t)width * sizeof(float));
  }
  for (int64_t key = block->from; key < block->to; key += KEYS) {
    const int64_t n = hone_min(KEYS, block->to - key);
    hone_sgemm(
        0, 1, block->rows, n, width, x->scale, q, block->row_stride, k + key * kv_stride,
        kv_stride, 0, scores, KEYS);
    for (int64_t i = 0; i < block->rows; i++) {
      float *row = scores + i * KEYS;
      const int64_t lo = hone_min(n, hone_max(0, block->start[i] - key));
      const int64_t hi = hone_max(lo, hone_min(n, block->end[i] - key));
      if (lo == hi) {
        memset(row, 0, (size_t)n * sizeof(float));
        continue;
      }
      // The rows of a block are queries of one head, or the heads of one query.
      const int64_t head = block->first_head + (block->query_stride ? 0 : i);
      if (x->relative.table.data) {
        add_biases(
            &x->relative, x->heads, head, key + lo - block->origin[i], hi - lo, row + lo);
      }
      if (x->soft_cap > 0) cap_scores(row + lo, hi - lo, x->soft_cap);
      const float largest = row_maximum(row + lo, hi - lo);
      if (largest > maximum[i]) {
        const float shrink = hone_exp(maximum[i] - largest);
        if (sum[i] != 0) {
          float *to = out + i * block->row_stride;
          for (int64_t d = 0; d < width; d++) to[d] *= shrink;
        }
        sum[i] *= shrink;
        maximum[i] = largest;
      }
      sum[i] += exponentials(row + lo, hi - lo, maximum[i]);
      if (x->dropout.step) {
        float factors[KEYS];
        const int64_t query = block->first_query + i * block->query_stride;
        dropout_factors(x, batch, head, query, key + lo, hi - lo, factors);
        for (int64_t j = lo; j < hi; j++) row[j] *= factors[j - lo];
      }
      memset(row, 0, (size_t)lo * sizeof(float));
      memset(row + hi, 0, (size_t)(n - hi) * sizeof(float));
    }
    hone_sgemm(
        0, 0, block->rows, width, n, 1, scores, KEYS, v + key * kv_stride, kv_stride, 1, out,
        block->row_stride);
  }
  for (int64_t i = 0; i < block->rows; i++) {
    float *to = out + i * block->row_stride;
    const float factor = sum[i] == 0 ? 0 : 1.0f / sum[i];
    for (int64_t d = 0; d < width; d++) to[d] *= factor;
    x->log_sum[row0 + i * (block->row_stride / width)] =
        sum[i] == 0 ? 0 : maximum[i] + logf(sum[i]);
  }
}

static void forward_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_attention_arguments *x = argument;
  float *scores = (float *)hone_thread_scratch(&x->workspace, thread);
  const int64_t share = x->heads / x->kv_heads;
  query_block block;
  if (x->queries == 1 && share <= QUERIES) {
    const int64_t batch = piece / x->kv_heads, group = piece % x->kv_heads;
    block = (query_block){
        .rows = share, .first_head = group * share, .row_stride = x->width};
    attend(x, batch, group, &block, scores);
    return;
  }
  const int64_t blocks = hone_pieces(x->queries, QUERIES);
  const int64_t query = piece % blocks * QUERIES, head = piece / blocks % x->heads;
  block = (query_block){
      .rows = hone_min(QUERIES, x->queries - query), .first_query = query, .query_stride = 1,
      .first_head = head, .row_stride = x->heads * x->width};
  attend(x, piece / blocks / x->heads, head / share, &block, scores);
}

int64_t hone_attention_table_bytes(int64_t rows, int64_t heads, hone_weight_type type) {
  return type == HONE_FLOAT32 ? 0 : hone_aligned(4 * rows * heads);
}

int32_t hone_attention(hone_pool *pool, const void *argument) {
  const hone_attention_arguments x = over_floats(argument);
  if (!ranges_fit(&x)) return HONE_INDEX_OUT_OF_RANGE;
  const int64_t share = x.heads / x.kv_heads;
  const int64_t pieces = x.queries == 1 && share <= QUERIES
                             ? x.batch * x.kv_heads
                             : x.batch * x.heads * hone_pieces(x.queries, QUERIES);
  hone_pool_run(pool, forward_piece, &x, pieces);
  return HONE_OK;
}
