// Activation functions and their gated forms, forward and backward.
#include "kernels.h"

#include <math.h>

enum { ELEMENTS = 8192 };

HONE_INLINE float sigmoid(float x) { return 1.0f / (1.0f + hone_exp(-x)); }

static const float gelu_scale = 0.7978845608028654f;  // √(2/π)
static const float gelu_cubic = 0.044715f;

/// f(x).
HONE_INLINE float value_of(hone_function function, float x) {
  switch (function) {
    case HONE_SILU: return x * sigmoid(x);
    case HONE_GELU: return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    // (1 + tanh u) / 2 = σ(2u)
    case HONE_GELU_TANH: return x * sigmoid(2.0f * gelu_scale * (x + gelu_cubic * x * x * x));
    case HONE_RELU: return x > 0.0f ? x : 0.0f;
    case HONE_TANH: return tanhf(x);
  }
}

/// f′(x).
HONE_INLINE float slope_of(hone_function function, float x) {
  switch (function) {
    case HONE_SILU: {
      const float s = sigmoid(x);
      return s * (1.0f + x * (1.0f - s));
    }
    case HONE_GELU:
      return 0.5f * (1.0f + erff(x * 0.70710678118654752f)) +
             x * 0.3989422804014327f * hone_exp(-0.5f * x * x);
    case HONE_GELU_TANH: {
      const float s = sigmoid(2.0f * gelu_scale * (x + gelu_cubic * x * x * x));
      return s + x * s * (1.0f - s) * 2.0f * gelu_scale * (1.0f + 3.0f * gelu_cubic * x * x);
    }
    case HONE_RELU: return x > 0.0f ? 1.0f : 0.0f;
    case HONE_TANH: {
      const float t = tanhf(x);
      return 1.0f - t * t;
    }
  }
}

HONE_INLINE void activate(
    hone_function function, const float *gate, const float *up, float *y, int64_t n) {
  if (up) {
    HONE_VECTOR
    for (int64_t i = 0; i < n; i++) y[i] = value_of(function, gate[i]) * up[i];
  } else {
    HONE_VECTOR
    for (int64_t i = 0; i < n; i++) y[i] = value_of(function, gate[i]);
  }
}

HONE_CLONES static void activation_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_activation_arguments *x = argument;
  const int64_t start = piece * ELEMENTS, n = hone_min(ELEMENTS, x->count - start);
  const float *gate = x->gate + start, *up = x->up ? x->up + start : NULL;
  float *y = x->y + start;
  switch (x->function) {
    case HONE_SILU: activate(HONE_SILU, gate, up, y, n); break;
    case HONE_GELU: activate(HONE_GELU, gate, up, y, n); break;
    case HONE_GELU_TANH: activate(HONE_GELU_TANH, gate, up, y, n); break;
    case HONE_RELU: activate(HONE_RELU, gate, up, y, n); break;
    case HONE_TANH: activate(HONE_TANH, gate, up, y, n); break;
  }
}

int32_t hone_activation(hone_pool *pool, const void *argument) {
  const hone_activation_arguments *x = argument;
  hone_pool_run(pool, activation_piece, argument, hone_pieces(x->count, ELEMENTS));
  return HONE_OK;
}

// `dgate` may be `gate` or `dy`, `dup` may be `up`: every element is read before it is written.
HONE_INLINE void activate_back(
    hone_function function, const float *gate, const float *up, const float *dy, float *dgate,
    float *dup, int64_t n) {
  if (!up) {
    HONE_VECTOR
    for (int64_t i = 0; i < n; i++) dgate[i] = slope_of(function, gate[i]) * dy[i];
    return;
  }
  HONE_VECTOR
  for (int64_t i = 0; i < n; i++) {
    const float g = gate[i], u = up[i], d = dy[i];
    dgate[i] = slope_of(function, g) * u * d;
    dup[i] = value_of(function, g) * d;
  }
}

HONE_CLONES static void gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const hone_activation_gradient_arguments *x = argument;
  const int64_t start = piece * ELEMENTS, n = hone_min(ELEMENTS, x->count - start);
  const float *gate = x->gate + start, *up = x->up ? x->up + start : NULL, *dy = x->dy + start;
  float *dgate = x->dgate + start, *dup = x->dup ? x->dup + start : NULL;
  switch (x->function) {
    case HONE_SILU: activate_back(HONE_SILU, gate, up, dy, dgate, dup, n); break;
    case HONE_GELU: activate_back(HONE_GELU, gate, up, dy, dgate, dup, n); break;
    case HONE_GELU_TANH: activate_back(HONE_GELU_TANH, gate, up, dy, dgate, dup, n); break;
    case HONE_RELU: activate_back(HONE_RELU, gate, up, dy, dgate, dup, n); break;
    case HONE_TANH: activate_back(HONE_TANH, gate, up, dy, dgate, dup, n); break;
  }
}

int32_t hone_activation_gradient(hone_pool *pool, const void *argument) {
  const hone_activation_gradient_arguments *x = argument;
  hone_pool_run(pool, gradient_piece, argument, hone_pieces(x->count, ELEMENTS));
  return HONE_OK;
}
