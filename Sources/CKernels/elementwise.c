// Sums, products, scaling, biases, by elements or columns.
#include "kernels.h"

enum { ELEMENTS = 16384, COLUMNS = 64, CLEARED_BYTES = 1 << 20 };

HONE_CLONES static void elementwise_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_elementwise_arguments *x = argument;
  const int64_t start = piece * ELEMENTS, n = hone_min(ELEMENTS, x->count - start);
  const float *a = x->a + start, *b = x->b ? x->b + start : a;
  float *y = x->y + start;
  const float factor = x->factor;
  switch (x->kind) {
    case HONE_ADD:
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) y[i] = a[i] + b[i];
      break;
    case HONE_MULTIPLY:
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) y[i] = a[i] * b[i];
      break;
    case HONE_SCALE:
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) y[i] = a[i] * factor;
      break;
    case HONE_ACCUMULATE:
      HONE_VECTOR
      for (int64_t i = 0; i < n; i++) y[i] += a[i];
      break;
  }
}

int32_t hone_elementwise(hone_pool *pool, const void *argument) {
  const hone_elementwise_arguments *x = argument;
  hone_pool_run(pool, elementwise_piece, argument, hone_pieces(x->count, ELEMENTS));
  return HONE_OK;
}

static void clear_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_clear_arguments *x = argument;
  const int64_t start = piece * CLEARED_BYTES;
  memset(x->y + start, 0, (size_t)hone_min(CLEARED_BYTES, x->bytes - start));
}

int32_t hone_clear(hone_pool *pool, const void *argument) {
  const hone_clear_arguments *x = argument;
  hone_pool_run(pool, clear_piece, argument, hone_pieces(x->bytes, CLEARED_BYTES));
  return HONE_OK;
}

HONE_CLONES static void add_bias_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_add_bias_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), columns = x->columns;
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const float *from = x->x + row * columns;
    float *to = x->y + row * columns;
    if (x->bias.is_bfloat16) {
      const uint16_t *bias = x->bias.data;
      HONE_VECTOR
      for (int64_t i = 0; i < columns; i++) {
        to[i] = from[i] + hone_from_bits((uint32_t)bias[i] << 16);
      }
    } else {
      const float *bias = x->bias.data;
      HONE_VECTOR
      for (int64_t i = 0; i < columns; i++) to[i] = from[i] + bias[i];
    }
  }
}

int32_t hone_add_bias(hone_pool *pool, const void *argument) {
  const hone_add_bias_arguments *x = argument;
  hone_pool_run(
      pool, add_bias_piece, argument, hone_pieces(x->rows, hone_rows_a_piece(x->columns)));
  return HONE_OK;
}

// Sums run down the rows for a strip of columns, in blocks of 64 rows that are summed apart: the
// error grows with rows/64 + 64 instead of rows.
HONE_CLONES static void column_sum_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_column_sum_arguments *x = argument;
  const int64_t start = piece * COLUMNS, n = hone_min(COLUMNS, x->columns - start);
  float total[COLUMNS] = {0};
  for (int64_t block = 0; block < x->rows; block += 64) {
    float sum[COLUMNS] = {0};
    const int64_t end = hone_min(x->rows, block + 64);
    for (int64_t row = block; row < end; row++) {
      const float *from = x->x + row * x->columns + start;
      for (int64_t i = 0; i < n; i++) sum[i] += from[i];
    }
    for (int64_t i = 0; i < n; i++) total[i] += sum[i];
  }
  float *y = x->y + start;
  for (int64_t i = 0; i < n; i++) y[i] = x->accumulate ? y[i] + total[i] : total[i];
}

int32_t hone_column_sum(hone_pool *pool, const void *argument) {
  const hone_column_sum_arguments *x = argument;
  hone_pool_run(pool, column_sum_piece, argument, hone_pieces(x->columns, COLUMNS));
  return HONE_OK;
}
