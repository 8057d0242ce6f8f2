/* Chunks of a run that are in memory: the last ones that somebody read, because who reads a piece of the order ends in
 * the chunk in which the next piece begins. */
#pragma once
#include "spill.h"
#include <pthread.h>

G_BEGIN_DECLS

#define PL_SPILL_CACHED 3

/* A chunk, const. */
typedef struct
{
  guint refs; /* of the cache, and of readers */
  guint index;
  const guint8 *bytes;
  gsize length;
  PlBuffer buffer;
} PlSpillLoaded;

typedef struct
{
  const PlSpillRun *run;
  pthread_mutex_t lock;
  PlSpillLoaded *loaded[PL_SPILL_CACHED]; /* the one that is replaced next first */
} PlSpillCache;

void pl_spill_cache_init (PlSpillCache *cache, const PlSpillRun *run);
void pl_spill_cache_clear (PlSpillCache *cache);
/** pl_spill_cache_get: Returns: (transfer full) (nullable): chunk @index of the run; %NULL with @error. Any thread. */
PlSpillLoaded *pl_spill_cache_get (PlSpillCache *cache, guint index, GError **error);
/** pl_spill_cache_let_go: @loaded: (transfer full). */
void pl_spill_cache_let_go (PlSpillCache *cache, PlSpillLoaded *loaded);

G_END_DECLS
