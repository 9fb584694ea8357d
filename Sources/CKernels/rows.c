// Moving rows by index: embedding, gathering, scattering, writing into a cache.
#include "kernels.h"

enum { COLUMNS = 64 };

static void gather_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_gather_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), columns = x->columns;
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const int64_t from = (x->offset + x->ids[row]) * columns;
    float *to = x->y + row * columns;
    hone_matrix_copy(&x->table, from, columns, to);
  }
}

int32_t hone_gather(hone_pool *pool, const void *argument) {
  const hone_gather_arguments *x = argument;
  if (!hone_indices_fit(x->ids, x->rows, x->table_rows - x->offset)) return HONE_INDEX_OUT_OF_RANGE;
  hone_pool_run(
      pool, gather_piece, argument, hone_pieces(x->rows, hone_rows_a_piece(x->columns)));
  return HONE_OK;
}

// A piece is a strip of columns, so that rows of the same index are added in their order.
static void scatter_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_scatter_arguments *x = argument;
  const int64_t start = piece * COLUMNS, n = hone_min(COLUMNS, x->columns - start);
  if (!x->accumulate) {
    for (int64_t row = 0; row < x->y_rows; row++) {
      memset(x->y + row * x->columns + start, 0, (size_t)n * sizeof(float));
    }
  }
  for (int64_t row = 0; row < x->rows; row++) {
    if (x->offset + x->ids[row] == x->skipped) continue;
    const float *from = x->x + row * x->columns + start;
    float *to = x->y + (x->offset + x->ids[row]) * x->columns + start;
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
  }
}

int32_t hone_scatter(hone_pool *pool, const void *argument) {
  const hone_scatter_arguments *x = argument;
  if (!hone_indices_fit(x->ids, x->rows, x->y_rows - x->offset)) return HONE_INDEX_OUT_OF_RANGE;
  hone_pool_run(pool, scatter_piece, argument, hone_pieces(x->columns, COLUMNS));
  return HONE_OK;
}

int32_t hone_write_rows(hone_pool *pool, const void *argument) {
  (void)pool;
  const hone_write_rows_arguments *x = argument;
  if (!hone_indices_fit(x->slots, x->rows, x->state_rows)) return HONE_INDEX_OUT_OF_RANGE;
  for (int64_t row = 0; row < x->rows; row++) {
    memcpy(
        x->state + x->slots[row] * x->row_bytes, x->x + row * x->row_bytes,
        (size_t)x->row_bytes);
  }
  return HONE_OK;
}
