/* Hand-over of pointers between threads: a GAsyncQueue that ThreadSanitizer understands.
 *
 * GLib is not instrumented, so the sanitizer does not see that what was written before a push happened before what
 * is read after the pop. Every pointer goes through these two functions, which say so in sanitized builds and are nothing
 * else in normal ones. The bound is not here: a run owns a fixed number of blocks, so no queue can hold more. */
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlQueue, pl_queue_free)

G_END_DECLS
