// OpenBLAS as one thread uses it, and what makes it ready.
#include "kernels.h"

#include <cblas.h>
#include <stdatomic.h>
#include <stdlib.h>

void hone_sgemm(
    int32_t transpose_a, int32_t transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
    const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
  cblas_sgemm(
      CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
      transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, alpha, a,
      (blasint)hone_max(1, lda), b, (blasint)hone_max(1, ldb), beta, c,
      (blasint)hone_max(1, ldc));
}

enum { WARM_M = 96, WARM_N = 704, WARM_K = 384 };

typedef struct {
  const float *operand;
  float *results;
  int32_t threads;
  _Atomic int32_t done;
} warm_up;

// Every thread multiplies until all have done so once: whoever starts finds the others inside
// OpenBLAS, and so gets a packing buffer of its own.
static void warm_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  warm_up *w = (warm_up *)argument;
  for (int first = 1; first || atomic_load(&w->done) < w->threads; first = 0) {
    hone_sgemm(
        0, 0, WARM_M, WARM_N, WARM_K, 1, w->operand, WARM_K, w->operand, WARM_N, 0,
        w->results + piece * WARM_M * WARM_N, WARM_N);
    if (first) atomic_fetch_add(&w->done, 1);
  }
}

// OpenBLAS 0.3.21 prefetches the strip of its packing buffer that follows the one in use. A narrow
// product packs all strips into one place, so that what follows is memory never written, not even
// mapped, and each such prefetch walks the page tables in vain: products with fewer than 320
// columns run at 8 to 12 GFLOP/s instead of 30 to 36 (Zen 1, 256 × 288 × 576) until some wide
// product has used the same buffer. So a wide product is made first, in every buffer.
void hone_blas_prepare(hone_pool *pool) {
  openblas_set_num_threads(1);
  static _Atomic int32_t warm = 0;
  const int32_t threads = hone_pool_threads(pool);
  if (atomic_load(&warm) >= threads) return;
  float *operand = calloc(WARM_N * WARM_K, sizeof(float));
  float *results = calloc((size_t)threads * WARM_M * WARM_N, sizeof(float));
  if (operand && results) {
    warm_up w = {.operand = operand, .results = results, .threads = threads};
    hone_pool_run(pool, warm_piece, &w, threads);
    atomic_store(&warm, threads);
  }
  free(operand);
  free(results);
}
