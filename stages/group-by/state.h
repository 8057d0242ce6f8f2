/* A worker's part of a group-by: the table of its groups, whose payloads are the states of all calls. */
#pragma once
#include "config.h"
#include "../../pipeline/groups/lookup.h"
#include "../../pipeline/spill/spill.h"

G_BEGIN_DECLS

/* A group's payload in the table: the states of all calls, one after the other. */
typedef struct
{
  const PlGroupConfig *config;
  PlGroupTable *table;
  PlGroupLookup lookup;
  gsize n_groups; /* whose states are initialised */
  guint64 *first; /* position of each group's first row; only for order = appearance */
  gsize capacity; /* of first */
  /* Whether the table should be scattered is asked each time it has doubled: */
  guint64 n_rows_before;  /* rows that had been looked up then */
  gsize n_groups_before;  /* groups that there were then */
  gboolean was_scattered; /* it was scattered and will not be again */
  PlSpill *spill;         /* (nullable): groups that are on disk */
} PlGroupState;

/** pl_group_states: Returns: (transfer none): the states of one call: that of a group is at its address. */
static inline guint8 *
pl_group_states (const PlGroupState *state, const PlGroupCall *use)
{
  return (guint8 *) pl_group_table_payloads (state->table) + use->offset;
}

/** pl_group_addresses: @addresses[i] becomes the address of @groups[i] (or of group @first + i, when %NULL); they may
 * be the same array. */
void pl_group_addresses (const PlGroupState *state, const guint32 *groups, guint32 first, gsize n, guint32 *addresses);

PlGroupState *pl_group_state_new (const PlGroupConfig *config);
void pl_group_state_free (PlGroupState *state);
/** pl_group_state_renew: forgets all groups in memory; the layout that their keys have come to stays. */
void pl_group_state_renew (PlGroupState *state);
/** pl_group_state_extend: initialises the aggregates' states of groups that the table has and @state has not. */
void pl_group_state_extend (PlGroupState *state);
void pl_group_state_save (const PlGroupState *state, PlBuffer *buffer);
gboolean pl_group_state_load (PlGroupState *state, PlCursor *cursor);

G_END_DECLS
