/* What the files of top-k share. */
#pragma once
#include "../../pipeline/groups/row-groups.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/spill/spill.h"
#include "heaps.h"

G_BEGIN_DECLS

typedef struct
{
  PlRowGroups grouping;
  GPtrArray *ranks; /* of PlTerm * */
  PlSortOrder *orders;
  guint64 k;
} PlTop;

/* A worker's candidates. */
typedef struct
{
  const PlTop *config;
  PlTopHeaps heaps;
  PlGroupTable *table;
  PlGroupLookup lookup;
  PlStore *bag;       /* (nullable): those that came from other states, in no heap */
  guint64 bag_tidied; /* rows it had when it had none too many */
  PlSpill *spill;     /* (nullable): those that are on disk */
} PlTopState;

PlTopState *pl_top_state_new (const PlTop *config);
/** pl_top_state_free: @state: (nullable). */
void pl_top_state_free (PlTopState *state);
/** pl_top_state_renew: forgets all rows in memory. */
void pl_top_state_renew (PlTopState *state);
/** pl_top_state_bag: Returns: (transfer none): the bag, which is there from now on. */
PlStore *pl_top_state_bag (PlTopState *state);

G_END_DECLS
