/* The states of nunique and mode (tally.c), and their values on the way to disk and back. */
#pragma once
#include "held.h"
#include "values.h"

G_BEGIN_DECLS

/* PlAggregateCall.variant. */
enum
{
  PL_TALLY_NUNIQUE,
  PL_TALLY_MODE
};

typedef struct
{
  gint64 key;
  gint64 count; /* 0: free */
} PlTallyNarrow;

typedef struct
{
  PlHeld value;
  guint64 hash;
  gint64 count;
} PlTallyBroad;

typedef struct
{
  gpointer entries; /* (owned): 2^bits of narrow or broad ones; NULL when empty */
  guint32 bits;
  guint32 n; /* entries in use */
} PlTally;

/* As in PlAggregateValues; pl_tally_give() leaves a state that is only good to be cleared. */
void pl_tally_measure (const PlAggregateCall *call, const guint8 *state, PlValueTotals *totals);
gboolean pl_tally_give (const PlAggregateCall *call, PlTally *tally, PlValueSink sink, gpointer data, GError **error);
gpointer pl_tally_begin (const PlAggregateCall *call, const PlValueTotals *totals, PlArena *arena, GError **error);
void pl_tally_take (const PlAggregateCall *call, gpointer known, const PlValue *value);
void pl_tally_end (const PlAggregateCall *call, gpointer known, PlColumn *out, PlArena *arena);

G_END_DECLS
