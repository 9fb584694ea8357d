// Inverted dropout with the words of Philox 4×32-10 (Salmon et al. 2011).
#include "kernels.h"
#include "philox.h"

enum { ELEMENTS = 16384 };

HONE_CLONES static void dropout_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_dropout_arguments *x = argument;
  const int64_t start = piece * ELEMENTS, end = hone_min(x->count, start + ELEMENTS);
  const uint64_t step = *x->step;
  const uint32_t threshold = x->threshold;
  const float factor = x->factor;
  uint32_t words[PHILOX_WORDS];
  for (int64_t first = start; first < end; first += PHILOX_WORDS) {
    hone_philox_words((uint64_t)first / 4, step, x->key0, x->key1, words);
    const int64_t n = hone_min(PHILOX_WORDS, end - first);
    const float *from = x->x + first;
    float *to = x->y + first;
    HONE_VECTOR
    for (int64_t i = 0; i < n; i++) {
      to[i] = (words[i] >> 8) >= threshold ? from[i] * factor : 0.0f;
    }
  }
}

int32_t hone_dropout(hone_pool *pool, const void *argument) {
  const hone_dropout_arguments *x = argument;
  hone_pool_run(pool, dropout_piece, argument, hone_pieces(x->count, ELEMENTS));
  return HONE_OK;
}
