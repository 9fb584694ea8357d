// Rotary positions (Su et al. 2021) in the pairing of `rotate_half`.
#include "kernels.h"

#include <math.h>

static void table_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_rotary_table_arguments *x = argument;
  const int64_t rows = 16, f = x->frequencies;
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    float *to = x->table + row * 2 * f;
    for (int64_t i = 0; i < f; i++) {
      // The angle is rounded to float32 before the functions see it, as in transformers.
      const float angle = (float)x->positions[row] * x->inverse_frequencies[i];
      to[i] = (float)(cos((double)angle) * (double)x->scaling);
      to[f + i] = (float)(sin((double)angle) * (double)x->scaling);
    }
  }
}

int32_t hone_rotary_table(hone_pool *pool, const void *argument) {
  const hone_rotary_table_arguments *x = argument;
  hone_pool_run(pool, table_piece, argument, hone_pieces(x->rows, 16));
  return HONE_OK;
}

HONE_CLONES static void rotary_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_rotary_arguments *x = argument;
  const int64_t f = x->frequencies, width = x->heads * x->width, rows = hone_rows_a_piece(width);
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  const float sign = x->inverse ? -1.0f : 1.0f;
  for (int64_t row = piece * rows; row < end; row++) {
    const float *cosines = x->table + row * 2 * f, *sines = cosines + f;
    for (int64_t head = 0; head < x->heads; head++) {
      const float *from = x->x + row * width + head * x->width;
      float *to = x->y + row * width + head * x->width;
      HONE_VECTOR
      for (int64_t i = 0; i < f; i++) {
        const float a = from[i], b = from[f + i], c = cosines[i], s = sign * sines[i];
        to[i] = a * c - b * s;
        to[f + i] = b * c + a * s;
      }
      if (x->width > 2 * f && from != to) {
        memcpy(to + 2 * f, from + 2 * f, (size_t)(x->width - 2 * f) * sizeof(float));
      }
    }
  }
}

int32_t hone_rotary(hone_pool *pool, const void *argument) {
  const hone_rotary_arguments *x = argument;
  hone_pool_run(
      pool, rotary_piece, argument,
      hone_pieces(x->rows, hone_rows_a_piece(x->heads * x->width)));
  return HONE_OK;
}
