/* What the files of group-by share: the configuration, a worker's state, and the way from states to rows.
 *
 *   consume   batch ─► arguments, keys ─► group numbers ─► update() of every aggregate         (state.c)
 *   finish    states ─► merged in place ─► order ─► rows, read lazily                           (merged.c)
 */
#pragma once
#include "../aggregates/aggregate.h"
#include "../clause.h"
#include "../../pipeline/groups/lookup.h"

G_BEGIN_DECLS

typedef enum
{
  PL_GROUPS_BY_KEY,
  PL_GROUPS_BY_APPEARANCE,
  PL_GROUPS_BY_HASH
} PlGroupOrder;

/* An aggregate call of the job: columns in, one column out. */
typedef struct
{
  PlAggregateCall *call;
  guint args[4]; /* indices into config->args */
  gint filter;   /* index into config->filters, or -1 */
  gsize offset;  /* bytes: of the state that it reads in a group's payload */
} PlGroupCall;

typedef struct
{
  PlSchema *input;
  GPtrArray *keys; /* of PlTerm * */
  PlKeyLayout *layout;
  GPtrArray *lifted;        /* of PlLiftedCall *: owns the expressions of the next two */
  GPtrArray *args;          /* (unowned) of PlExpression *: what the calls read, each once */
  GPtrArray *filters;       /* (unowned) of PlExpression * */
  GArray *calls;            /* of PlGroupCall */
  GArray *owners;           /* (unowned) of PlGroupCall: those of them that have states of their own */
  guint n_joined;           /* of the owners, from the first on: those that update_joined() takes; 0: none */
  gboolean reads_positions; /* some call does */
  gsize n_payload;          /* words of a group's states */
  PlSchema *inner;          /* keys, then "#0", "#1" …: what outputs read */
  GPtrArray *outputs;       /* of PlExpression * over inner: the columns behind the keys */
  PlExpression *having;     /* (nullable), over shown */
  PlSchema *shown;          /* what having reads: the output, then "#0", "#1" … */
  PlSchema *output;
  PlGroupOrder order;
} PlGroupConfig;

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
  guint64 n_rows_before; /* rows that had been looked up then */
  gsize n_groups_before; /* groups that there were then */
  gboolean has_settled;  /* it was scattered and will not be again */
} PlGroupState;

/** pl_group_states: Returns: (transfer none): the states of one call: that of a group is at its place. */
static inline guint8 *
pl_group_states (const PlGroupState *state, const PlGroupCall *use)
{
  return (guint8 *) pl_group_table_payloads (state->table) + use->offset;
}

/** pl_group_places: @places[i] becomes the place of @groups[i] (or of group @first + i, when %NULL); they may be the same array. */
void pl_group_places (const PlGroupState *state, const guint32 *groups, guint32 first, gsize n, guint32 *places);

PlGroupState *pl_group_state_new (const PlGroupConfig *config);
void pl_group_state_free (PlGroupState *state);
/** pl_group_state_extend: initialises the aggregates' states of groups that the table has and @state has not. */
void pl_group_state_extend (PlGroupState *state);
gboolean pl_group_state_consume (PlGroupState *state, PlBatch *batch, GError **error);
void pl_group_state_save (const PlGroupState *state, PlBuffer *buffer);
gboolean pl_group_state_load (PlGroupState *state, PlCursor *cursor);
/** pl_group_state_absorb: combines @from into @into and leaves it cleared. Returns: %FALSE when there are too many groups; nothing has changed then. */
gboolean pl_group_state_absorb (PlGroupState *into, PlGroupState *from);

/** pl_group_state_settle: makes @state one whose table is not scattered. */
void pl_group_state_settle (PlGroupState *state);

/** pl_group_finish: @states (transfer full): Returns: the rows, or %NULL with @error. */
PlRows *pl_group_finish (const PlGroupConfig *config, PlGroupState **states, guint n_states, PlParallel *parallel,
                         GError **error);

G_END_DECLS
