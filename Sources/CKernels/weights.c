// Weights that are kept in float32 or bfloat16.
#include "kernels.h"

HONE_CLONES void hone_widen(const uint16_t *source, float *target, int64_t count) {
  for (int64_t i = 0; i < count; i++) target[i] = hone_from_bits((uint32_t)source[i] << 16);
}

const float *hone_weight_floats(
    const hone_weight *weight, int64_t offset, int64_t count, float *scratch) {
  if (!weight->is_bfloat16) return (const float *)weight->data + offset;
  hone_widen((const uint16_t *)weight->data + offset, scratch, count);
  return scratch;
}

HONE_CLONES int hone_indices_fit(const int32_t *indices, int64_t count, int64_t limit) {
  // As unsigned numbers, negative indices are too large.
  uint32_t largest = 0;
  for (int64_t i = 0; i < count; i++) {
    const uint32_t index = (uint32_t)indices[i];
    largest = index > largest ? index : largest;
  }
  return count == 0 || (int64_t)largest < limit;
}
