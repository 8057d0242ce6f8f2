/* Hand-over of pointers between threads: a GAsyncQueue that ThreadSanitizer understands.
 *
 * GLib is not instrumented, so the sanitizer does not see that what was written before a push happened before what
 * is read after the pop. Every pointer goes through these two functions, which say so in sanitized builds and are
 * nothing else in normal ones. The bound is not here: a run owns a fixed number of blocks, so no queue can hold
 * more. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct PlQueue PlQueue;

PlQueue *pl_queue_new (void);
/** pl_queue_free: @queue: (nullable): items still inside are the caller's. */
void pl_queue_free (PlQueue *queue);
/** pl_queue_push: any thread; @item is not %NULL and belongs to who pops it. */
void pl_queue_push (PlQueue *queue, gpointer item);
/** pl_queue_pop: any thread; waits for an item. Items come out in the order they went in. */
gpointer pl_queue_pop (PlQueue *queue);
/** pl_queue_pop_within: waits at most @microseconds. Returns: (nullable): %NULL when nothing came. */
gpointer pl_queue_pop_within (PlQueue *queue, guint64 microseconds);

/** pl_queue_try_pop: never waits. Returns: (nullable): %NULL when there is no item. */
gpointer pl_queue_try_pop (PlQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlQueue, pl_queue_free)

#define PL_BUNCH_MAX 8

/* One thread's items on their way into a queue, pushed some at a time: waking who waits for them costs as much as
 * reading some hundred rows. None is kept back while its thread waits, so nobody waits for them for ever. */
typedef struct
{
  PlQueue *queue;
  guint limit; /* 1 to PL_BUNCH_MAX */
  guint n;
  gpointer items[PL_BUNCH_MAX];
} PlBunch;

/** pl_bunch_push: one thread only; @item goes into the queue now or later. */
void pl_bunch_push (PlBunch *bunch, gpointer item);
/** pl_bunch_flush: all items into the queue; before the thread waits for anything else than pl_bunch_pop() does. */
void pl_bunch_flush (PlBunch *bunch);
/** pl_bunch_pop: an item of @from; the bunch is flushed before it waits. */
gpointer pl_bunch_pop (PlBunch *bunch, PlQueue *from);

G_END_DECLS
