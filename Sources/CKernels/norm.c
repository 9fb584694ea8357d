// Root-mean-square and layer normalisation, forward and backward.
#include "kernels.h"

#include <math.h>

enum { COLUMNS = 64, LANES = 16 };

/// Σ a·b in 16 lanes that are added in a fixed order; with `c`, Σ a·b·c.
HONE_INLINE float dot(const float *a, const float *b, const float *c, int64_t n) {
  float lanes[LANES] = {0};
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] += a[i + lane] * b[i + lane] * (c ? c[i + lane] : 1.0f);
    }
  }
  float rest = 0;
  for (; i < n; i++) rest += a[i] * b[i] * (c ? c[i] : 1.0f);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// Σ x in the same lanes.
HONE_INLINE float sum(const float *x, int64_t n) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) lanes[lane] += x[i + lane];
  }
  for (; i < n; i++) rest += x[i];
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// Σ (x − mean)·w·dy in the same lanes.
HONE_INLINE float centered_dot(
    const float *x, float mean, const float *w, const float *dy, int64_t n) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] += (x[i + lane] - mean) * w[i + lane] * dy[i + lane];
    }
  }
  for (; i < n; i++) rest += (x[i] - mean) * w[i] * dy[i];
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// Σ (x − mean)² in the same lanes.
HONE_INLINE float squares(const float *x, float mean, int64_t n) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      const float d = x[i + lane] - mean;
      lanes[lane] += d * d;
    }
  }
  for (; i < n; i++) rest += (x[i] - mean) * (x[i] - mean);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0] + rest;
}

/// The weights with the offset: where they lie, or in the thread's scratch.
HONE_INLINE const float *offset_weights(
    const hone_weight *weight, int64_t n, float offset, const hone_workspace *workspace,
    int32_t thread) {
  float *scratch = (float *)hone_thread_scratch(workspace, thread);
  const float *w = hone_weight_floats(weight, 0, n, scratch);
  if (offset == 0) return w;
  for (int64_t i = 0; i < n; i++) scratch[i] = w[i] + offset;
  return scratch;
}

HONE_CLONES static void forward_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_rms_norm_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), n = x->columns;
  const float *w = offset_weights(&x->w, n, x->weight_offset, &x->workspace, thread);
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const float *from = x->x + row * n;
    float *to = x->y + row * n;
    if (x->centers) {
      const float mean = sum(from, n) / (float)n;
      const float r = 1.0f / sqrtf(squares(from, mean, n) / (float)n + x->epsilon);
      x->r[2 * row] = r;
      x->r[2 * row + 1] = mean;
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) to[i] = (from[i] - mean) * r * w[i];
    } else {
      const float r = 1.0f / sqrtf(dot(from, from, NULL, n) / (float)n + x->epsilon);
      x->r[row] = r;
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) to[i] = from[i] * r * w[i];
    }
  }
}

int32_t hone_rms_norm(hone_pool *pool, const void *argument) {
  const hone_rms_norm_arguments *x = argument;
  hone_pool_run(
      pool, forward_piece, argument, hone_pieces(x->rows, hone_rows_a_piece(x->columns)));
  return HONE_OK;
}

HONE_CLONES static void gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_rms_norm_gradient_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), n = x->columns;
  const float *w = offset_weights(&x->w, n, x->weight_offset, &x->workspace, thread);
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const float *from = x->x + row * n, *dy = x->dy + row * n;
    float *dx = x->dx + row * n;
    const float r = x->centers ? x->r[2 * row] : x->r[row];
    const float mean = x->centers ? x->r[2 * row + 1] : 0;
    const float shift = x->centers ? dot(w, dy, NULL, n) / (float)n : 0;
    const float share = x->centers ? centered_dot(from, mean, w, dy, n) : dot(from, w, dy, n);
    const float shrink = r * r * (share / (float)n);
    if (x->addend) {
      const float *addend = x->addend + row * n;
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) {
        dx[i] = r * (w[i] * dy[i] - shift - (from[i] - mean) * shrink) + addend[i];
      }
    } else {
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) {
        dx[i] = r * (w[i] * dy[i] - shift - (from[i] - mean) * shrink);
      }
    }
  }
}

int32_t hone_rms_norm_gradient(hone_pool *pool, const void *argument) {
  const hone_rms_norm_gradient_arguments *x = argument;
  hone_pool_run(
      pool, gradient_piece, argument, hone_pieces(x->rows, hone_rows_a_piece(x->columns)));
  return HONE_OK;
}

// Down the rows for a strip of columns, in blocks of 64 rows that are summed apart.
HONE_CLONES static void weight_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_rms_norm_weight_gradient_arguments *x = argument;
  const int64_t start = piece * COLUMNS, n = hone_min(COLUMNS, x->columns - start);
  float total[COLUMNS] = {0};
  for (int64_t block = 0; block < x->rows; block += 64) {
    float strip[COLUMNS] = {0};
    const int64_t end = hone_min(x->rows, block + 64);
    for (int64_t row = block; row < end; row++) {
      const float *from = x->x + row * x->columns + start;
      const float *dy = x->dy + row * x->columns + start;
      const float r = x->centers ? x->r[2 * row] : x->r[row];
      const float mean = x->centers ? x->r[2 * row + 1] : 0;
      for (int64_t i = 0; i < n; i++) strip[i] += dy[i] * (from[i] - mean) * r;
    }
    for (int64_t i = 0; i < n; i++) total[i] += strip[i];
  }
  float *dw = x->dw + start;
  for (int64_t i = 0; i < n; i++) dw[i] = x->accumulate ? dw[i] + total[i] : total[i];
}

int32_t hone_rms_norm_weight_gradient(hone_pool *pool, const void *argument) {
  const hone_rms_norm_weight_gradient_arguments *x = argument;
  hone_pool_run(pool, weight_piece, argument, hone_pieces(x->columns, COLUMNS));
  return HONE_OK;
}
