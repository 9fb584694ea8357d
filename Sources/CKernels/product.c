// Matrix products: OpenBLAS on pieces of the result, and dot products where there are few rows.
#include "kernels.h"

enum { FEW_ROWS = 4, LANES = 32 };

/// The extents of a piece of the result.
typedef struct {
  int64_t rows, columns;
} tile;

/// Cuts `count` into equal parts of at most `limit`, multiples of `unit`.
static int64_t even_part(int64_t count, int64_t limit, int64_t unit) {
  const int64_t parts = hone_max(1, hone_pieces(count, limit));
  return hone_max(unit, (hone_pieces(count, parts) + unit - 1) / unit * unit);
}

// Two threads do pieces of 256 × 768 at 66 to 75 GFLOP/s, of 256 × 384 at 59 to 67 (Zen 1 with OpenBLAS
// 0.3.21, operands from memory). A panel that is not float32 is converted once a piece, so pieces are
// tall and narrow there. Small products are cut further, down to 2 MFLOP a piece.
// Pieces begin at whole blocks of a quantised matrix.
static tile tile_of(int64_t m, int64_t n, int64_t k, hone_weight_type type) {
  const int is_wide = type != HONE_FLOAT32;
  const int64_t unit = hone_max(16, hone_weight_block(type));
  const int64_t rows = is_wide ? 512 : m * n >= 1 << 20 ? 256 : 128;
  tile t = {even_part(m, rows, 16), even_part(n, is_wide ? 128 : 768, unit)};
  while (hone_pieces(m, t.rows) * hone_pieces(n, t.columns) < 8 &&
         t.rows * t.columns * k > 1 << 20) {
    if (t.columns >= 128 && (t.columns >= t.rows || t.rows < 64)) {
      t.columns = even_part(t.columns, t.columns / 2, unit);
    } else if (t.rows >= 64 && !is_wide) {
      t.rows = even_part(t.rows, t.rows / 2, 16);
    } else {
      break;
    }
  }
  return t;
}

int64_t hone_product_thread_bytes(int64_t m, int64_t n, int64_t k, hone_weight_type type) {
  const int64_t columns = type != HONE_FLOAT32 ? tile_of(m, n, k, type).columns : 0;
  return columns * k * (int64_t)sizeof(float);
}

/// Makes a tile of `c` what the product is added to; returns the product's beta.
static float prepare_tile(
    const hone_product_arguments *x, int64_t row, int64_t column, int64_t rows, int64_t columns) {
  if (x->addend && (x->addend != x->c || x->accumulate)) {
    for (int64_t i = row; i < row + rows; i++) {
      const float *from = x->addend + i * x->n + column;
      float *to = x->c + i * x->n + column;
      if (x->accumulate) {
        HONE_VECTOR
        for (int64_t j = 0; j < columns; j++) to[j] += from[j];
      } else {
        memcpy(to, from, (size_t)columns * sizeof(float));
      }
    }
  }
  return x->addend || x->accumulate ? 1.0f : 0.0f;
}

static void product_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_product_arguments *x = argument;
  const tile t = tile_of(x->m, x->n, x->k, x->b.type);
  const int64_t across = hone_pieces(x->n, t.columns);
  const int64_t row = piece / across * t.rows, column = piece % across * t.columns;
  const int64_t rows = hone_min(t.rows, x->m - row), columns = hone_min(t.columns, x->n - column);
  const float beta = prepare_tile(x, row, column, rows, columns);
  const float *a = x->transpose_a ? x->a + row : x->a + row * x->k;
  const float *b;
  int64_t ldb = x->transpose_b ? x->k : x->n;
  const int64_t first = x->transpose_b ? column * x->k : column;
  if (x->b.type == HONE_FLOAT32) {
    b = (const float *)x->b.data + first;
  } else {
    float *panel = (float *)hone_thread_scratch(&x->workspace, thread);
    if (x->transpose_b) {
      hone_matrix_copy(&x->b, first, columns * x->k, panel);
    } else {
      for (int64_t i = 0; i < x->k; i++) {
        hone_matrix_copy(&x->b, first + i * x->n, columns, panel + i * columns);
      }
      ldb = columns;
    }
    b = panel;
  }
  hone_sgemm(
      x->transpose_a, x->transpose_b, rows, columns, x->k, x->scale, a,
      x->transpose_a ? x->m : x->k, b, ldb, beta, x->c + row * x->n + column, x->n);
}

enum { DOT_COLUMNS = 64 };

HONE_INLINE float lane_sum(float *lanes) {
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

HONE_INLINE float dot(const float *a, const float *b, int64_t k) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= k; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) lanes[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < k; i++) rest += a[i] * b[i];
  return lane_sum(lanes) + rest;
}

HONE_INLINE float dot_bfloat16(const float *a, const uint16_t *b, int64_t k) {
  float lanes[LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + LANES <= k; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] += a[i + lane] * hone_from_bits((uint32_t)b[i + lane] << 16);
    }
  }
  for (; i < k; i++) rest += a[i] * hone_from_bits((uint32_t)b[i] << 16);
  return lane_sum(lanes) + rest;
}

// A quantised row becomes floats once for all rows of `a`; bfloat16 is widened on the way.
HONE_CLONES static void dot_piece(const void *argument, int64_t piece, int32_t thread) {
  const hone_product_arguments *x = argument;
  const int64_t column = piece * DOT_COLUMNS, columns = hone_min(DOT_COLUMNS, x->n - column);
  const int64_t k = x->k;
  float *scratch = (float *)hone_thread_scratch(&x->workspace, thread);
  float beta = 0;
  for (int64_t row = 0; row < x->m; row++) beta = prepare_tile(x, row, column, 1, columns);
  for (int64_t j = column; j < column + columns; j++) {
    const int is_bfloat16 = x->b.type == HONE_BFLOAT16;
    const float *b = is_bfloat16 ? 0 : hone_matrix_floats(&x->b, j * k, k, scratch);
    for (int64_t row = 0; row < x->m; row++) {
      const float *a = x->a + row * k;
      float *c = x->c + row * x->n + j;
      const float sum =
          x->scale *
          (is_bfloat16 ? dot_bfloat16(a, (const uint16_t *)x->b.data + j * k, k) : dot(a, b, k));
      *c = beta == 0.0f ? sum : *c + sum;
    }
  }
}

int32_t hone_product(hone_pool *pool, const void *argument) {
  const hone_product_arguments *x = argument;
  if (x->m <= FEW_ROWS && x->transpose_b && !x->transpose_a) {
    hone_pool_run(pool, dot_piece, argument, hone_pieces(x->n, DOT_COLUMNS));
    return HONE_OK;
  }
  const tile t = tile_of(x->m, x->n, x->k, x->b.type);
  hone_pool_run(
      pool, product_piece, argument, hone_pieces(x->m, t.rows) * hone_pieces(x->n, t.columns));
  return HONE_OK;
}
