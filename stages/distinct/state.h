/* What the files of distinct share. */
#pragma once
#include "../../pipeline/groups/row-groups.h"
#include "../../pipeline/spill/spill.h"

G_BEGIN_DECLS

typedef struct
{
  PlRowGroups grouping;
  gboolean last; /* whether the last of the rows that are the same is kept, not the first */
} PlDistinct;

/* A worker's rows. */
typedef struct
{
  const PlDistinct *config;
  PlGroupTable *table;
  PlGroupLookup lookup;
  PlStore *store;
  guint64 *rows; /* per group: its row in the store */
  gsize capacity;
  PlSpill *spill; /* (nullable): rows that are on disk */
} PlDistinctState;

PlDistinctState *pl_distinct_state_new (const PlDistinct *config);
/** pl_distinct_state_free: @state: (nullable). */
void pl_distinct_state_free (PlDistinctState *state);
/** pl_distinct_state_renew: forgets all rows in memory. */
void pl_distinct_state_renew (PlDistinctState *state);

G_END_DECLS
