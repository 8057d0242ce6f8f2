/* Puts the tables of several workers together, on all workers, without moving a key or a state.
 *
 *   source 0  slots, nearly by hash ─┐   a part is a range of hashes: its slots of all sources are merged like
 *                                    │   sorted lists; neighbours of the same hash and key are one group, which the
 *   source 1  slots, nearly by hash ─┴─► first source owns
 */
#pragma once
#include "../base/parallel.h"
#include "slots.h"

G_BEGIN_DECLS

/* Groups @from[0 .. n) of source @source have the keys of groups @into[0 .. n) of source @owner, which is the one that
 * stays. Called for different groups at once. */
typedef void (*PlGroupMet) (guint owner, guint source, const guint32 *into, const guint32 *from, gsize n,
                            gpointer data);

/* Every key's group, as source << 32 | group, in pieces of one array, each put where there was room when it was
 * ready. */
typedef struct
{
  guint64 n;
  guint n_pieces;
  guint64 *starts;  /* per piece: how many ids are before it; and @n */
  guint64 *offsets; /* per piece: where it is in @all */
  guint64 *all;
  gsize bytes; /* of @all */
} PlGroupIds;

/** pl_group_merge:
 * @ids: (out): ordered by hash, then key: the same for every spread of the keys over sources */
void pl_group_merge (PlGroupTable *const *sources, guint n_sources, PlGroupMet met, gpointer data, PlParallel *parallel,
                     PlGroupIds *ids);
/** pl_group_ids_get: copies @ids[first .. first + n). */
void pl_group_ids_get (const PlGroupIds *ids, guint64 first, gsize n, guint64 *to);
/** pl_group_ids_join: makes one piece of all. Returns: (transfer none): room for the same ids, in another order. */
guint64 *pl_group_ids_join (PlGroupIds *ids);
void pl_group_ids_clear (PlGroupIds *ids);

G_END_DECLS
