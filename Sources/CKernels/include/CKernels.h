// Kernels of the cpu backend.
//
// Every operation is a function `hone_…(pool, arguments)` over a prepared argument block: raw
// addresses and extents, resolved once when a program is compiled. Work is cut into pieces whose
// boundaries depend on the extents alone, so that results do not depend on the number of threads.
// Nothing here allocates. Matrices are dense and row-major unless a stride is named.
#ifndef HONE_KERNELS_H
#define HONE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

// ---- Threads -------------------------------------------------------------------------------

typedef struct hone_pool hone_pool;
/// Does piece number `piece` of a job; `thread` is below the pool's number of threads.
typedef void (*hone_task)(const void *_Nonnull arguments, int64_t piece, int32_t thread);

/// Starts `threads - 1` workers; the caller of `hone_pool_run` is the remaining thread.
/// Returns null when the system gives no memory; fewer workers when it gives fewer threads.
hone_pool *_Nullable hone_pool_create(int32_t threads);
void hone_pool_destroy(hone_pool *_Nonnull pool);
int32_t hone_pool_threads(const hone_pool *_Nonnull pool);
/// Runs all pieces of a job and returns when the last is done. One caller at a time.
void hone_pool_run(
    hone_pool *_Nonnull pool, hone_task _Nonnull task, const void *_Nonnull arguments,
    int64_t pieces);
/// Takes and gives back the right to run jobs, for callers on several threads.
void hone_pool_lock(hone_pool *_Nonnull pool);
void hone_pool_unlock(hone_pool *_Nonnull pool);
/// The processors that this process may use.
int32_t hone_processor_count(void);
/// Seconds of a clock that never goes back.
double hone_seconds(void);

/// What an operation answers.
enum {
  HONE_OK = 0,
  /// An index operand names a row that is not there; nothing was written.
  HONE_INDEX_OUT_OF_RANGE = 1,
};
typedef int32_t (*hone_operation)(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

// ---- Operands ------------------------------------------------------------------------------

/// A vector or small table in float32 or bfloat16, aligned to its element at least.
typedef struct {
  const void *_Nullable data;
  int32_t is_bfloat16;
} hone_weight;

/// How a matrix is kept. The last three are blocks along the rows, which hold whole ones: 32 elements
/// in 34 and 18 bytes as in GGUF files, and 64 in 36 bytes (NF4: a float32, then half a byte each).
typedef enum {
  HONE_FLOAT32,
  HONE_BFLOAT16,
  HONE_Q8_0,
  HONE_Q4_0,
  HONE_NF4
} hone_weight_type;

/// A matrix that may be a frozen weight, floats and bfloat16 aligned to their element at least.
typedef struct {
  const void *_Nullable data;
  hone_weight_type type;
} hone_matrix;

/// Scratch: what threads share, then as many bytes for each thread.
typedef struct {
  char *_Nullable shared;
  char *_Nullable threads;
  int64_t thread_bytes;
} hone_workspace;

// ---- Element by element --------------------------------------------------------------------

typedef enum { HONE_ADD, HONE_MULTIPLY, HONE_SCALE, HONE_ACCUMULATE } hone_elementwise_kind;

/// `y = a + b`, `y = a · b`, `y = factor · a` or `y += a`.
typedef struct {
  hone_elementwise_kind kind;
  const float *_Nonnull a;
  const float *_Nullable b;
  float *_Nonnull y;
  float factor;
  int64_t count;
} hone_elementwise_arguments;
int32_t hone_elementwise(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `y` becomes zero.
typedef struct {
  char *_Nonnull y;
  int64_t bytes;
} hone_clear_arguments;
int32_t hone_clear(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `y[n] = x[n] + bias` for `rows` rows.
typedef struct {
  const float *_Nonnull x;
  hone_weight bias;
  float *_Nonnull y;
  int64_t rows, columns;
} hone_add_bias_arguments;
int32_t hone_add_bias(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `y[o] = Σₙ x[n, o]`, added to `y` when `accumulate`.
typedef struct {
  const float *_Nonnull x;
  float *_Nonnull y;
  int64_t rows, columns;
  int32_t accumulate;
} hone_column_sum_arguments;
int32_t hone_column_sum(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

typedef enum { HONE_SILU, HONE_GELU, HONE_GELU_TANH, HONE_RELU, HONE_TANH } hone_function;

/// `y = f(gate)`, or `y = f(gate) · up` when `up` is given.
typedef struct {
  hone_function function;
  const float *_Nonnull gate;
  const float *_Nullable up;
  float *_Nonnull y;
  int64_t count;
} hone_activation_arguments;
int32_t hone_activation(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `dgate = f′(gate) · dy`; with `up` also `· up`, and `dup = f(gate) · dy`.
typedef struct {
  hone_function function;
  const float *_Nonnull gate;
  const float *_Nullable up;
  const float *_Nonnull dy;
  float *_Nonnull dgate;
  float *_Nullable dup;
  int64_t count;
} hone_activation_gradient_arguments;
int32_t hone_activation_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// Keeps element `e` where word `e` of the Philox stream is at least `threshold` in its upper 24
/// bits, times `factor`.
typedef struct {
  const float *_Nonnull x;
  float *_Nonnull y;
  int64_t count;
  const uint64_t *_Nonnull step;
  uint32_t key0, key1, threshold;
  float factor;
} hone_dropout_arguments;
int32_t hone_dropout(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

// ---- Rows ----------------------------------------------------------------------------------

/// `y[m] = table[offset + ids[m]]`.
typedef struct {
  hone_matrix table;
  const int32_t *_Nonnull ids;
  float *_Nonnull y;
  int64_t table_rows, rows, columns, offset;
} hone_gather_arguments;
int32_t hone_gather(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `y[offset + ids[m]] += x[m]` in the order of `m`, from zero unless `accumulate`; the row `skipped` of
/// `y` gets nothing.
typedef struct {
  const int32_t *_Nonnull ids;
  const float *_Nonnull x;
  float *_Nonnull y;
  int64_t y_rows, rows, columns, offset, skipped;
  int32_t accumulate;
} hone_scatter_arguments;
int32_t hone_scatter(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `state[slots[m]] = x[m]` in the order of `m`; rows are `row_bytes` wide.
typedef struct {
  const int32_t *_Nonnull slots;
  const char *_Nonnull x;
  char *_Nonnull state;
  int64_t state_rows, rows, row_bytes;
} hone_write_rows_arguments;
int32_t hone_write_rows(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

// ---- Normalisation and positions -----------------------------------------------------------

/// `y = x · r · (weight_offset + w)`, `r = 1 / √(mean(x²) + epsilon)`; where `centers`, the mean is
/// taken off `x` first, and `r` holds pairs of factor and mean. Thread scratch: `columns` floats.
typedef struct {
  const float *_Nonnull x;
  hone_weight w;
  float *_Nonnull y;
  float *_Nonnull r;
  int64_t rows, columns;
  float epsilon, weight_offset;
  int32_t centers;
  hone_workspace workspace;
} hone_rms_norm_arguments;
int32_t hone_rms_norm(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `dx = r · (w·dy − x · r² · mean(x·w·dy)) [+ addend]` with the offset in `w`; where `centers`,
/// `x` without its mean, and `w·dy` too. `dx` may be `dy` or the addend.
/// Thread scratch: `columns` floats.
typedef struct {
  const float *_Nonnull x;
  hone_weight w;
  const float *_Nonnull r;
  const float *_Nonnull dy;
  const float *_Nullable addend;
  float *_Nonnull dx;
  int64_t rows, columns;
  float weight_offset;
  int32_t centers;
  hone_workspace workspace;
} hone_rms_norm_gradient_arguments;
int32_t hone_rms_norm_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `dw[d] = Σₙ dy[n, d] · x[n, d] · r[n]`, `x` without its mean where `centers`, added to `dw` when `accumulate`.
typedef struct {
  const float *_Nonnull x;
  const float *_Nonnull r;
  const float *_Nonnull dy;
  float *_Nonnull dw;
  int64_t rows, columns;
  int32_t centers, accumulate;
} hone_rms_norm_weight_gradient_arguments;
int32_t hone_rms_norm_weight_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `table[n] = (cos(p·fᵢ)·scaling …, sin(p·fᵢ)·scaling …)` for `frequencies` values of `i`.
typedef struct {
  const int32_t *_Nonnull positions;
  const float *_Nonnull inverse_frequencies;
  float *_Nonnull table;
  int64_t rows, frequencies;
  float scaling;
} hone_rotary_table_arguments;
int32_t hone_rotary_table(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// Rotates the pairs `(xᵢ, xᵢ₊F)` of `heads` heads of `width` columns, at least `2·F`, backwards when
/// `inverse`.
typedef struct {
  const float *_Nonnull x;
  const float *_Nonnull table;
  float *_Nonnull y;
  int64_t rows, heads, frequencies, width;
  int32_t inverse;
} hone_rotary_arguments;
int32_t hone_rotary(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// Columns `start` up to `start + width` of each of `groups` groups of `period` columns of `wide`, dense
/// in `narrow`.
typedef struct {
  float *_Nonnull wide;
  float *_Nonnull narrow;
  const float *_Nullable addend;
  int64_t rows, groups, period, start, width;
} hone_columns_arguments;
/// `narrow` from `wide`.
int32_t hone_select_columns(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
/// `wide` from `narrow`: added to the addend, which may be `wide`, or into zeros.
int32_t hone_place_columns(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `norms[o] = ‖w[o] + scale · Σᵣ b[o, r]·a[r]‖₂`: `w` is `(outputs, inputs)` when `outputs_first`, else
/// `(inputs, outputs)`; `a` is `(rank, inputs)`, or `(inputs, rank)` when `a_is_tall`; `b (outputs, rank)`.
typedef struct {
  hone_matrix w;
  const float *_Nonnull a;
  const float *_Nonnull b;
  float *_Nonnull norms;
  int64_t outputs, inputs, rank;
  float scale;
  int32_t outputs_first, a_is_tall;
  hone_workspace workspace;
} hone_updated_norms_arguments;
int32_t hone_updated_norms(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
/// Thread scratch of `hone_updated_norms`.
int64_t hone_updated_norms_thread_bytes(void);

/// `y[n, o] = x[n, o] · m[o] / d[o]`.
typedef struct {
  const float *_Nonnull x;
  const float *_Nonnull m;
  const float *_Nonnull d;
  float *_Nonnull y;
  int64_t rows, columns;
} hone_scale_columns_arguments;
int32_t hone_scale_columns(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `dm[o] = Σₙ x[n, o]·dy[n, o] / d[o]`, added to `dm` when `accumulate`.
typedef struct {
  const float *_Nonnull x;
  const float *_Nonnull d;
  const float *_Nonnull dy;
  float *_Nonnull dm;
  int64_t rows, columns;
  int32_t accumulate;
} hone_scale_columns_gradient_arguments;
int32_t hone_scale_columns_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `y[n] = rows[k]` where `ids[n] = indices[k]`, `x[n]` elsewhere; zeros where there are no `rows`.
typedef struct {
  const float *_Nonnull x;
  const int32_t *_Nonnull ids;
  const float *_Nullable rows;
  float *_Nonnull y;
  const int32_t *_Nonnull indices;
  int64_t count, row_count, columns;
} hone_patch_rows_arguments;
int32_t hone_patch_rows(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `rows[k] = Σ dy[n]` over the rows with `ids[n] = indices[k]`, added to `rows` when `accumulate`.
typedef struct {
  const int32_t *_Nonnull ids;
  const float *_Nonnull dy;
  float *_Nonnull rows;
  const int32_t *_Nonnull indices;
  int64_t count, row_count, columns;
  int32_t accumulate;
} hone_patch_rows_gradient_arguments;
int32_t hone_patch_rows_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `y` is the table with the rows `indices` replaced by `rows`, or by zeros.
typedef struct {
  hone_matrix table;
  const float *_Nullable rows;
  float *_Nonnull y;
  const int32_t *_Nonnull indices;
  int64_t count, table_rows, columns;
} hone_replace_rows_arguments;
int32_t hone_replace_rows(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

/// `rows[k] = dy[indices[k]]`, added to `rows` when `accumulate`.
typedef struct {
  const float *_Nonnull dy;
  float *_Nonnull rows;
  const int32_t *_Nonnull indices;
  int64_t count, columns;
  int32_t accumulate;
} hone_replace_rows_gradient_arguments;
int32_t hone_replace_rows_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);

// ---- Products ------------------------------------------------------------------------------

/// `c = scale · op(a) · op(b) [+ addend] [+ c]`.
/// Thread scratch: `hone_product_thread_bytes`.
typedef struct {
  const float *_Nonnull a;
  hone_matrix b;
  const float *_Nullable addend;
  float *_Nonnull c;
  int64_t m, n, k;
  int32_t transpose_a, transpose_b, accumulate;
  float scale;
  hone_workspace workspace;
} hone_product_arguments;
int32_t hone_product(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
int64_t hone_product_thread_bytes(int64_t m, int64_t n, int64_t k, hone_weight_type type);

/// One product on the calling thread, for measurements.
void hone_sgemm(
    int32_t transpose_a, int32_t transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
    const float *_Nonnull a, int64_t lda, const float *_Nonnull b, int64_t ldb, float beta,
    float *_Nonnull c, int64_t ldc);
/// Makes BLAS use the calling thread alone, and its buffers for all threads of the pool ready.
void hone_blas_prepare(hone_pool *_Nonnull pool);

// ---- Attention -----------------------------------------------------------------------------

/// What scores get by the distance between key and query: `table[buckets[distance + longest], head]`,
/// with the distance bounded by `longest` and counted from the range's start; nothing without a table.
typedef struct {
  hone_matrix table;
  const int32_t *_Nullable buckets;
  const int32_t *_Nullable positions;
  int64_t longest, table_rows;
} hone_relative_bias;

/// Dropout of the weights by which values are mixed: that of key `s` for query `t` of head `h` in row
/// `b` is kept where word `((b·heads + h)·queries + t)·keys + s` of the Philox stream is at least
/// `threshold` in its upper 24 bits, times `factor`; nothing is dropped without a step.
typedef struct {
  const uint64_t *_Nullable step;
  uint32_t key0, key1, threshold;
  float factor;
} hone_attention_dropout;

/// Grouped-query attention over `[start, end)` of the keys for each query.
/// `q`, `out`: `(batch·queries, heads·width)`; `k`, `v`: `(batch·keys, kv_heads·width)`;
/// `ranges`: `(batch·queries, 2)`; `log_sum`: `(batch·queries, heads)`.
/// Scores are bounded by a `soft_cap` above 0; a `window` above 0 leaves the last keys of a range.
/// A range that is not empty lies within the keys. Thread scratch: `hone_attention_thread_bytes`; shared:
/// `hone_attention_table_bytes`.
typedef struct {
  const float *_Nonnull q;
  const float *_Nonnull k;
  const float *_Nonnull v;
  const int32_t *_Nonnull ranges;
  float *_Nonnull out;
  float *_Nonnull log_sum;
  int64_t batch, queries, keys, heads, kv_heads, width;
  float scale, soft_cap;
  int64_t window;
  hone_relative_bias relative;
  hone_attention_dropout dropout;
  hone_workspace workspace;
} hone_attention_arguments;
int32_t hone_attention(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
int64_t hone_attention_thread_bytes(void);
/// Shared scratch for a table of biases, which becomes float32 where it is not.
int64_t hone_attention_table_bytes(int64_t rows, int64_t heads, hone_weight_type type);

/// The gradients of the above, with the weights computed anew; that of the table `(buckets, heads)` where
/// `dtable` is given, added to what is there when `accumulate_dtable`.
/// Thread scratch: `hone_attention_gradient_thread_bytes`; shared: `hone_attention_table_bytes` and
/// `hone_attention_gradient_shared_bytes`.
typedef struct {
  hone_attention_arguments forward;
  const float *_Nonnull dout;
  float *_Nonnull dq;
  float *_Nonnull dk;
  float *_Nonnull dv;
  float *_Nullable dtable;
  int64_t table_rows;
  int32_t accumulate_dtable;
} hone_attention_gradient_arguments;
int32_t hone_attention_gradient(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
int64_t hone_attention_gradient_thread_bytes(int32_t with_dropout);
int64_t hone_attention_gradient_shared_bytes(
    int64_t batch, int64_t queries, int64_t keys, int64_t heads, int64_t kv_heads, int64_t width,
    int64_t longest, int32_t with_table);

// ---- Loss ----------------------------------------------------------------------------------

/// `loss = scale · Σₙ −log softmax(x[n]·wᵀ + bias)[targets[n]]` over the targets that are not negative,
/// with `dx`, `dw` and `dbias` where they are given; without data there is no bias; each is added to what is there when `accumulate_…`.
/// Logits are bounded by a `soft_cap` above 0.
/// A target that is neither −1 nor a token is out of range.
typedef struct {
  const float *_Nonnull x;
  hone_matrix w;
  hone_weight bias;
  const int32_t *_Nonnull targets;
  const float *_Nonnull scale;
  float *_Nonnull loss;
  float *_Nullable dx;
  float *_Nullable dw;
  float *_Nullable dbias;
  int64_t rows, width, vocabulary;
  int32_t accumulate_loss, accumulate_dx, accumulate_dw, accumulate_dbias;
  float soft_cap;
  hone_workspace workspace;
} hone_token_loss_arguments;
int32_t hone_token_loss(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
/// The scratch that the loss needs: what threads share, and what each has for itself, with the gradients
/// of the hidden states and of the head's weights or bias.
int64_t hone_token_loss_shared_bytes(
    int64_t rows, int64_t width, int64_t vocabulary, int32_t with_hidden, int32_t with_weights);
int64_t hone_token_loss_thread_bytes(
    int64_t rows, int64_t width, int64_t vocabulary, hone_weight_type type, int32_t with_weights);

/// `y[n] = (argmax, rank of targets[n])` of the logits `x[n]·wᵀ + bias`; −1 twice without a target.
typedef struct {
  const float *_Nonnull x;
  hone_matrix w;
  const int32_t *_Nonnull targets;
  const float *_Nullable bias;
  float *_Nonnull y;
  int64_t rows, width, vocabulary;
  hone_workspace workspace;
} hone_token_rank_arguments;
int32_t hone_token_rank(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
/// The scratch that the ranks need: what threads share, and what each has for itself.
int64_t hone_token_rank_shared_bytes(int64_t rows, int64_t width, int64_t vocabulary);
int64_t hone_token_rank_thread_bytes(int64_t width, hone_weight_type type);

typedef enum { HONE_SQUARED_ERROR, HONE_BINARY_CROSS_ENTROPY } hone_value_function;

/// `loss = scale · Σ weights · f(predictions, values)` over the cells whose weight is not zero, with
/// the gradient of the predictions where it is given; each is added to when `accumulate_…`.
/// Shared scratch: `hone_value_loss_shared_bytes`.
typedef struct {
  hone_value_function function;
  const float *_Nonnull predictions;
  const float *_Nonnull values;
  const float *_Nonnull weights;
  const float *_Nonnull scale;
  float *_Nonnull loss;
  float *_Nullable gradient;
  int64_t count;
  int32_t accumulate_loss, accumulate_gradient;
  hone_workspace workspace;
} hone_value_loss_arguments;
int32_t hone_value_loss(hone_pool *_Nonnull pool, const void *_Nonnull arguments);
int64_t hone_value_loss_shared_bytes(int64_t count);

#if defined(__cplusplus)
}
#endif
#endif
