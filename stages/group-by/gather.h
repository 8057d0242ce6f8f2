/* Groups that come back from disk, some at a time: their keys, and the states of all calls, those of one key from
 * several runs combined. They need no table: entries of one key stand side by side. */
#pragma once
#include "../../pipeline/spill/merge.h"
#include "config.h"

G_BEGIN_DECLS

typedef struct PlGroupGather PlGroupGather;

/* The groups at hand. */
typedef struct
{
  gsize n;
  const PlText *keys;       /* comparable (keys/comparable.h) */
  const guint64 *firsts;    /* positions of their first rows, where groups go by them */
  guint8 *payloads;         /* at address 0 */
  const guint32 *addresses; /* of their states */
} PlGathered;

/** pl_group_gather_new:
 * @layout: (transfer none): to which the keys of all groups have come
 * @merge: (transfer full): entries as spill.c writes them
 * @are_placed: those of placed.c, each of a group of its own, instead */
PlGroupGather *pl_group_gather_new (const PlGroupConfig *config, const PlKeyLayout *layout, PlSpillMerge *merge,
                                    gboolean are_placed);
/** pl_group_gather_free: @gather: (nullable). */
void pl_group_gather_free (PlGroupGather *gather);
/** pl_group_gather_next: Returns: (transfer none) (nullable): the next groups, at most PL_BATCH_ROWS, until the next
 * call; none at the end; %NULL with @error. */
const PlGathered *pl_group_gather_next (PlGroupGather *gather, GError **error);
/** pl_group_gather_known: makes the results of states that are on disk value by value. A group that has some is alone.
 * To be called once for the groups at hand; what it gives is not finalised.
 * @known: (out): (nullable): per call (nullable): a column of one row in @arena
 *
 * Returns: %FALSE with @error. */
gboolean pl_group_gather_known (PlGroupGather *gather, PlColumn ***known, PlArena *arena, GError **error);
/** pl_group_known_put: appends @known to @buffer, as a placed entry has it behind the states. */
void pl_group_known_put (const PlGroupConfig *config, PlColumn *const *known, PlBuffer *buffer);
/** pl_group_gather_is_done: Returns: whether no group follows those at hand. */
gboolean pl_group_gather_is_done (const PlGroupGather *gather);
/** pl_group_gather_keys: Returns: (transfer none) (nullable): a column for each key, of @n of the groups at hand, from
 * @first on; %NULL with @error. */
PlColumn **pl_group_gather_keys (const PlGroupGather *gather, gsize first, gsize n, PlArena *arena, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlGroupGather, pl_group_gather_free)

G_END_DECLS
