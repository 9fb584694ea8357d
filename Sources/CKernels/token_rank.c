// The likeliest token of a vocabulary projection, and how many tokens are likelier than the target.
//
// For each block of rows that have a target: all logits, chunk by chunk of the vocabulary; then each
// row is looked through once.
#include "kernels.h"

#include <math.h>

enum { LOGIT_BYTES = 16 << 20, MOST_ROWS = 256, MOST_CHUNK = 768 };

/// How the work is cut, and where the parts of the shared scratch begin.
typedef struct {
  int64_t block, chunk, chunks;
  int64_t rows_at, x_at, logits_at, bytes;
} rank_plan;

static rank_plan plan_of(int64_t rows, int64_t width, int64_t vocabulary) {
  rank_plan p;
  p.block = hone_min(MOST_ROWS, LOGIT_BYTES / 4 / hone_max(1, vocabulary));
  p.block = hone_min(hone_max(16, p.block), hone_max(1, rows));
  p.chunk = hone_min(MOST_CHUNK, hone_max(64, (hone_pieces(vocabulary, 16) + 15) / 16 * 16));
  p.chunks = hone_pieces(vocabulary, p.chunk);
  p.rows_at = 0;
  p.x_at = hone_aligned(4 * rows);
  p.logits_at = p.x_at + hone_aligned(4 * p.block * width);
  p.bytes = p.logits_at + hone_aligned(4 * p.block * vocabulary);
  return p;
}

int64_t hone_token_rank_shared_bytes(int64_t rows, int64_t width, int64_t vocabulary) {
  return plan_of(rows, width, vocabulary).bytes;
}

int64_t hone_token_rank_thread_bytes(int64_t width, hone_weight_type type) {
  return type != HONE_FLOAT32 ? hone_aligned(4 * MOST_CHUNK * width) : 0;
}

/// One block of rows at work.
typedef struct {
  const hone_token_rank_arguments *x;
  rank_plan plan;
  int64_t count;
  const int32_t *rows;
  float *block_x, *logits;
} rank_block;

static void logits_piece(const void *argument, int64_t piece, int32_t thread) {
  const rank_block *b = argument;
  const hone_token_rank_arguments *x = b->x;
  const int64_t first = piece * b->plan.chunk, n = hone_min(b->plan.chunk, x->vocabulary - first);
  const float *w = hone_matrix_floats(
      &x->w, first * x->width, n * x->width,
      (float *)hone_thread_scratch(&x->workspace, thread));
  hone_sgemm(
      0, 1, b->count, n, x->width, 1, b->block_x, x->width, w, x->width, 0, b->logits + first,
      x->vocabulary);
  for (int64_t i = 0; x->bias && i < b->count; i++) {
    float *row = b->logits + i * x->vocabulary + first;
    for (int64_t j = 0; j < n; j++) row[j] += x->bias[first + j];
  }
}

HONE_CLONES static void rank_piece(const void *argument, int64_t piece, int32_t thread) {
  (void)thread;
  const rank_block *b = argument;
  const int64_t vocabulary = b->x->vocabulary, row = b->rows[piece];
  const float *logits = b->logits + piece * vocabulary;
  const int32_t target = b->x->targets[row];
  const float wanted = logits[target];
  int64_t best = 0;
  int32_t above = 0;
  for (int64_t j = 1; j < vocabulary; j++) best = logits[j] > logits[best] ? j : best;
  HONE_VECTOR
  for (int64_t j = 0; j < vocabulary; j++) {
    above += (logits[j] > wanted) | ((logits[j] == wanted) & (j < target));
  }
  b->x->y[2 * row] = (float)best;
  b->x->y[2 * row + 1] = (float)above;
}

int32_t hone_token_rank(hone_pool *pool, const void *argument) {
  const hone_token_rank_arguments *x = argument;
  rank_block b = {.x = x};
  b.plan = plan_of(x->rows, x->width, x->vocabulary);
  char *shared = x->workspace.shared;
  int32_t *rows = (int32_t *)(shared + b.plan.rows_at);
  b.block_x = (float *)(shared + b.plan.x_at);
  b.logits = (float *)(shared + b.plan.logits_at);
  int64_t count = 0;
  for (int64_t row = 0; row < x->rows; row++) {
    const int32_t target = x->targets[row];
    if (target < -1 || target >= x->vocabulary) return HONE_INDEX_OUT_OF_RANGE;
    if (target >= 0) rows[count++] = (int32_t)row;
    x->y[2 * row] = x->y[2 * row + 1] = -1;
  }
  for (int64_t start = 0; start < count; start += b.plan.block) {
    b.count = hone_min(b.plan.block, count - start);
    b.rows = rows + start;
    for (int64_t i = 0; i < b.count; i++) {
      memcpy(
          b.block_x + i * x->width, x->x + b.rows[i] * x->width,
          (size_t)x->width * sizeof(float));
    }
    hone_pool_run(pool, logits_piece, &b, b.plan.chunks);
    hone_pool_run(pool, rank_piece, &b, b.count);
  }
  return HONE_OK;
}
