/* Threads that can tell of their end: each has a stack of its own for signal handlers, so that one that has used up its
 * stack is cleared up behind, too. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_thread_new: as g_thread_new(). */
GThread *pl_thread_new (const char *name, GThreadFunc function, gpointer data);
/** pl_thread_alternate_stack: the same for the thread that calls, which is the first one. */
void pl_thread_alternate_stack (void);

G_END_DECLS
