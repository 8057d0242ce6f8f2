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
#else
#define __tsan_acquire(address) ((void) (address))
#define __tsan_release(address) ((void) (address))
#endif

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
  g_async_queue_push (queue->items, item);
}

gpointer
pl_queue_pop (PlQueue *queue)
{
  gpointer item = g_async_queue_pop (queue->items);
  __tsan_acquire (item);
  return item;
}

gpointer
pl_queue_pop_within (PlQueue *queue, guint64 microseconds)
{
  gpointer item = g_async_queue_timeout_pop (queue->items, microseconds);
  if (item != NULL)
    __tsan_acquire (item);
  return item;
}
