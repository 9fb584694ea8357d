// Some columns of groups of columns, and back.
#include "kernels.h"

HONE_CLONES static void select_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_columns_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->groups * x->period);
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    for (int64_t group = 0; group < x->groups; group++) {
      const float *from = x->wide + (row * x->groups + group) * x->period + x->start;
      float *to = x->narrow + (row * x->groups + group) * x->width;
      memcpy(to, from, (size_t)x->width * sizeof(float));
    }
  }
}

int32_t hone_select_columns(hone_pool *pool, const void *argument) {
  const hone_columns_arguments *x = argument;
  hone_pool_run(
      pool, select_piece, argument,
      hone_pieces(x->rows, hone_rows_a_piece(x->groups * x->period)));
  return HONE_OK;
}

HONE_CLONES static void place_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_columns_arguments *x = argument;
  const int64_t columns = x->groups * x->period, rows = hone_rows_a_piece(columns);
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    float *to = x->wide + row * columns;
    if (!x->addend) {
      memset(to, 0, (size_t)columns * sizeof(float));
    } else if (x->addend != x->wide) {
      memcpy(to, x->addend + row * columns, (size_t)columns * sizeof(float));
    }
    for (int64_t group = 0; group < x->groups; group++) {
      const float *from = x->narrow + (row * x->groups + group) * x->width;
      float *place = to + group * x->period + x->start;
      HONE_VECTOR
      for (int64_t i = 0; i < x->width; i++) place[i] += from[i];
    }
  }
}

int32_t hone_place_columns(hone_pool *pool, const void *argument) {
  const hone_columns_arguments *x = argument;
  hone_pool_run(
      pool, place_piece, argument,
      hone_pieces(x->rows, hone_rows_a_piece(x->groups * x->period)));
  return HONE_OK;
}
