/* See cache.h. */
#include "cache.h"
#include "../base/lease.h"

void
pl_spill_cache_init (PlSpillCache *cache, const PlSpillRun *run)
{
  *cache = (PlSpillCache){.run = run};
  pthread_mutex_init (&cache->lock, NULL);
}

/* With the lock. */
static void
unref (PlSpillLoaded *loaded)
{
  if (loaded == NULL || --loaded->refs > 0)
    return;
  pl_lease_give (loaded->buffer.capacity);
  pl_buffer_clear (&loaded->buffer);
  g_free (loaded);
}

void
pl_spill_cache_clear (PlSpillCache *cache)
{
  for (guint i = 0; i < PL_SPILL_CACHED; i++)
    unref (cache->loaded[i]);
  pthread_mutex_destroy (&cache->lock);
}

/* With the lock. Returns: (transfer full) (nullable): chunk @index, if it is there. */
static PlSpillLoaded *
look (PlSpillCache *cache, guint index)
{
  for (guint i = 0; i < PL_SPILL_CACHED; i++)
    if (cache->loaded[i] != NULL && cache->loaded[i]->index == index)
      {
        cache->loaded[i]->refs++;
        return cache->loaded[i];
      }
  return NULL;
}

static PlSpillLoaded *
load (const PlSpillCache *cache, guint index, GError **error)
{
  const PlSpillChunk *chunk = &g_array_index (cache->run->chunks, PlSpillChunk, index);
  PlSpillLoaded *loaded = g_new0 (PlSpillLoaded, 1);
  *loaded = (PlSpillLoaded){.refs = 1, .index = index, .length = chunk->length};
  loaded->bytes = pl_spill_read (cache->run->spill, chunk, &loaded->buffer, error);
  if (index + 1 < cache->run->chunks->len)
    pl_spill_expect (cache->run->spill, chunk + 1);
  pl_lease_take (loaded->buffer.capacity);
  if (loaded->bytes != NULL)
    return loaded;
  unref (loaded);
  return NULL;
}

PlSpillLoaded *
pl_spill_cache_get (PlSpillCache *cache, guint index, GError **error)
{
  pthread_mutex_lock (&cache->lock);
  PlSpillLoaded *loaded = look (cache, index);
  pthread_mutex_unlock (&cache->lock);
  if (loaded != NULL || (loaded = load (cache, index, error)) == NULL)
    return loaded;
  /* Another one may have done the same meanwhile: then there are two for a while. */
  pthread_mutex_lock (&cache->lock);
  loaded->refs++;
  unref (cache->loaded[0]);
  for (guint i = 1; i < PL_SPILL_CACHED; i++)
    cache->loaded[i - 1] = cache->loaded[i];
  cache->loaded[PL_SPILL_CACHED - 1] = loaded;
  pthread_mutex_unlock (&cache->lock);
  return loaded;
}

void
pl_spill_cache_let_go (PlSpillCache *cache, PlSpillLoaded *loaded)
{
  pthread_mutex_lock (&cache->lock);
  unref (loaded);
  pthread_mutex_unlock (&cache->lock);
}
