/* What must not outlive this process: temporary files, folders made for outputs, and child processes, known at every
 * moment to who must end it at once.
 *
 * A run that ends in the usual way removes them itself. When there is no time for that (a second signal, a crash), a
 * signal handler calls pl_cleanup_now(), which takes no lock and allocates nothing. kill -9 reaches neither: the next
 * run clears up. */
#pragma once
#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct PlCleanup PlCleanup;

/** pl_cleanup_file: @folder: a descriptor that stays open as long as the note, so that nobody can put another folder in
 * its place.
 * Returns: (transfer full): a note that @name in @folder is to be unlinked; taken back by pl_cleanup_forget(). Any
 * thread. */
PlCleanup *pl_cleanup_file (int folder, const char *name);
/** pl_cleanup_folder: the same for a folder that was made, and is to go if it is empty by then. */
PlCleanup *pl_cleanup_folder (int folder, const char *name);
/** pl_cleanup_spell: @name, of the same length, is what the file is called after all: so that a note can be made before
 * a file with a random name. Never fails. */
void pl_cleanup_spell (PlCleanup *note, const char *name);
/** pl_cleanup_process: the same for a child, which is to be killed; with a negative number its process group. Forget it
 * once it has been waited for, lest its number be another's. */
PlCleanup *pl_cleanup_process (pid_t pid);
/** pl_cleanup_forget: @note: (nullable) (transfer full) */
void pl_cleanup_forget (PlCleanup *note);

/** pl_cleanup_hold: from here to pl_cleanup_release() the process must not be ended: pl_cleanup_now() refuses. Any
 * thread, for moments only. Once pl_cleanup_now() has begun it does not return: nothing may begin any more. */
void pl_cleanup_hold (void);
/** pl_cleanup_release: when pl_cleanup_now() was refused meanwhile, what pl_cleanup_on_release() was given is
 * called. */
void pl_cleanup_release (void);
/** pl_cleanup_on_release: @ending: ends the process, as it was to be ended */
void pl_cleanup_on_release (void (*ending) (void));

/** pl_cleanup_now: unlinks the files, then the folders, and kills the processes; the caller then ends the process. For
 * signal handlers. While another thread is at it, it does not return. Returns: %FALSE when held. */
gboolean pl_cleanup_now (void);
/** pl_cleanup_crashed: the same for a thread that cannot go on: it waits some seconds for others that hold.
 * Returns: %FALSE when it holds itself, or others do not let go. */
gboolean pl_cleanup_crashed (void);

G_END_DECLS
