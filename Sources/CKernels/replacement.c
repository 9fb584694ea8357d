// Rows that have a value of their own.
#include "kernels.h"

enum { COLUMNS = 64 };

/// The place of `id` among `indices`, −1 where it is none of them.
HONE_INLINE int64_t place_of(int32_t id, const int32_t *indices, int64_t count) {
  for (int64_t k = 0; k < count; k++) {
    if (indices[k] == id) return k;
  }
  return -1;
}

static void patch_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_patch_rows_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), columns = x->columns;
  const int64_t end = hone_min(x->row_count, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const int64_t place = place_of(x->ids[row], x->indices, x->count);
    const float *from = place < 0 ? x->x + row * columns : x->rows ? x->rows + place * columns : 0;
    float *to = x->y + row * columns;
    if (!from) {
      memset(to, 0, (size_t)columns * sizeof(float));
    } else if (from != to) {
      memcpy(to, from, (size_t)columns * sizeof(float));
    }
  }
}

int32_t hone_patch_rows(hone_pool *pool, const void *argument) {
  const hone_patch_rows_arguments *x = argument;
  hone_pool_run(
      pool, patch_piece, argument, hone_pieces(x->row_count, hone_rows_a_piece(x->columns)));
  return HONE_OK;
}

// A piece is a strip of columns, so that rows of the same id are added in their order.
static void patch_gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_patch_rows_gradient_arguments *x = argument;
  const int64_t start = piece * COLUMNS, n = hone_min(COLUMNS, x->columns - start);
  if (!x->accumulate) {
    for (int64_t k = 0; k < x->count; k++) {
      memset(x->rows + k * x->columns + start, 0, (size_t)n * sizeof(float));
    }
  }
  for (int64_t row = 0; row < x->row_count; row++) {
    const int64_t place = place_of(x->ids[row], x->indices, x->count);
    if (place < 0) continue;
    const float *from = x->dy + row * x->columns + start;
    float *to = x->rows + place * x->columns + start;
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
  }
}

int32_t hone_patch_rows_gradient(hone_pool *pool, const void *argument) {
  const hone_patch_rows_gradient_arguments *x = argument;
  hone_pool_run(pool, patch_gradient_piece, argument, hone_pieces(x->columns, COLUMNS));
  return HONE_OK;
}

static void copy_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_replace_rows_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns);
  const int64_t first = piece * rows, count = hone_min(rows, x->table_rows - first);
  const int64_t offset = first * x->columns;
  hone_matrix_copy(&x->table, offset, count * x->columns, x->y + offset);
}

int32_t hone_replace_rows(hone_pool *pool, const void *argument) {
  const hone_replace_rows_arguments *x = argument;
  hone_pool_run(
      pool, copy_piece, argument, hone_pieces(x->table_rows, hone_rows_a_piece(x->columns)));
  const size_t bytes = (size_t)x->columns * sizeof(float);
  for (int64_t k = 0; k < x->count; k++) {
    float *to = x->y + x->indices[k] * x->columns;
    if (x->rows) {
      memcpy(to, x->rows + k * x->columns, bytes);
    } else {
      memset(to, 0, bytes);
    }
  }
  return HONE_OK;
}

int32_t hone_replace_rows_gradient(hone_pool *pool, const void *argument) {
  (void)pool;
  const hone_replace_rows_gradient_arguments *x = argument;
  for (int64_t k = 0; k < x->count; k++) {
    const float *from = x->dy + x->indices[k] * x->columns;
    float *to = x->rows + k * x->columns;
    for (int64_t i = 0; i < x->columns; i++) to[i] = x->accumulate ? to[i] + from[i] : from[i];
  }
  return HONE_OK;
}
