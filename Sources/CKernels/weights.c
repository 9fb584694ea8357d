// Weights in the types that frozen ones are kept in, as floats.
#include "kernels.h"

enum { BLOCK = 32, Q8_0_BYTES = 34, Q4_0_BYTES = 18, NF4_BLOCK = 64, NF4_BYTES = 36 };

HONE_CLONES void hone_widen(const uint16_t *source, float *target, int64_t count) {
  for (int64_t i = 0; i < count; i++) target[i] = hone_from_bits((uint32_t)source[i] << 16);
}

const float *hone_weight_floats(
    const hone_weight *weight, int64_t offset, int64_t count, float *scratch) {
  if (!weight->is_bfloat16) return (const float *)weight->data + offset;
  hone_widen((const uint16_t *)weight->data + offset, scratch, count);
  return scratch;
}

// A float16's fields are moved to those of a float32, whose exponent's bias a multiplication
// corrects: exactly, and subnormal numbers come out right as well.
HONE_INLINE float from_half(const uint8_t *bytes) {
  uint16_t half;
  memcpy(&half, bytes, sizeof half);
  const float magnitude = hone_from_bits((uint32_t)(half & 0x7FFF) << 13) * 0x1p112f;
  const uint32_t infinite_or_nan = (half & 0x7C00) == 0x7C00 ? 0x7F800000u : 0;
  return hone_from_bits(
      hone_to_bits(magnitude) | infinite_or_nan | (uint32_t)(half & 0x8000) << 16);
}

// A block is a float16 `d` and 32 signed bytes: `x = d · q`.
HONE_CLONES static void widen_q8_0(const uint8_t *source, float *target, int64_t blocks) {
  for (int64_t block = 0; block < blocks; block++, source += Q8_0_BYTES, target += BLOCK) {
    const float scale = from_half(source);
    const int8_t *q = (const int8_t *)source + 2;
    HONE_VECTOR
    for (int i = 0; i < BLOCK; i++) target[i] = scale * (float)q[i];
  }
}

// A block is a float16 `d` and 16 bytes, whose low halves come before their high ones:
// `x = d · (q − 8)`.
HONE_CLONES static void widen_q4_0(const uint8_t *source, float *target, int64_t blocks) {
  for (int64_t block = 0; block < blocks; block++, source += Q4_0_BYTES, target += BLOCK) {
    const float scale = from_half(source);
    const uint8_t *q = source + 2;
    HONE_VECTOR
    for (int i = 0; i < BLOCK / 2; i++) {
      target[i] = scale * (float)((int32_t)(q[i] & 15) - 8);
      target[i + BLOCK / 2] = scale * (float)((int32_t)(q[i] >> 4) - 8);
    }
  }
}

// The levels of NF4 (Dettmers et al. 2023, arXiv 2305.14314, appendix E), by pairs: a byte's high
// half comes before its low one, so that one copy of eight bytes takes both.
#define NF4_LEVELS(row)                                                                         \
  row(-1.0f), row(-0.6961928009986877f), row(-0.5250730514526367f), row(-0.39491748809814453f), \
      row(-0.28444138169288635f), row(-0.18477343022823334f), row(-0.09105003625154495f),       \
      row(0.0f), row(0.07958029955625534f), row(0.16093020141124725f),                          \
      row(0.24611230194568634f), row(0.33791524171829224f), row(0.44070982933044434f),          \
      row(0.5626170039176941f), row(0.7229568362236023f), row(1.0f)
#define NF4_ROW(high)                                                                        \
  {high, -1.0f}, {high, -0.6961928009986877f}, {high, -0.5250730514526367f},                 \
      {high, -0.39491748809814453f}, {high, -0.28444138169288635f},                          \
      {high, -0.18477343022823334f}, {high, -0.09105003625154495f}, {high, 0.0f},            \
      {high, 0.07958029955625534f}, {high, 0.16093020141124725f},                            \
      {high, 0.24611230194568634f}, {high, 0.33791524171829224f},                            \
      {high, 0.44070982933044434f}, {high, 0.5626170039176941f}, {high, 0.7229568362236023f}, \
      {high, 1.0f}
static const float nf4_pairs[256][2] = {NF4_LEVELS(NF4_ROW)};

// A block is a float32 `absmax` and 32 bytes: `x = absmax · level[q]`.
HONE_CLONES static void widen_nf4(const uint8_t *source, float *target, int64_t blocks) {
  for (int64_t block = 0; block < blocks; block++, source += NF4_BYTES, target += NF4_BLOCK) {
    float scale;
    memcpy(&scale, source, sizeof scale);
    const uint8_t *q = source + 4;
    for (int i = 0; i < NF4_BLOCK / 2; i++) {
      memcpy(target + 2 * i, nf4_pairs[q[i]], sizeof nf4_pairs[0]);
    }
    HONE_VECTOR
    for (int i = 0; i < NF4_BLOCK; i++) target[i] *= scale;
  }
}

int64_t hone_weight_block(hone_weight_type type) {
  switch (type) {
    case HONE_Q8_0:
    case HONE_Q4_0: return BLOCK;
    case HONE_NF4: return NF4_BLOCK;
    case HONE_FLOAT32:
    case HONE_BFLOAT16: break;
  }
  return 1;
}

void hone_matrix_copy(
    const hone_matrix *matrix, int64_t offset, int64_t count, float *target) {
  const uint8_t *bytes = matrix->data;
  switch (matrix->type) {
    case HONE_FLOAT32:
      memcpy(target, (const float *)matrix->data + offset, (size_t)count * sizeof(float));
      break;
    case HONE_BFLOAT16:
      hone_widen((const uint16_t *)matrix->data + offset, target, count);
      break;
    case HONE_Q8_0:
      widen_q8_0(bytes + offset / BLOCK * Q8_0_BYTES, target, count / BLOCK);
      break;
    case HONE_Q4_0:
      widen_q4_0(bytes + offset / BLOCK * Q4_0_BYTES, target, count / BLOCK);
      break;
    case HONE_NF4:
      widen_nf4(bytes + offset / NF4_BLOCK * NF4_BYTES, target, count / NF4_BLOCK);
      break;
  }
}

const float *hone_matrix_floats(
    const hone_matrix *matrix, int64_t offset, int64_t count, float *scratch) {
  if (matrix->type == HONE_FLOAT32) return (const float *)matrix->data + offset;
  hone_matrix_copy(matrix, offset, count, scratch);
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
