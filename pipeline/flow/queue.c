/* The queue of queue.h: see there why it is more than GAsyncQueue. */
#include "queue.h"

#if defined(__SANITIZE_THREAD__)
#define PL_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PL_THREAD_SANITIZER 1
#endif
#endif

#ifdef PL_THREAD_SANITIZER
void __tsan_acquire (void *address);
void __tsan_release (void *address);
void AnnotateIgnoreReadsBegin (const char *file, int line);
void AnnotateIgnoreReadsEnd (const char *file, int line);
void AnnotateIgnoreWritesBegin (const char *file, int line);
void AnnotateIgnoreWritesEnd (const char *file, int line);
#else
#define __tsan_acquire(address) ((void) (address))
#define __tsan_release(address) ((void) (address))
#endif

/* GLib allocates a link where an item is pushed and frees it where it is popped, behind a lock that the sanitizer does
 * not see. */
static inline void
enter_glib (void)
{
#ifdef PL_THREAD_SANITIZER
  AnnotateIgnoreReadsBegin (__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
#endif
}

static inline void
leave_glib (void)
{
#ifdef PL_THREAD_SANITIZER
  AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd (__FILE__, __LINE__);
#endif
}

struct PlQueue
{
  GAsyncQueue *items;
};

PlQueue *
pl_queue_new (void)
{
  PlQueue *queue = g_new (PlQueue, 1);
  queue->items = g_async_queue_new ();
  return queue;
}

void
pl_queue_free (PlQueue *queue)
{
  if (queue == NULL)
    return;
  g_async_queue_unref (queue->items);
  g_free (queue);
}

void
pl_queue_push (PlQueue *queue, gpointer item)
{
  __tsan_release (item);
  enter_glib ();
  g_async_queue_push (queue->items, item);
  leave_glib ();
}

gpointer
pl_queue_pop (PlQueue *queue)
{
  enter_glib ();
  gpointer item = g_async_queue_pop (queue->items);
  leave_glib ();
  __tsan_acquire (item);
  return item;
}

gpointer
pl_queue_pop_within (PlQueue *queue, guint64 microseconds)
{
  enter_glib ();
  gpointer item = g_async_queue_timeout_pop (queue->items, microseconds);
  leave_glib ();
  if (item != NULL)
    __tsan_acquire (item);
  return item;
}

gpointer
pl_queue_try_pop (PlQueue *queue)
{
  enter_glib ();
  gpointer item = g_async_queue_try_pop (queue->items);
  leave_glib ();
  if (item != NULL)
    __tsan_acquire (item);
  return item;
}

void
pl_bunch_flush (PlBunch *bunch)
{
  if (bunch->n == 0)
    return;
  for (guint i = 0; i < bunch->n; i++)
    __tsan_release (bunch->items[i]);
  enter_glib ();
  /* All at once: who is woken by the first finds the others, and does not sleep in between. */
  g_async_queue_lock (bunch->queue->items);
  for (guint i = 0; i < bunch->n; i++)
    g_async_queue_push_unlocked (bunch->queue->items, bunch->items[i]);
  g_async_queue_unlock (bunch->queue->items);
  leave_glib ();
  bunch->n = 0;
}

void
pl_bunch_push (PlBunch *bunch, gpointer item)
{
  bunch->items[bunch->n++] = item;
  if (bunch->n >= bunch->limit)
    pl_bunch_flush (bunch);
}

gpointer
pl_bunch_pop (PlBunch *bunch, PlQueue *from)
{
  gpointer item = pl_queue_try_pop (from);
  if (item != NULL)
    return item;
  pl_bunch_flush (bunch);
  return pl_queue_pop (from);
}
