// A pool of threads that hands out the pieces of one job at a time.
//
// A job's state is one word, `ticket`: its number in the upper half, the next piece in the lower
// one. A worker takes a piece by compare-and-swap on the whole word, so a worker that wakes late
// can never take a piece of another job than the one it read.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "kernels.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SPINS = 2000 };
static const uint64_t closed = 0xFFFFFFFFu;

struct hone_pool {
  _Alignas(64) _Atomic uint64_t ticket;
  _Alignas(64) _Atomic int64_t done;
  _Alignas(64) _Atomic(hone_task) task;
  _Atomic(const void *) arguments;
  _Atomic int64_t pieces;
  _Alignas(64) _Atomic int32_t sleepers;
  _Atomic int32_t stopping;
  int32_t threads;
  pthread_mutex_t mutex;
  pthread_cond_t work;
  pthread_cond_t finished;
  pthread_mutex_t owner;
  pthread_t workers[];
};

typedef struct {
  hone_pool *pool;
  int32_t thread;
} worker_start;

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int has_work(hone_pool *pool) {
  const uint64_t next = atomic_load(&pool->ticket) & closed;
  return next != closed && (int64_t)next < atomic_load(&pool->pieces);
}

/// Takes pieces until none is left.
static void take_pieces(hone_pool *pool, int32_t thread) {
  for (;;) {
    uint64_t ticket = atomic_load(&pool->ticket);
    const hone_task task = atomic_load(&pool->task);
    const void *arguments = atomic_load(&pool->arguments);
    const int64_t pieces = atomic_load(&pool->pieces);
    const uint64_t next = ticket & closed;
    if (next == closed || (int64_t)next >= pieces) return;
    if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket + 1)) continue;
    task(arguments, (int64_t)next, thread);
    if (atomic_fetch_add(&pool->done, 1) + 1 == pieces && thread != 0) {
      pthread_mutex_lock(&pool->mutex);
      pthread_cond_signal(&pool->finished);
      pthread_mutex_unlock(&pool->mutex);
    }
  }
}

static void *work(void *argument) {
  worker_start start = *(worker_start *)argument;
  free(argument);
  hone_pool *pool = start.pool;
  while (!atomic_load(&pool->stopping)) {
    take_pieces(pool, start.thread);
    int found = 0;
    for (int spin = 0; spin < SPINS && !found; spin++) {
      pause_briefly();
      found = has_work(pool) || atomic_load(&pool->stopping);
    }
    if (found) continue;
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!has_work(pool) && !atomic_load(&pool->stopping)) {
      pthread_cond_wait(&pool->work, &pool->mutex);
    }
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
  }
  return NULL;
}

hone_pool *hone_pool_create(int32_t threads) {
  if (threads < 1) threads = 1;
  hone_pool *pool = NULL;
  const size_t bytes =
      (sizeof(hone_pool) + sizeof(pthread_t) * (size_t)(threads - 1) + 63) / 64 * 64;
  if (posix_memalign((void **)&pool, 64, bytes) != 0) return NULL;
  memset(pool, 0, bytes);
  atomic_store(&pool->ticket, closed);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_mutex_init(&pool->owner, NULL);
  pthread_cond_init(&pool->work, NULL);
  pthread_cond_init(&pool->finished, NULL);
  pool->threads = 1;
  // Signals belong to the threads of the program.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int32_t thread = 1; thread < threads; thread++) {
    worker_start *start = malloc(sizeof *start);
    if (!start) break;
    *start = (worker_start){pool, thread};
    if (pthread_create(&pool->workers[thread - 1], NULL, work, start) != 0) {
      free(start);
      break;
    }
    pool->threads++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pool;
}

void hone_pool_destroy(hone_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->stopping, 1);
  pthread_cond_broadcast(&pool->work);
  pthread_mutex_unlock(&pool->mutex);
  for (int32_t thread = 1; thread < pool->threads; thread++) {
    pthread_join(pool->workers[thread - 1], NULL);
  }
  pthread_mutex_destroy(&pool->mutex);
  pthread_mutex_destroy(&pool->owner);
  pthread_cond_destroy(&pool->work);
  pthread_cond_destroy(&pool->finished);
  free(pool);
}

int32_t hone_pool_threads(const hone_pool *pool) { return pool->threads; }
void hone_pool_lock(hone_pool *pool) { pthread_mutex_lock(&pool->owner); }
void hone_pool_unlock(hone_pool *pool) { pthread_mutex_unlock(&pool->owner); }

void hone_pool_run(hone_pool *pool, hone_task task, const void *arguments, int64_t pieces) {
  if (pool->threads == 1 || pieces <= 1 || pieces >= (int64_t)closed) {
    for (int64_t piece = 0; piece < pieces; piece++) task(arguments, piece, 0);
    return;
  }
  // The ticket is closed here; what a job consists of changes only while it is.
  const uint64_t number = (atomic_load(&pool->ticket) >> 32) + 1;
  atomic_store(&pool->task, task);
  atomic_store(&pool->arguments, arguments);
  atomic_store(&pool->pieces, pieces);
  atomic_store(&pool->done, 0);
  atomic_store(&pool->ticket, number << 32);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
  }
  take_pieces(pool, 0);
  for (int spin = 0; spin < SPINS && atomic_load(&pool->done) < pieces; spin++) pause_briefly();
  if (atomic_load(&pool->done) < pieces) {
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->done) < pieces) {
      pthread_cond_wait(&pool->finished, &pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
  }
  atomic_store(&pool->ticket, number << 32 | closed);
}

int32_t hone_processor_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : (int32_t)online;
}

double hone_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
