// Root-mean-square normalisation, forward and backward.
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

HONE_CLONES static void forward_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_rms_norm_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), n = x->columns;
  const float *w = hone_weight_floats(
      &x->w, 0, n, (float *)hone_thread_scratch(&x->workspace, thread));
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const float *from = x->x + row * n;
    float *to = x->y + row * n;
    const float r = 1.0f / sqrtf(dot(from, from, NULL, n) / (float)n + x->epsilon);
    x->r[row] = r;
    HONE_VECTOR
    for (int64_t i = 0; i < n; i++) to[i] = from[i] * r * w[i];
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
  const float *w = hone_weight_floats(
      &x->w, 0, n, (float *)hone_thread_scratch(&x->workspace, thread));
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const float *from = x->x + row * n, *dy = x->dy + row * n;
    float *dx = x->dx + row * n;
    const float r = x->r[row];
    const float shrink = r * r * (dot(from, w, dy, n) / (float)n);
    if (x->addend) {
      const float *addend = x->addend + row * n;
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) {
        dx[i] = r * (w[i] * dy[i] - from[i] * shrink) + addend[i];
      }
    } else {
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) dx[i] = r * (w[i] * dy[i] - from[i] * shrink);
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
    float sum[COLUMNS] = {0};
    const int64_t end = hone_min(x->rows, block + 64);
    for (int64_t row = block; row < end; row++) {
      const float *from = x->x + row * x->columns + start;
      const float *dy = x->dy + row * x->columns + start;
      const float r = x->r[row];
      for (int64_t i = 0; i < n; i++) sum[i] += dy[i] * from[i] * r;
    }
    for (int64_t i = 0; i < n; i++) total[i] += sum[i];
  }
  float *dw = x->dw + start;
  for (int64_t i = 0; i < n; i++) dw[i] = x->accumulate ? dw[i] + total[i] : total[i];
}

int32_t hone_rms_norm_weight_gradient(hone_pool *pool, const void *argument) {
  const hone_rms_norm_weight_gradient_arguments *x = argument;
  hone_pool_run(pool, weight_piece, argument, hone_pieces(x->columns, COLUMNS));
  return HONE_OK;
}
