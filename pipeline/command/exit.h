/* Who may end this process: main() by returning, and our own handlers. A plugin (or a library) that calls exit() in the
 * main process would otherwise make a run look as if it had gone well.
 *
 * exit() and quick_exit() run their handlers; _exit() and _Exit() run ours, because the program's definitions come
 * before the C library's for whatever is loaded. What remains is a system call made by hand (syscall (SYS_exit_group,
 * 0)), which nothing in a process can see. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PL_EXIT_MESSAGE                                                                                                \
  "the program was ended by code that is not its own (a plugin or library called exit); nothing was published"

/** pl_exit_guard: @ending is called when the process is to end before pl_exit_allow(), and does not return. Once; not
 * for worker processes. */
void pl_exit_guard (void (*ending) (void));
/** pl_exit_allow: from now on the process may end. */
void pl_exit_allow (void);
/** pl_exit_at_once: ends the process without another word. For handlers. */
G_NORETURN void pl_exit_at_once (int code);

G_END_DECLS
