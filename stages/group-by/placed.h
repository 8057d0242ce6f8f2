/* Groups that have met by key, on disk once more: in the order of their first rows, or of their hashes.
 *
 *   runs by key, merged ─► groups ─► their places ─► runs by place, of [length of the key | key | states of all calls |
 * results that are known]
 *
 * They are finalised when they are read from there, as others are: so it is the same group that fails first. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/spill/merge.h"
#include "config.h"

G_BEGIN_DECLS

/* Bytes of entries from which one task makes groups. */
#define PL_GROUP_TASK_BYTES ((guint64) 64 << 20)

/** pl_group_order_by_place:
 * @by_key: entries as spill.c writes them, in pieces of whole keys
 * @layout: to which all keys have come
 *
 * Returns: (transfer full) (nullable): an entry a group, in the order of the output; %NULL with @error. */
PlSpillOrder *pl_group_order_by_place (const PlGroupConfig *config, const PlKeyLayout *layout,
                                       const PlSpillOrder *by_key, PlParallel *parallel, GError **error);

G_END_DECLS
