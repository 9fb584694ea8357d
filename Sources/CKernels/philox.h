// The words of Philox 4×32-10 (Salmon et al. 2011), many positions of a stream at once.
#ifndef HONE_PHILOX_H
#define HONE_PHILOX_H

#include "kernels.h"

enum { PHILOX_GROUPS = 32, PHILOX_WORDS = 4 * PHILOX_GROUPS };

// Thirty-two positions of the stream at once: word `w` of position `start + g` goes to 4·g + w.
HONE_INLINE void hone_philox_words(
    uint64_t start, uint64_t step, uint32_t key0, uint32_t key1, uint32_t *words) {
  uint32_t c0[PHILOX_GROUPS], c1[PHILOX_GROUPS], c2[PHILOX_GROUPS], c3[PHILOX_GROUPS];
  for (int g = 0; g < PHILOX_GROUPS; g++) {
    const uint64_t index = start + (uint64_t)g;
    c0[g] = (uint32_t)index;
    c1[g] = (uint32_t)(index >> 32);
    c2[g] = (uint32_t)step;
    c3[g] = (uint32_t)(step >> 32);
  }
  for (int round = 0; round < 10; round++) {
    for (int g = 0; g < PHILOX_GROUPS; g++) {
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
  for (int g = 0; g < PHILOX_GROUPS; g++) {
    words[4 * g] = c0[g];
    words[4 * g + 1] = c1[g];
    words[4 * g + 2] = c2[g];
    words[4 * g + 3] = c3[g];
  }
}

#endif
