/* How a run is stopped from outside, and by the clock.
 *
 * The first signal whose default is to end a process (SIGTERM, SIGINT, SIGQUIT, SIGUSR1 …, real-time ones), or the end
 * of `timeout`, only sets a flag that the engine looks at: the run ends as after any error, and then by that signal, so
 * that a core is left where one is wanted. The second one, or GRACE seconds, ends the process at once, from the
 * handler, with its temporaries and children. Signals that were ignored when the program started (nohup, a background
 * job) stay ignored.
 *
 * Crashes end it at once, too. The window to close there is the moment in which something temporary exists and nobody
 * knows of it, or in which outputs are put in place (pl_cleanup_hold()): a thread that crashes waits for those that are
 * in one; who is in one itself when somebody sends a signal that looks like a crash goes on, and ends behind it. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_signals_install: handles signals from now on, once. */
void pl_signals_install (void);
/** pl_signals_timeout: stops the run after so many @microseconds, 0: never. */
void pl_signals_timeout (guint64 microseconds);
/** pl_signals_flag: not 0 once the run is to stop: #PlRunOptions.cancelled. */
gint *pl_signals_flag (void);
/** pl_signals_stopped: whether it is. */
gboolean pl_signals_stopped (void);
/** pl_signals_exit_code: 128 and the signal's number; 75 for the timeout. */
int pl_signals_exit_code (void);
/** pl_signals_say: says what stopped the run. */
void pl_signals_say (void);
/** pl_signals_end: ends the process by the signal that stopped it, so that its caller sees which.
 * Returns: the exit code, for the timeout. */
int pl_signals_end (void);
/** pl_signals_guard: ends the process with a message and without leftovers on signals that mean a mistake of ours, when
 * memory cannot be had, which GLib makes the end of a process, and when foreign code calls exit(). Not for worker
 * processes: the main one must see how they died. */
void pl_signals_guard (void);

G_END_DECLS
