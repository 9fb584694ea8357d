// The token loss where the head's weights or its bias learn: a block's logits are kept, become
// `(softmax − onehot)·scale` in place, and are multiplied into `dx` and `dw`. `dx` is summed over a fixed
// number of vocabulary segments, each in its own buffer, and the buffers in their order.
#include "token_loss.h"

static float *kept_logits(const loss_block *b, int64_t chunk) {
  return b->logits + chunk * b->plan.block * b->plan.chunk;
}

HONE_CLONES static void state_of(float *x, int64_t n, loss_state *state) {
  state->largest = largest_of(x, n);
  state->sum = sum_of_exponentials(x, n, state->largest, 0, 0);
}

static void logits_piece(const void *argument, int64_t piece, int32_t thread) {
  const loss_block *b = argument;
  const loss_chunk chunk = chunk_of(b, piece, thread);
  float *logits = kept_logits(b, piece);
  hone_loss_logits(b, &chunk, logits);
  for (int64_t i = 0; i < b->count; i++) {
    state_of(logits + i * b->plan.chunk, chunk.count, b->states + i * b->plan.parts + piece);
  }
}

void hone_loss_keep_logits(hone_pool *pool, const loss_block *b) {
  hone_pool_run(pool, logits_piece, b, b->plan.chunks);
}

/// Adds the slopes of one chunk's logits to the gradient of their bias, row by row.
HONE_CLONES static void add_slopes(
    const float *logits, int64_t rows, int64_t stride, int64_t n, float *dbias) {
  for (int64_t i = 0; i < rows; i++) {
    const float *row = logits + i * stride;
    HONE_VECTOR
    for (int64_t j = 0; j < n; j++) dbias[j] += row[j];
  }
}

HONE_CLONES static void softmax_row(float *x, int64_t n, float log_sum, float scale) {
  HONE_VECTOR
  for (int64_t i = 0; i < n; i++) x[i] = hone_exp(x[i] - log_sum) * scale;
}

/// The same for bounded logits: also times the slope of the bound, `1 − (x / cap)²`.
HONE_CLONES static void capped_softmax_row(
    float *x, int64_t n, float log_sum, float scale, float cap) {
  HONE_VECTOR
  for (int64_t i = 0; i < n; i++) {
    const float t = x[i] / cap;
    x[i] = hone_exp(x[i] - log_sum) * scale * (1.0f - t * t);
  }
}

/// Makes a chunk's logits what they are of the loss: its gradient.
static void differentiate(const loss_block *b, const loss_chunk *chunk, float *logits) {
  const float scale = *b->x->scale, cap = b->x->soft_cap;
  for (int64_t i = 0; i < b->count; i++) {
    float *row = logits + i * b->plan.chunk;
    if (cap > 0) {
      capped_softmax_row(row, chunk->count, b->log_sums[i], scale, cap);
    } else {
      softmax_row(row, chunk->count, b->log_sums[i], scale);
    }
    const int64_t target = target_in(b, chunk, i);
    if (target >= 0) row[target] -= scale * slope_at(b->target_logits[i], cap);
  }
}

static void gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  const loss_block *b = argument;
  const hone_token_loss_arguments *x = b->x;
  const loss_plan *p = &b->plan;
  const int64_t width = x->width, stride = p->chunk;
  float *partial = b->partial + piece * p->block * width;
  const int64_t begin = piece * p->chunks / p->segments;
  const int64_t end = (piece + 1) * p->chunks / p->segments;
  for (int64_t number = begin; number < end; number++) {
    const loss_chunk chunk = chunk_of(b, number, thread);
    float *logits = kept_logits(b, number);
    differentiate(b, &chunk, logits);
    if (x->dbias) {
      float *dbias = x->dbias + chunk.first;
      if (!b->accumulate_dbias) memset(dbias, 0, (size_t)chunk.count * sizeof(float));
      add_slopes(logits, b->count, stride, chunk.count, dbias);
    }
    if (x->dx) {
      hone_sgemm(
          0, 0, b->count, width, chunk.count, 1, logits, stride, chunk.w, width,
          number == begin ? 0 : 1, partial, width);
    }
    if (x->dw) {
      hone_sgemm(
          1, 0, chunk.count, width, b->count, 1, logits, stride, b->block_x, width,
          b->accumulate_dw ? 1 : 0, x->dw + chunk.first * width, width);
    }
  }
}

HONE_CLONES static void reduce_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const loss_block *b = argument;
  const int64_t width = b->x->width;
  float *dx = b->x->dx + b->rows[piece] * width;
  const int64_t kept = b->x->accumulate_dx ? 0 : 1;
  if (kept) memcpy(dx, b->partial + piece * width, (size_t)width * sizeof(float));
  for (int64_t segment = kept; segment < b->plan.segments; segment++) {
    const float *from = b->partial + (segment * b->plan.block + piece) * width;
    HONE_VECTOR
    for (int64_t i = 0; i < width; i++) dx[i] += from[i];
  }
}

void hone_loss_gradients(hone_pool *pool, const loss_block *b) {
  hone_pool_run(pool, gradient_piece, b, b->plan.segments);
  if (b->x->dx) hone_pool_run(pool, reduce_piece, b, b->count);
}
