// What the two ways of the token loss share: how the work is cut, and a chunk's logits.
#ifndef HONE_TOKEN_LOSS_H
#define HONE_TOKEN_LOSS_H

#include "kernels.h"

#include <math.h>

enum { LANES = 16 };

/// How the work is cut, and where the parts of the shared scratch begin.
typedef struct {
  /// Rows at a time, tokens of a chunk, chunks, and the parts whose sums are added in their order.
  int64_t block, chunk, chunks, segments;
  /// States a row: one a segment, or one a chunk where logits are kept.
  int64_t parts;
  int64_t rows_at, states_at, targets_at, x_at, logits_at, partial_at, bytes;
} loss_plan;

/// The largest of a row's logits so far, and the sum of their exponentials divided by its own.
typedef struct {
  float sum, largest;
} loss_state;

/// One block of rows at work.
typedef struct {
  const hone_token_loss_arguments *x;
  loss_plan plan;
  int64_t count, accumulate_dw, accumulate_dbias;
  const int32_t *rows;
  loss_state *states;
  float *target_logits, *log_sums, *block_x, *logits, *partial;
} loss_block;

/// The rows of the head's weights that belong to a chunk, and how many.
typedef struct {
  const float *w;
  int64_t first, count;
} loss_chunk;

static inline loss_chunk chunk_of(const loss_block *b, int64_t chunk, int32_t thread) {
  const hone_token_loss_arguments *x = b->x;
  loss_chunk c;
  c.first = chunk * b->plan.chunk;
  c.count = hone_min(b->plan.chunk, x->vocabulary - c.first);
  c.w = hone_matrix_floats(
      &x->w, c.first * x->width, c.count * x->width,
      (float *)hone_thread_scratch(&x->workspace, thread));
  return c;
}

/// Where row `i` of a block has its target in a chunk; negative where it is in another.
static inline int64_t target_in(const loss_block *b, const loss_chunk *chunk, int64_t i) {
  const int64_t target = b->x->targets[b->rows[i]] - chunk->first;
  return target < chunk->count ? target : -1;
}

/// Writes a chunk's logits, rows `plan.chunk` apart, with their bias and bound, and the targets' aside.
void hone_loss_logits(const loss_block *b, const loss_chunk *chunk, float *logits);

HONE_INLINE float largest_of(const float *x, int64_t n) {
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

/// The sum of `exp(x − largest)`. Where `replaces`, these take the place of `x`, times the slope
/// `1 − (x · inverse_cap)²` of a bound.
HONE_INLINE float sum_of_exponentials(
    float *x, int64_t n, float largest, int replaces, float inverse_cap) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      const float value = hone_exp(x[i + lane] - largest), t = x[i + lane] * inverse_cap;
      lanes[lane] += value;
      if (replaces) x[i + lane] = value * (1.0f - t * t);
    }
  }
  for (; i < n; i++) {
    const float value = hone_exp(x[i] - largest), t = x[i] * inverse_cap;
    rest += value;
    if (replaces) x[i] = value * (1.0f - t * t);
  }
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// Writes all logits of a block, and their states.
void hone_loss_keep_logits(hone_pool *pool, const loss_block *b);

/// Adds what the logits that were kept give to every gradient.
void hone_loss_gradients(hone_pool *pool, const loss_block *b);

/// The slope of a logit's bound; 1 where it has none.
HONE_INLINE float slope_at(float logit, float soft_cap) {
  const float t = soft_cap > 0 ? logit / soft_cap : 0;
  return 1.0f - t * t;
}

#endif
