/* Puts the tables of several workers together, on all workers, without moving a key or a state.
 *
 *   source 0  slots, nearly by hash ─┐   a part is a range of hashes: its slots of all sources are merged like sorted lists;
 *   source 1  slots, nearly by hash ─┴─► neighbours of the same hash and key are one group, which the first source owns
 */
#pragma once
#include "../pipeline/base/parallel.h"
#include "group-table.h"

G_BEGIN_DECLS

/* Groups @from[0 .. n) of source @source have the keys of groups @into[0 .. n) of source @owner, which is the one that stays. Called for
 * different groups at once. */
typedef void (*PlGroupMet) (guint owner, guint source, const guint32 *into, const guint32 *from, gsize n,
                            gpointer data);

/** pl_group_merge:
 * @n_groups: (out): how many distinct keys there are
 *
 * Returns: every key's group as source << 32 | group, ordered by hash, then key: the same for every spread of the
 * keys over sources; for pl_big_free() with @n_groups * 8 bytes. */
guint64 *pl_group_merge (PlGroupTable *const *sources, guint n_sources, PlGroupMet met, gpointer data,
                         PlParallel *parallel, guint64 *n_groups);

G_END_DECLS
