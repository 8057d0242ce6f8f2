/* What to say when there is no memory: whose limit it was. It is a limit of the machine or of who started us, not a
 * mistake of ours: exit code 75.
 *
 * Nothing here allocates. */
#pragma once
#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/** pl_no_memory: ends the process, as GLib does, because @bytes cannot be had. */
G_NORETURN void pl_no_memory (gsize bytes);
/** pl_memory_explain: @message: what GLib, or pl_no_memory(), says when it ends the process.
 * Returns: %FALSE when it is not about memory. */
gboolean pl_memory_explain (const char *message, char *text, gsize room);
/** pl_memory_limit: @root: what stands in front of /proc and /sys, "" for the machine's own; @wanted: bytes that were
 * asked for, 0: not known. Writes which limit such a request, by this process, meets: "RLIMIT_AS (ulimit -v) allows a
 * process 100 MiB". */
void pl_memory_limit (const char *root, guint64 wanted, char *text, gsize room);
/** pl_memory_room: @root: as above. Returns: bytes this process may have at most: the least of what the machine has, of
 * the limits of our cgroup and of those it is in, of RLIMIT_AS and RLIMIT_DATA, and of what Slurm has allotted
 * (SLURM_MEM_PER_NODE, or SLURM_MEM_PER_CPU for each of SLURM_CPUS_ON_NODE). */
guint64 pl_memory_room (const char *root);
/** pl_memory_kills: @root: as above. Returns: how many processes of our cgroup (where there are none, of the machine)
 * the kernel has killed for lack of memory. */
guint64 pl_memory_kills (const char *root);
/** pl_memory_resident: what process @pid has in memory, as the system counts it (shared pages in each process that uses
 * them). @now: (out): bytes now (VmRSS); @most: (out): the most since it runs its program (VmHWM). Both are 0 when it
 * is gone. */
void pl_memory_resident (pid_t pid, guint64 *now, guint64 *most);
/** pl_memory_trim: gives back to the system what has been freed and the C library keeps: pieces that are small, which
 * lie between others. It takes a look at each free piece: for when much has been freed. */
void pl_memory_trim (void);

G_END_DECLS
