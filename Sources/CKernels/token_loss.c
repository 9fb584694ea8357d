// Cross-entropy of a vocabulary projection, by blocks of rows and chunks of the vocabulary.
//
// For each block of rows that have a target: the logits chunk by chunk, each chunk a dense matrix
// of its own, with its rows' maximum and sum of exponentials; the log-sums; then, with gradients, every chunk of logits becomes
// (softmax − onehot)·scale in place and is multiplied into `dx` and `dw`. `dx` is summed over a
// fixed number of vocabulary segments, each in its own buffer, and the buffers in their order.
#include "kernels.h"

#include <math.h>

enum { SEGMENTS = 16, LANES = 16, LOGIT_BYTES = 64 << 20, MOST_ROWS = 256, MOST_CHUNK = 768 };

/// How the work is cut, and where the parts of the shared scratch begin.
typedef struct {
  int64_t block, chunk, chunks, segments;
  int64_t rows_at, states_at, targets_at, x_at, logits_at, partial_at, bytes;
} loss_plan;

static loss_plan plan_of(int64_t rows, int64_t width, int64_t vocabulary, int with_gradient) {
  loss_plan p;
  p.block = MOST_ROWS;
  if (with_gradient) p.block = hone_min(MOST_ROWS, LOGIT_BYTES / 4 / hone_max(1, vocabulary));
  p.block = hone_min(hone_max(16, p.block / 16 * 16), hone_max(1, rows));
  p.chunk = hone_min(MOST_CHUNK, hone_max(64, (hone_pieces(vocabulary, 16) + 15) / 16 * 16));
  p.chunks = hone_pieces(vocabulary, p.chunk);
  p.segments = hone_min(SEGMENTS, p.chunks);
  int64_t at = 0;
  p.rows_at = at;
  at += hone_aligned(4 * rows);
  p.states_at = at;  // maximum and sum, a row and chunk
  at += hone_aligned(4 * 2 * p.block * p.chunks);
  p.targets_at = at;  // the target's logit, then the log-sum, a row
  at += hone_aligned(4 * 2 * p.block);
  p.x_at = at;
  at += hone_aligned(4 * p.block * width);
  p.logits_at = at;
  if (with_gradient) at += hone_aligned(4 * p.block * p.chunks * p.chunk);
  p.partial_at = at;
  if (with_gradient) at += hone_aligned(4 * p.segments * p.block * width);
  p.bytes = at;
  return p;
}

int64_t hone_token_loss_shared_bytes(
    int64_t rows, int64_t width, int64_t vocabulary, int32_t with_gradient) {
  return plan_of(rows, width, vocabulary, with_gradient).bytes;
}

int64_t hone_token_loss_thread_bytes(
    int64_t rows, int64_t width, hone_weight_type type, int32_t with_gradient) {
  (void)rows;
  const int64_t panel = type != HONE_FLOAT32 ? 4 * MOST_CHUNK * width : 0;
  return hone_aligned(panel) + (with_gradient ? 0 : 4 * MOST_CHUNK * MOST_ROWS);
}

/// One block of rows at work.
typedef struct {
  const hone_token_loss_arguments *x;
  loss_plan plan;
  int with_gradient;
  int64_t count, accumulate_dw, accumulate_dbias;
  const int32_t *rows;
  float *states, *target_logits, *log_sums, *block_x, *logits, *partial;
} loss_block;

HONE_CLONES static void state_of(const float *x, int64_t n, float *state) {
  float lanes[LANES];
  for (int lane = 0; lane < LANES; lane++) lanes[lane] = -INFINITY;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    }
  }
  float largest = -INFINITY;
  for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  for (int lane = 0; lane < LANES; lane++) {
    largest = lanes[lane] > largest ? lanes[lane] : largest;
    lanes[lane] = 0;
  }
  for (i = 0; i + LANES <= n; i += LANES) {
    for (int lane = 0; lane < LANES; lane++) lanes[lane] += hone_exp(x[i + lane] - largest);
  }
  float sum = 0;
  for (; i < n; i++) sum += hone_exp(x[i] - largest);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  }
  state[0] = largest;
  state[1] = lanes[0] + sum;
}

/// Bounds logits: `cap · tanh(x / cap)`.
HONE_CLONES static void cap_row(float *x, int64_t n, float cap) {
  for (int64_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

/// Adds `bias` to a row of logits.
HONE_CLONES static void add_bias(float *x, int64_t n, const hone_weight *bias, int64_t first) {
  if (bias->is_bfloat16) {
    const uint16_t *from = (const uint16_t *)bias->data + first;
    for (int64_t i = 0; i < n; i++) x[i] += hone_from_bits((uint32_t)from[i] << 16);
  } else {
    const float *from = (const float *)bias->data + first;
    for (int64_t i = 0; i < n; i++) x[i] += from[i];
  }
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

static const float *chunk_weights(
    const hone_token_loss_arguments *x, int64_t first, int64_t n, int32_t thread) {
  return hone_matrix_floats(
      &x->w, first * x->width, n * x->width,
      (float *)hone_thread_scratch(&x->workspace, thread));
}

static void logits_piece(const void *argument, int64_t piece, int32_t thread) {
  const loss_block *b = argument;
  const hone_token_loss_arguments *x = b->x;
  const int64_t first = piece * b->plan.chunk, n = hone_min(b->plan.chunk, x->vocabulary - first);
  const int64_t stride = b->plan.chunk;
  float *logits = b->logits + piece * b->plan.block * stride;
  if (!b->with_gradient) {
    const int64_t panel =
        x->w.type != HONE_FLOAT32 ? hone_aligned(4 * MOST_CHUNK * x->width) : 0;
    logits = (float *)(hone_thread_scratch(&x->workspace, thread) + panel);
  }
  const float *w = chunk_weights(x, first, n, thread);
  hone_sgemm(
      0, 1, b->count, n, x->width, 1, b->block_x, x->width, w, x->width, 0, logits, stride);
  for (int64_t i = 0; i < b->count; i++) {
    float *row = logits + i * stride;
    if (x->bias.data) add_bias(row, n, &x->bias, first);
    if (x->soft_cap > 0) cap_row(row, n, x->soft_cap);
    state_of(row, n, b->states + 2 * (i * b->plan.chunks + piece));
    const int64_t target = x->targets[b->rows[i]] - first;
    if (target >= 0 && target < n) b->target_logits[i] = row[target];
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

static void gradient_piece(const void *argument, int64_t piece, int32_t thread) {
  const loss_block *b = argument;
  const hone_token_loss_arguments *x = b->x;
  const loss_plan *p = &b->plan;
  const int64_t width = x->width, stride = p->chunk;
  const float scale = *x->scale;
  float *partial = b->partial + piece * p->block * width;
  const int64_t begin = piece * p->chunks / p->segments;
  const int64_t end = (piece + 1) * p->chunks / p->segments;
  for (int64_t chunk = begin; chunk < end; chunk++) {
    const int64_t first = chunk * p->chunk, n = hone_min(p->chunk, x->vocabulary - first);
    float *logits = b->logits + chunk * p->block * stride;
    for (int64_t i = 0; i < b->count; i++) {
      float *row = logits + i * stride;
      const int64_t target = x->targets[b->rows[i]] - first;
      const int is_here = target >= 0 && target < n;
      float slope = 1;
      if (x->soft_cap > 0) {
        const float t = is_here ? row[target] / x->soft_cap : 0;
        slope = 1.0f - t * t;
        capped_softmax_row(row, n, b->log_sums[i], scale, x->soft_cap);
      } else {
        softmax_row(row, n, b->log_sums[i], scale);
      }
      if (is_here) row[target] -= scale * slope;
    }
    if (x->dbias) {
      float *dbias = x->dbias + first;
      if (!b->accumulate_dbias) memset(dbias, 0, (size_t)n * sizeof(float));
      add_slopes(logits, b->count, stride, n, dbias);
    }
    if (x->dx) {
      const float *w = chunk_weights(x, first, n, thread);
      hone_sgemm(
          0, 0, b->count, width, n, 1, logits, stride, w, width, chunk == begin ? 0 : 1, partial,
          width);
    }
    if (x->dw) {
      hone_sgemm(
          1, 0, n, width, b->count, 1, logits, stride, b->block_x, width, b->accumulate_dw ? 1 : 0,
          x->dw + first * width, width);
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

/// The loss of the block's rows before scaling; sets their log-sums.
static double sum_block(const loss_block *b) {
  double total = 0;
  for (int64_t i = 0; i < b->count; i++) {
    const float *states = b->states + 2 * i * b->plan.chunks;
    float largest = -INFINITY;
    for (int64_t c = 0; c < b->plan.chunks; c++) largest = fmaxf(largest, states[2 * c]);
    double sum = 0;
    for (int64_t c = 0; c < b->plan.chunks; c++) {
      sum += (double)(states[2 * c + 1] * hone_exp(states[2 * c] - largest));
    }
    const double log_sum = (double)largest + log(sum);
    b->log_sums[i] = (float)log_sum;
    total += log_sum - (double)b->target_logits[i];
  }
  return total;
}

int32_t hone_token_loss(hone_pool *pool, const void *argument) {
  const hone_token_loss_arguments *x = argument;
  const int with_gradient = x->dx || x->dw || x->dbias;
  loss_block b = {.x = x, .with_gradient = with_gradient, .accumulate_dw = x->accumulate_dw,
                  .accumulate_dbias = x->accumulate_dbias};
  b.plan = plan_of(x->rows, x->width, x->vocabulary, with_gradient);
  char *shared = x->workspace.shared;
  int32_t *rows = (int32_t *)(shared + b.plan.rows_at);
  b.states = (float *)(shared + b.plan.states_at);
  b.target_logits = (float *)(shared + b.plan.targets_at);
  b.log_sums = b.target_logits + b.plan.block;
  b.block_x = (float *)(shared + b.plan.x_at);
  b.logits = (float *)(shared + b.plan.logits_at);
  b.partial = (float *)(shared + b.plan.partial_at);

  int64_t count = 0;
  for (int64_t row = 0; row < x->rows; row++) {
    const int32_t target = x->targets[row];
    if (target < -1 || target >= x->vocabulary) return HONE_INDEX_OUT_OF_RANGE;
    if (target >= 0) rows[count++] = (int32_t)row;
  }
  const size_t row_bytes = (size_t)x->width * sizeof(float);
  for (int64_t row = 0; x->dx && !x->accumulate_dx && row < x->rows; row++) {
    if (x->targets[row] < 0) memset(x->dx + row * x->width, 0, row_bytes);
  }
  if (count == 0 && x->dw && !x->accumulate_dw) {
    memset(x->dw, 0, (size_t)x->vocabulary * row_bytes);
  }
  if (count == 0 && x->dbias && !x->accumulate_dbias) {
    memset(x->dbias, 0, (size_t)x->vocabulary * sizeof(float));
  }
  double total = 0;
  for (int64_t start = 0; start < count; start += b.plan.block) {
    b.count = hone_min(b.plan.block, count - start);
    b.rows = rows + start;
    for (int64_t i = 0; i < b.count; i++) {
      memcpy(b.block_x + i * x->width, x->x + b.rows[i] * x->width, row_bytes);
    }
    hone_pool_run(pool, logits_piece, &b, b.plan.chunks);
    total += sum_block(&b);
    if (!with_gradient) continue;
    hone_pool_run(pool, gradient_piece, &b, b.plan.segments);
    if (x->dx) hone_pool_run(pool, reduce_piece, &b, b.count);
    b.accumulate_dw = 1;
    b.accumulate_dbias = 1;
  }
  const double before = x->accumulate_loss ? (double)*x->loss : 0;
  *x->loss = (float)(before + (double)*x->scale * total);
  return HONE_OK;
}
