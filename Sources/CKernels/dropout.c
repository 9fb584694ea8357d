// Inverted dropout with the words of Philox 4×32-10 (Salmon et al. 2011).
#include "kernels.h"

enum { ELEMENTS = 16384, GROUPS = 32 };

// Thirty-two positions of the stream at once: word `w` of position `start + g` goes to 4·g + w.
HONE_INLINE void philox_words(
    uint64_t start, uint64_t step, uint32_t key0, uint32_t key1, uint32_t *words) {
  uint32_t c0[GROUPS], c1[GROUPS], c2[GROUPS], c3[GROUPS];
  for (int g = 0; g < GROUPS; g++) {
    const uint64_t index = start + (uint64_t)g;
    c0[g] = (uint32_t)index;
    c1[g] = (uint32_t)(index >> 32);
    c2[g] = (uint32_t)step;
    c3[g] = (uint32_t)(step >> 32);
  }
  for (int round = 0; round < 10; round++) {
    for (int g = 0; g < GROUPS; g++) {
      const uint64_t p0 = (uint64_t)0xD2511F53u * c0[g];
      const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2[g];
      const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1[g] ^ key0;
      const uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3[g] ^ key1;
      c0[g] = n0;
      c1[g] = (uint32_t)p1;
      c2[g] = n2;
      c3[g] = (uint32_t)p0;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int g = 0; g < GROUPS; g++) {
    words[4 * g] = c0[g];
    words[4 * g + 1] = c1[g];
    words[4 * g + 2] = c2[g];
    words[4 * g + 3] = c3[g];
  }
}

HONE_CLONES static void dropout_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_dropout_arguments *x = argument;
  const int64_t start = piece * ELEMENTS, end = hone_min(x->count, start + ELEMENTS);
  const uint64_t step = *x->step;
  const uint32_t threshold = x->threshold;
  const float factor = x->factor;
  uint32_t words[4 * GROUPS];
  for (int64_t first = start; first < end; first += 4 * GROUPS) {
    philox_words((uint64_t)first / 4, step, x->key0, x->key1, words);
    const int64_t n = hone_min(4 * GROUPS, end - first);
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
