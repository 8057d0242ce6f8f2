/* The secret of the hash tables that hold what data says: without it nobody can choose keys that all meet in one place.
 *
 * Nothing that is written may depend on it. It is the process's own: tables of other processes are hashed anew when
 * they are read. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Random from the start of the process on. Const while a run lasts. */
extern guint64 pl_hash_seed;

/** pl_hash_seed_set: [run] seed, to find out whether something depends on it after all. Before the first state. */
void pl_hash_seed_set (guint64 seed);
/** pl_name_hash: g_str_hash() with a secret that never changes, for a #GHashTable. */
guint pl_name_hash (gconstpointer name);

G_END_DECLS
