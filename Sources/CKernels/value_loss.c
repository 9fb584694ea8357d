// Squared errors and cross-entropies of single numbers.
#include "kernels.h"

#include <math.h>

enum { ELEMENTS = 16384 };

// The sum of a piece goes to the piece's place: the total is added up in the order of pieces.
static void value_loss_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_value_loss_arguments *x = argument;
  const int64_t start = piece * ELEMENTS, end = hone_min(x->count, start + ELEMENTS);
  const double scale = *x->scale;
  double total = 0;
  for (int64_t i = start; i < end; i++) {
    const double factor = scale * x->weights[i];
    double slope = 0;
    if (x->weights[i] != 0.0f) {
      const double p = x->predictions[i], v = x->values[i];
      switch (x->function) {
        case HONE_SQUARED_ERROR:
          total += factor * (p - v) * (p - v);
          slope = 2 * (p - v);
          break;
        case HONE_BINARY_CROSS_ENTROPY: {
          const double small = exp(-fabs(p));
          total += factor * ((p > 0 ? p : 0) - p * v + log1p(small));
          slope = (p > 0 ? 1 : small) / (1 + small) - v;
          break;
        }
      }
      slope *= factor;
    }
    if (x->gradient) {
      x->gradient[i] = (float)(x->accumulate_gradient ? x->gradient[i] + slope : slope);
    }
  }
  ((double *)x->workspace.shared)[piece] = total;
}

int64_t hone_value_loss_shared_bytes(int64_t count) {
  return hone_aligned(hone_pieces(count, ELEMENTS) * (int64_t)sizeof(double));
}

int32_t hone_value_loss(hone_pool *pool, const void *argument) {
  const hone_value_loss_arguments *x = argument;
  const int64_t pieces = hone_pieces(x->count, ELEMENTS);
  hone_pool_run(pool, value_loss_piece, argument, pieces);
  double total = x->accumulate_loss ? *x->loss : 0;
  for (int64_t piece = 0; piece < pieces; piece++) {
    total += ((const double *)x->workspace.shared)[piece];
  }
  *x->loss = (float)total;
  return HONE_OK;
}
