// The gradient of attention by the same blocks: weights are made anew from the saved log-sums.
#include "attention.h"

#include <math.h>

int64_t hone_attention_gradient_thread_bytes(int32_t with_dropout) {
  return (with_dropout ? 3 : 2) * QUERIES * KEYS * (int64_t)sizeof(float);
}

// Where nothing is attended across a place, the gradients before and behind it are apart. A piece
// goes from the first such place at or behind a multiple of CHUNK to that of the next multiple.
enum { CHUNK = 128 };

/// What comes first in the shared scratch: sums a distance, or where chunks are cut.
static int64_t own_bytes(
    int64_t batch, int64_t queries, int64_t heads, int64_t longest, int with_table) {
  if (with_table) return hone_aligned(4 * batch * heads * (2 * longest + 1));
  return hone_aligned(4 * (batch * (hone_pieces(queries, CHUNK) + 1) + queries + 1));
}

int64_t hone_attention_gradient_shared_bytes(
    int64_t batch, int64_t queries, int64_t keys, int64_t heads, int64_t kv_heads, int64_t width,
    int64_t longest, int32_t with_table) {
  const int64_t sums = heads == kv_heads ? 0 : 2 * batch * keys * heads * width;
  return own_bytes(batch, queries, heads, longest, with_table) + 4 * sums;
}

/// The chunks of a batch row; one where queries do not stand beside their own keys.
static int64_t chunks_of(const hone_attention_gradient_arguments *y) {
  const hone_attention_arguments *x = &y->forward;
  return y->dtable || x->queries != x->keys ? 1 : hone_pieces(x->queries, CHUNK);
}

/// Writes the first place of each chunk of each batch row, and the end behind the last.
static void find_cuts(const hone_attention_arguments *x, int64_t chunks, int32_t *cuts) {
  const int32_t count = (int32_t)x->queries;
  int32_t *least = cuts + x->batch * (chunks + 1);
  for (int64_t batch = 0; batch < x->batch; batch++, cuts += chunks + 1) {
    const int32_t *ranges = x->ranges + 2 * batch * x->queries;
    // The least key that this query or a later one sees.
    least[count] = count;
    for (int32_t query = count - 1; query >= 0; query--) {
      const int32_t start = ranges[2 * query];
      const int sees = start < ranges[2 * query + 1];
      least[query] = sees && start < least[query + 1] ? start : least[query + 1];
    }
    // The end of what earlier queries see.
    int32_t reach = 0, chunk = 1;
    cuts[0] = 0;
    for (int32_t query = 1; query < count && chunk < chunks; query++) {
      const int32_t *before = ranges + 2 * (query - 1);
      if (before[0] < before[1] && before[1] > reach) reach = before[1];
      if (reach > query || least[query] < query) continue;
      while (chunk < chunks && query >= chunk * CHUNK) cuts[chunk++] = query;
    }
    while (chunk <= chunks) cuts[chunk++] = count;
  }
}

/// Adds the biases to a block of scores.
static void add_block_biases(
    const hone_attention_arguments *x, const query_block *block, int64_t head, int64_t key,
    int64_t n, float *scores) {
  for (int64_t i = 0; i < block->rows; i++) {
    const int64_t lo = hone_min(n, hone_max(0, block->start[i] - key));
    const int64_t hi = hone_max(lo, hone_min(n, block->end[i] - key));
    add_biases(
        &x->relative, x->heads, head, key + lo - block->origin[i], hi - lo,
        scores + i * KEYS + lo);
  }
}

/// Adds the slopes of a block of scores, which have the scale in them, to one sum a distance.
static void add_block_slopes(
    const hone_attention_arguments *x, const query_block *block, int64_t key, int64_t n,
    const float *slopes, float *sums) {
  const int64_t longest = x->relative.longest;
  for (int64_t i = 0; i < block->rows; i++) {
    const int64_t lo = hone_min(n, hone_max(0, block->start[i] - key));
    const int64_t hi = hone_max(lo, hone_min(n, block->end[i] - key));
    for (int64_t j = lo; j < hi; j++) {
      const int64_t distance = bounded(key + j - block->origin[i], longest);
      sums[distance + longest] += slopes[i * KEYS + j] / x->scale;
    }
  }
}

/// Writes what dropout multiplies a block's weights by, and their gradients: zero where nothing is seen.
HONE_CLONES static void block_factors(
    const hone_attention_arguments *x, const query_block *block, int64_t batch, int64_t head,
    int64_t key, int64_t n, float *factors) {
  for (int64_t i = 0; i < block->rows; i++) {
    const int64_t lo = hone_min(n, hone_max(0, block->start[i] - key));
    const int64_t hi = hone_max(lo, hone_min(n, block->end[i] - key));
    float *row = factors + i * KEYS;
    memset(row, 0, (size_t)n * sizeof(float));
    dropout_factors(x, batch, head, block->first_query + i, key + lo, hi - lo, row + lo);
  }
}

/// Multiplies the values of a block by its factors.
HONE_CLONES static void drop_block(
    int64_t rows, int64_t n, const float *factors, float *values) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < n; j++) values[i * KEYS + j] *= factors[i * KEYS + j];
  }
}

/// Turns scores into weights, and the weights' gradients into the scores'.
HONE_CLONES static void weigh_back(
    const query_block *block, int64_t key, int64_t n, const float *log_sum, int64_t log_stride,
    const float *delta, float scale, float cap, float *weights, float *slopes) {
  for (int64_t i = 0; i < block->rows; i++) {
    float *p = weights + i * KEYS, *s = slopes + i * KEYS;
    const int64_t lo = hone_min(n, hone_max(0, block->start[i] - key));
    const int64_t hi = hone_max(lo, hone_min(n, block->end[i] - key));
    const float shift = log_sum[i * log_stride], d = delta[i];
    if (cap > 0) {
      for (int64_t j = lo; j < hi; j++) {
        const float t = tanhf(p[j] / cap), e = hone_exp(cap * t - shift);
        p[j] = e;
        s[j] = e * (s[j] - d) * scale * (1.0f - t * t);
      }
    } else {
      HONE_VECTOR
      for (int64_t j = lo; j < hi; j++) {
        const float e = hone_exp(p[j] - shift);
        p[j] = e;
        s[j] = e * (s[j] - d) * scale;
      }
    }
    memset(p, 0, (size_t)lo * sizeof(float));
    memset(s, 0, (size_t)lo * sizeof(float));
    memset(p + hi, 0, (size_t)(n - hi) * sizeof(float));
    memset(s + hi, 0, (size_t)(n - hi) * sizeof(float));
  }
}

HONE_CLONES static float dot(const float *a, const float *b, int64_t n) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) lanes[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < n; i++) rest += a[i] * b[i];
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// Where a head's gradients of keys and values are summed: in the results where each head has its own,
/// else in scratch of the heads' layout, dk before dv.
typedef struct {
  float *dk, *dv;
  int64_t stride;
} head_sums;

static head_sums sums_of(const hone_attention_gradient_arguments *y) {
  const hone_attention_arguments *x = &y->forward;
  const int64_t stride = x->heads * x->width;
  if (x->heads == x->kv_heads) return (head_sums){.dk = y->dk, .dv = y->dv, .stride = stride};
  const int64_t before =
      own_bytes(x->batch, x->queries, x->heads, x->relative.longest, y->dtable != 0);
  float *dk = (float *)(x->workspace.shared + before);
  return (head_sums){.dk = dk, .dv = dk + x->batch * x->keys * stride, .stride = stride};
}

// A piece is a chunk of one head of one batch row: all that the head adds to `dk` and `dv` there, in a
// fixed order.
static void gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_attention_gradient_arguments *y = argument;
  const hone_attention_arguments *x = &y->forward;
  const int64_t chunks = chunks_of(y), chunk = piece % chunks, width = x->width;
  const int64_t batch = piece / chunks / x->heads, head = piece / chunks % x->heads;
  const int64_t stride = x->heads * width, kv_stride = x->kv_heads * width;
  int64_t first = 0, last = x->queries, last_key = x->keys;
  if (chunks > 1) {
    const int32_t *cuts = (const int32_t *)x->workspace.shared + batch * (chunks + 1) + chunk;
    first = cuts[0];
    last = last_key = cuts[1];
  }
  float *weights = (float *)hone_thread_scratch(&x->workspace, thread);
  float *slopes = weights + QUERIES * KEYS, *factors = slopes + QUERIES * KEYS;
  const int64_t kv0 = batch * x->keys * kv_stride + head / (x->heads / x->kv_heads) * width;
  const int64_t sum0 = batch * x->keys * stride + head * width;
  const head_sums to = sums_of(y);
  for (int64_t key = first; key < last_key; key++) {
    memset(to.dk + sum0 + key * stride, 0, (size_t)width * sizeof(float));
    memset(to.dv + sum0 + key * stride, 0, (size_t)width * sizeof(float));
  }
  const int64_t distances = 2 * x->relative.longest + 1;
  float *sums = (float *)x->workspace.shared + (batch * x->heads + head) * distances;
  if (y->dtable) memset(sums, 0, (size_t)distances * sizeof(float));
  for (int64_t query = first; query < last; query += QUERIES) {
    query_block block = {
        .rows = hone_min(QUERIES, last - query), .first_query = query, .query_stride = 1};
    visible_keys(x, batch, &block);
    const int64_t row0 = (batch * x->queries + query) * x->heads + head, q0 = row0 * width;
    float delta[QUERIES];
    for (int64_t i = 0; i < block.rows; i++) {
      delta[i] = dot(y->dout + q0 + i * stride, x->out + q0 + i * stride, width);
      memset(y->dq + q0 + i * stride, 0, (size_t)width * sizeof(float));
    }
    for (int64_t key = block.from; key < block.to; key += KEYS) {
      const int64_t n = hone_min(KEYS, block.to - key), k0 = kv0 + key * kv_stride;
      hone_sgemm(
          0, 1, block.rows, n, width, x->scale, x->q + q0, stride, x->k + k0, kv_stride, 0,
          weights, KEYS);
      if (x->relative.table.data) add_block_biases(x, &block, head, key, n, weights);
      hone_sgemm(
          0, 1, block.rows, n, width, 1, y->dout + q0, stride, x->v + k0, kv_stride, 0, slopes,
          KEYS);
      if (x->dropout.step) {
        block_factors(x, &block, batch, head, key, n, factors);
        drop_block(block.rows, n, factors, slopes);
      }
      weigh_back(
          &block, key, n, x->log_sum + row0, x->heads, delta, x->scale, x->soft_cap, weights,
          slopes);
      if (x->dropout.step) drop_block(block.rows, n, factors, weights);
      if (y->dtable) add_block_slopes(x, &block, key, n, slopes, sums);
      hone_sgemm(
          1, 0, n, width, block.rows, 1, weights, KEYS, y->dout + q0, stride, 1,
          to.dv + sum0 + key * stride, stride);
      hone_sgemm(
          1, 0, n, width, block.rows, 1, slopes, KEYS, x->q + q0, stride, 1,
          to.dk + sum0 + key * stride, stride);
      hone_sgemm(
          0, 0, block.rows, width, n, 1, slopes, KEYS, x->k + k0, kv_stride, 1, y->dq + q0,
          stride);
    }
  }
}

HONE_CLONES static void sum_rows(const float *from, int64_t rows, int64_t width, float *to) {
  memcpy(to, from, (size_t)width * sizeof(float));
  for (int64_t row = 1; row < rows; row++) {
    HONE_VECTOR
    for (int64_t i = 0; i < width; i++) to[i] += from[row * width + i];
  }
}

/// Adds up the heads of each group, in their order, for a few keys.
static void sum_heads(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_attention_gradient_arguments *y = argument;
  const hone_attention_arguments *x = &y->forward;
  const head_sums from = sums_of(y);
  const int64_t share = x->heads / x->kv_heads, width = x->width;
  const int64_t keys = hone_rows_a_piece(from.stride);
  const int64_t end = hone_min(x->batch * x->keys, (piece + 1) * keys) * x->kv_heads;
  for (int64_t row = piece * keys * x->kv_heads; row < end; row++) {
    sum_rows(from.dk + row * share * width, share, width, y->dk + row * width);
    sum_rows(from.dv + row * share * width, share, width, y->dv + row * width);
  }
}

/// Sums the rows' and distances' shares into the table's gradient, in a fixed order.
static void sum_distances(const hone_attention_gradient_arguments *y) {
  const hone_attention_arguments *x = &y->forward;
  const int64_t distances = 2 * x->relative.longest + 1;
  if (!y->accumulate_dtable) {
    memset(y->dtable, 0, (size_t)(y->table_rows * x->heads) * sizeof(float));
  }
  const float *sums = (const float *)x->workspace.shared;
  for (int64_t batch = 0; batch < x->batch; batch++) {
    for (int64_t head = 0; head < x->heads; head++) {
      for (int64_t i = 0; i < distances; i++) {
        y->dtable[x->relative.buckets[i] * x->heads + head] += *sums++;
      }
    }
  }
}

int32_t hone_attention_gradient(hone_pool *pool, const void *argument) {
  hone_attention_gradient_arguments y = *(const hone_attention_gradient_arguments *)argument;
  const hone_attention_arguments x = y.forward = over_floats(&y.forward);
  if (!ranges_fit(&x)) return HONE_INDEX_OUT_OF_RANGE;
  const int64_t chunks = chunks_of(&y);
  if (chunks > 1) find_cuts(&x, chunks, (int32_t *)x.workspace.shared);
  hone_pool_run(pool, gradient_piece, &y, x.batch * x.heads * chunks);
  if (x.heads != x.kv_heads) {
    hone_pool_run(
        pool, sum_heads, &y, hone_pieces(x.batch * x.keys, hone_rows_a_piece(x.heads * x.width)));
  }
  if (y.dtable) sum_distances(&y);
  return HONE_OK;
}
