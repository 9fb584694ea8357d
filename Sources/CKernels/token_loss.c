// Cross-entropy of a vocabulary projection, by blocks of the rows that have a target.
//
// The vocabulary is cut into a fixed number of segments, these into chunks. A segment's chunks come one
// after the other: logits, their exponentials by the largest logit so far (what was summed by a smaller
// one is corrected), and the product of these with the chunk's weights, added to the segment's own `dx`.
// At the end segments are put together in their order, and the target's weights subtracted. Nothing
// larger than a chunk's logits exists, and weights are read once.
//
// Gradients of the weights or the bias need the softmax itself: token_loss_weights.c keeps a block's
// logits for them.
#include "token_loss.h"

enum { SEGMENTS = 16, LOGIT_BYTES = 64 << 20, MOST_ROWS = 256, MOST_CHUNK = 768 };

static loss_plan plan_of(
    int64_t rows, int64_t width, int64_t vocabulary, int with_hidden, int with_weights) {
  loss_plan p;
  p.block = MOST_ROWS;
  if (with_weights) p.block = hone_min(MOST_ROWS, LOGIT_BYTES / 4 / hone_max(1, vocabulary));
  p.block = hone_min(hone_max(16, p.block / 16 * 16), hone_max(1, rows));
  p.chunk = hone_min(MOST_CHUNK, hone_max(64, (hone_pieces(vocabulary, 16) + 15) / 16 * 16));
  p.chunks = hone_pieces(vocabulary, p.chunk);
  p.segments = hone_min(SEGMENTS, p.chunks);
  p.parts = with_weights ? p.chunks : p.segments;
  int64_t at = 0;
  p.rows_at = at;
  at += hone_aligned(4 * rows);
  p.states_at = at;
  at += hone_aligned((int64_t)sizeof(loss_state) * p.block * p.parts);
  p.targets_at = at;  // the target's logit, then the log-sum, a row
  at += hone_aligned(4 * 2 * p.block);
  p.x_at = at;
  at += hone_aligned(4 * p.block * width);
  p.logits_at = at;
  if (with_weights) at += hone_aligned(4 * p.block * p.chunks * p.chunk);
  p.partial_at = at;
  if (with_hidden) at += hone_aligned(4 * p.segments * p.block * width);
  p.bytes = at;
  return p;
}

/// A thread's scratch before its logits: a chunk's weights as floats.
static int64_t panel_bytes(int64_t width, hone_weight_type type) {
  return type != HONE_FLOAT32 ? hone_aligned(4 * MOST_CHUNK * width) : 0;
}

int64_t hone_token_loss_shared_bytes(
    int64_t rows, int64_t width, int64_t vocabulary, int32_t with_hidden, int32_t with_weights) {
  return plan_of(rows, width, vocabulary, with_hidden, with_weights).bytes;
}

int64_t hone_token_loss_thread_bytes(
    int64_t rows, int64_t width, int64_t vocabulary, hone_weight_type type, int32_t with_weights) {
  const loss_plan p = plan_of(rows, width, vocabulary, 0, with_weights);
  return panel_bytes(width, type) + (with_weights ? 0 : 4 * p.block * p.chunk);
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

/// Bounds logits: `cap · tanh(x / cap)`.
HONE_CLONES static void cap_row(float *x, int64_t n, float cap) {
  for (int64_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

void hone_loss_logits(const loss_block *b, const loss_chunk *chunk, float *logits) {
  const hone_token_loss_arguments *x = b->x;
  const int64_t stride = b->plan.chunk;
  hone_sgemm(
      0, 1, b->count, chunk->count, x->width, 1, b->block_x, x->width, chunk->w, x->width, 0, logits,
      stride);
  for (int64_t i = 0; i < b->count; i++) {
    float *row = logits + i * stride;
    if (x->bias.data) add_bias(row, chunk->count, &x->bias, chunk->first);
    if (x->soft_cap > 0) cap_row(row, chunk->count, x->soft_cap);
    const int64_t target = target_in(b, chunk, i);
    if (target >= 0) b->target_logits[i] = row[target];
  }
}

/// Multiplies a row by one number.
HONE_CLONES static void scale_row(float *x, int64_t n, float factor) {
  HONE_VECTOR
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

HONE_CLONES static void add_scaled(float *to, const float *from, int64_t n, float factor) {
  HONE_VECTOR
  for (int64_t i = 0; i < n; i++) to[i] += factor * from[i];
}

/// Makes a row's logits exponentials by the largest so far; returns what earlier ones are to be
/// multiplied by.
HONE_CLONES static float update_state(float *x, int64_t n, loss_state *state, float inverse_cap) {
  const float before = state->largest;
  state->largest = fmaxf(before, largest_of(x, n));
  const float kept = state->largest > before ? hone_exp(before - state->largest) : 1;
  state->sum = state->sum * kept + sum_of_exponentials(x, n, state->largest, 1, inverse_cap);
  return kept;
}

static void segment_piece(const void *argument, int64_t piece, int32_t thread) {
  const loss_block *b = argument;
  const hone_token_loss_arguments *x = b->x;
  const loss_plan *p = &b->plan;
  float *logits =
      (float *)(hone_thread_scratch(&x->workspace, thread) + panel_bytes(x->width, x->w.type));
  float *partial = b->partial + piece * p->block * x->width;
  const int64_t begin = piece * p->chunks / p->segments;
  const int64_t end = (piece + 1) * p->chunks / p->segments;
  const float inverse_cap = x->soft_cap > 0 ? 1 / x->soft_cap : 0;
  for (int64_t number = begin; number < end; number++) {
    const loss_chunk chunk = chunk_of(b, number, thread);
    hone_loss_logits(b, &chunk, logits);
    for (int64_t i = 0; i < b->count; i++) {
      loss_state *state = b->states + i * p->parts + piece;
      if (number == begin) *state = (loss_state){.sum = 0, .largest = -INFINITY};
      const float kept = update_state(logits + i * p->chunk, chunk.count, state, inverse_cap);
      if (x->dx && number > begin && kept != 1) scale_row(partial + i * x->width, x->width, kept);
    }
    if (x->dx) {
      hone_sgemm(
          0, 0, b->count, x->width, chunk.count, 1, logits, p->chunk, chunk.w, x->width,
          number == begin ? 0 : 1, partial, x->width);
    }
  }
}

/// Puts the segments of a row together: `Σ softmax·w`, less the target's weights.
static void reduce_piece(const void *argument, int64_t piece, int32_t thread) {
  const loss_block *b = argument;
  const hone_token_loss_arguments *x = b->x;
  const int64_t width = x->width, target = x->targets[b->rows[piece]];
  const float scale = *x->scale;
  float *dx = x->dx + b->rows[piece] * width;
  if (!x->accumulate_dx) memset(dx, 0, (size_t)width * sizeof(float));
  for (int64_t segment = 0; segment < b->plan.segments; segment++) {
    add_scaled(
        dx, b->partial + (segment * b->plan.block + piece) * width, width,
        scale * b->states[piece * b->plan.parts + segment].sum);
  }
  const float *w = hone_matrix_floats(
      &x->w, target * width, width, (float *)hone_thread_scratch(&x->workspace, thread));
  add_scaled(dx, w, width, -scale * slope_at(b->target_logits[piece], x->soft_cap));
}

/// The loss of the block's rows before scaling; sets their log-sums, and makes each part's sum the
/// factor that turns its exponentials into probabilities.
static double sum_block(const loss_block *b) {
  double total = 0;
  for (int64_t i = 0; i < b->count; i++) {
    loss_state *states = b->states + i * b->plan.parts;
    float largest = -INFINITY;
    for (int64_t p = 0; p < b->plan.parts; p++) largest = fmaxf(largest, states[p].largest);
    double sum = 0;
    for (int64_t p = 0; p < b->plan.parts; p++) {
      sum += (double)(states[p].sum * hone_exp(states[p].largest - largest));
    }
    for (int64_t p = 0; p < b->plan.parts; p++) {
      states[p].sum = (float)((double)hone_exp(states[p].largest - largest) / sum);
    }
    const double log_sum = (double)largest + log(sum);
    b->log_sums[i] = (float)log_sum;
    total += log_sum - (double)b->target_logits[i];
  }
  return total;
}

/// Makes what rows without a target leave as it is zero where gradients are not added to.
static void clear_results(const hone_token_loss_arguments *x, int64_t count) {
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
}

int32_t hone_token_loss(hone_pool *pool, const void *argument) {
  const hone_token_loss_arguments *x = argument;
  const int with_weights = x->dw || x->dbias;
  loss_block b = {.x = x, .accumulate_dw = x->accumulate_dw, .accumulate_dbias = x->accumulate_dbias};
  b.plan = plan_of(x->rows, x->width, x->vocabulary, x->dx != 0, with_weights);
  char *shared = x->workspace.shared;
  int32_t *rows = (int32_t *)(shared + b.plan.rows_at);
  b.states = (loss_state *)(shared + b.plan.states_at);
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
  clear_results(x, count);
  double total = 0;
  for (int64_t start = 0; start < count; start += b.plan.block) {
    b.count = hone_min(b.plan.block, count - start);
    b.rows = rows + start;
    for (int64_t i = 0; i < b.count; i++) {
      memcpy(
          b.block_x + i * x->width, x->x + b.rows[i] * x->width, (size_t)x->width * sizeof(float));
    }
    if (with_weights) {
      hone_loss_keep_logits(pool, &b);
      total += sum_block(&b);
      hone_loss_gradients(pool, &b);
    } else {
      hone_pool_run(pool, segment_piece, &b, b.plan.segments);
      total += sum_block(&b);
      if (x->dx) hone_pool_run(pool, reduce_piece, &b, b.count);
    }
    b.accumulate_dw = 1;
    b.accumulate_dbias = 1;
  }
  const double before = x->accumulate_loss ? (double)*x->loss : 0;
  *x->loss = (float)(before + (double)*x->scale * total);
  return HONE_OK;
}
