// Lengths of weights under a low-rank update, and columns scaled by them.
#include "kernels.h"

#include <math.h>

// Tiles are whole blocks of a quantised weight in both directions.
enum { OUTPUTS = 64, INPUTS = 256, COLUMNS = 64 };

int64_t hone_updated_norms_thread_bytes(void) {
  return OUTPUTS * INPUTS * (int64_t)sizeof(float);
}

/// Adds the squares of a tile of `outputs` × `inputs` to the sums of its outputs.
HONE_CLONES static void add_squares(
    const float *tile, int64_t outputs, int64_t inputs, int32_t outputs_first, double *sums) {
  if (outputs_first) {
    for (int64_t o = 0; o < outputs; o++) {
      float sum = 0;
      for (int64_t i = 0; i < inputs; i++) {
        const float value = tile[o * inputs + i];
        sum += value * value;
      }
      sums[o] += (double)sum;
    }
    return;
  }
  float partial[OUTPUTS] = {0};
  for (int64_t i = 0; i < inputs; i++) {
    for (int64_t o = 0; o < outputs; o++) {
      const float value = tile[i * outputs + o];
      partial[o] += value * value;
    }
  }
  for (int64_t o = 0; o < outputs; o++) sums[o] += (double)partial[o];
}

static void norms_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_updated_norms_arguments *x = argument;
  const int64_t first = piece * OUTPUTS, outputs = hone_min(OUTPUTS, x->outputs - first);
  float *tile = (float *)hone_thread_scratch(&x->workspace, thread);
  double sums[OUTPUTS] = {0};
  for (int64_t start = 0; start < x->inputs; start += INPUTS) {
    const int64_t inputs = hone_min(INPUTS, x->inputs - start);
    // The tile lies as the weight does.
    const int64_t rows = x->outputs_first ? outputs : inputs;
    const int64_t columns = x->outputs_first ? inputs : outputs;
    const int64_t stride = x->outputs_first ? x->inputs : x->outputs;
    const int64_t offset = x->outputs_first ? first * stride + start : start * stride + first;
    for (int64_t row = 0; row < rows; row++) {
      hone_matrix_copy(&x->w, offset + row * stride, columns, tile + row * columns);
    }
    const float *b = x->b + first * x->rank;
    const float *a = x->a_is_tall ? x->a + start * x->rank : x->a + start;
    const int64_t lda = x->a_is_tall ? x->rank : x->inputs;
    if (x->outputs_first) {
      hone_sgemm(
          0, x->a_is_tall, outputs, inputs, x->rank, x->scale, b, x->rank, a, lda, 1, tile, inputs);
    } else {
      hone_sgemm(
          !x->a_is_tall, 1, inputs, outputs, x->rank, x->scale, a, lda, b, x->rank, 1, tile,
          outputs);
    }
    add_squares(tile, outputs, inputs, x->outputs_first, sums);
  }
  for (int64_t o = 0; o < outputs; o++) x->norms[first + o] = (float)sqrt(sums[o]);
}

int32_t hone_updated_norms(hone_pool *pool, const void *argument) {
  const hone_updated_norms_arguments *x = argument;
  hone_pool_run(pool, norms_piece, argument, hone_pieces(x->outputs, OUTPUTS));
  return HONE_OK;
}

HONE_CLONES static void scale_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_scale_columns_arguments *x = argument;
  const int64_t rows = hone_rows_a_piece(x->columns), columns = x->columns;
  const int64_t end = hone_min(x->rows, (piece + 1) * rows);
  for (int64_t row = piece * rows; row < end; row++) {
    const float *from = x->x + row * columns;
    float *to = x->y + row * columns;
    HONE_VECTOR
    for (int64_t i = 0; i < columns; i++) to[i] = from[i] * (x->m[i] / x->d[i]);
  }
}

int32_t hone_scale_columns(hone_pool *pool, const void *argument) {
  const hone_scale_columns_arguments *x = argument;
  hone_pool_run(
      pool, scale_piece, argument, hone_pieces(x->rows, hone_rows_a_piece(x->columns)));
  return HONE_OK;
}

// In blocks of 64 rows that are summed apart, as the sums of columns are.
HONE_CLONES static void scale_gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_scale_columns_gradient_arguments *x = argument;
  const int64_t start = piece * COLUMNS, n = hone_min(COLUMNS, x->columns - start);
  float total[COLUMNS] = {0};
  for (int64_t block = 0; block < x->rows; block += 64) {
    float sum[COLUMNS] = {0};
    const int64_t end = hone_min(x->rows, block + 64);
    for (int64_t row = block; row < end; row++) {
      const float *value = x->x + row * x->columns + start;
      const float *slope = x->dy + row * x->columns + start;
      for (int64_t i = 0; i < n; i++) sum[i] += value[i] * slope[i];
    }
    for (int64_t i = 0; i < n; i++) total[i] += sum[i];
  }
  float *dm = x->dm + start;
  for (int64_t i = 0; i < n; i++) {
    const float value = total[i] / x->d[start + i];
    dm[i] = x->accumulate ? dm[i] + value : value;
  }
}

int32_t hone_scale_columns_gradient(hone_pool *pool, const void *argument) {
  const hone_scale_columns_gradient_arguments *x = argument;
  hone_pool_run(pool, scale_gradient_piece, argument, hone_pieces(x->columns, COLUMNS));
  return HONE_OK;
}
