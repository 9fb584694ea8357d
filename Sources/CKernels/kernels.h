// What the kernels share among themselves.
#ifndef HONE_KERNELS_INTERNAL_H
#define HONE_KERNELS_INTERNAL_H

#include "CKernels.h"

#include <string.h>

// Compiles a function once for each instruction set and picks one when the program loads.
#if defined(__x86_64__) && defined(__linux__)
#define HONE_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HONE_CLONES
#endif
// The next loop's iterations touch the same elements of different operands at most: results may
// lie exactly where an operand does.
// Where a machine has no vectors for one, it stays scalar.
#pragma clang diagnostic ignored "-Wpass-failed"
#define HONE_VECTOR _Pragma("clang loop vectorize(assume_safety)")
#define HONE_INLINE static inline __attribute__((always_inline))

HONE_INLINE int64_t hone_min(int64_t a, int64_t b) { return a < b ? a : b; }
HONE_INLINE int64_t hone_max(int64_t a, int64_t b) { return a > b ? a : b; }
HONE_INLINE int64_t hone_pieces(int64_t count, int64_t piece) {
  return (count + piece - 1) / piece;
}
HONE_INLINE int64_t hone_aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

HONE_INLINE char *hone_thread_scratch(const hone_workspace *workspace, int32_t thread) {
  return workspace->threads + workspace->thread_bytes * thread;
}

/// Rows a piece, so that a piece holds about 16,384 elements.
HONE_INLINE int64_t hone_rows_a_piece(int64_t columns) {
  return hone_max(1, 16384 / hone_max(1, columns));
}

HONE_INLINE float hone_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
HONE_INLINE uint32_t hone_to_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// eˣ, branch-free, within 2 units in the last place; 0 below −87.3, infinite above 88.7.
/// Cody–Waite reduction to |r| ≤ ln 2 / 2, then the Taylor polynomial of degree 7.
HONE_INLINE float hone_exp(float x) {
  const float magic = 12582912.0f;  // 1.5 · 2²³: adding it rounds to an integer
  float c = x < -87.3f ? -87.3f : x;
  c = c > 88.72f ? 88.72f : c;
  const float t = c * 1.44269504088896341f + magic;
  const float n = t - magic;
  float r = c - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  // 2ⁿ in two factors, since n may be 128.
  const int32_t i = (int32_t)(hone_to_bits(t) - hone_to_bits(magic));
  const int32_t half = i >> 1;
  const float s0 = hone_from_bits((uint32_t)(half + 127) << 23);
  const float s1 = hone_from_bits((uint32_t)(i - half + 127) << 23);
  const float y = p * s0 * s1;
  return x < -87.3f ? 0.0f : (x > 88.72f ? __builtin_inff() : y);
}

/// `count` elements of a weight from `offset` on, as floats: where they lie, or in `scratch`.
const float *hone_weight_floats(
    const hone_weight *weight, int64_t offset, int64_t count, float *scratch);
/// `count` elements of a matrix from `offset` on, whole blocks both, as floats in `target`.
void hone_matrix_copy(const hone_matrix *matrix, int64_t offset, int64_t count, float *target);
/// The same, but where they lie if they are floats, and in `scratch` otherwise.
const float *hone_matrix_floats(
    const hone_matrix *matrix, int64_t offset, int64_t count, float *scratch);
/// How many elements of a row are kept together.
int64_t hone_weight_block(hone_weight_type type);
/// Converts bfloat16 to float32.
void hone_widen(const uint16_t *source, float *target, int64_t count);
/// Whether all indices are in `[0, limit)`.
int hone_indices_fit(const int32_t *indices, int64_t count, int64_t limit);

#endif
