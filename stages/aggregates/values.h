/* What states that grow with their rows have for the disk: the values of a group, in order, one by one.
 *
 *   large states ─ give ─► values in the order of their keys ─► runs ─► merged ─ take ─► a result
 *
 * So no more than the result has to be in memory, however many rows a group has. */
#pragma once
#include "aggregate.h"

G_BEGIN_DECLS

/* A value, or several that are the same. */
typedef struct
{
  const guint8 *key; /* compares, with memcmp(), as values go; a key that is the start of another one comes first */
  gsize key_length;
  const guint8 *data; /* what is no part of the order */
  gsize data_length;
  guint64 count;
} PlValue;

/* How much there is of a state's values, or of several states'. */
typedef struct
{
  guint64 n;     /* values, where results need to know */
  guint64 bytes; /* of their data */
  guint64 size;  /* bytes in memory, about */
} PlValueTotals;

/** PlValueSink: Returns: %FALSE with @error: no more is to be given. */
typedef gboolean (*PlValueSink) (const PlValue *value, gpointer data, GError **error);

/* All of it is for one state at a time. */
typedef struct _PlAggregateValues
{
  /* The values of @state, which is one of this call's own. Both %NULL where only others' states grow. */
  void (*measure) (const PlAggregateCall *call, const guint8 *state, PlValueTotals *totals);
  /* Gives them in order, and leaves @state cleared; where @sink fails, too. */
  gboolean (*give) (const PlAggregateCall *call, guint8 *state, PlValueSink sink, gpointer data, GError **error);
  /* Returns: (transfer full) (nullable): what is known of a result before the first value, as the values of states that
   * @call reads come: its own, or those of call->owner; %NULL with @error. @arena: for the result. */
  gpointer (*begin) (const PlAggregateCall *call, const PlValueTotals *totals, PlArena *arena, GError **error);
  /* Values come in order; the same one may come again. */
  void (*take) (const PlAggregateCall *call, gpointer known, const PlValue *value);
  /* @known: (transfer full). Its result becomes row 0 of @out, a column of call->result with nulls present; @out:
   * (nullable): it is not wanted any more. */
  void (*end) (const PlAggregateCall *call, gpointer known, PlColumn *out, PlArena *arena);
} PlAggregateValues;

/** pl_value_put_int: writes @value as eight bytes that compare. */
static inline void
pl_value_put_int (gint64 value, guint8 *key)
{
  const guint64 bits = GUINT64_TO_BE ((guint64) value ^ (guint64) 1 << 63);
  memcpy (key, &bits, sizeof bits);
}

static inline gint64
pl_value_get_int (const guint8 *key)
{
  guint64 bits;
  memcpy (&bits, key, sizeof bits);
  return (gint64) (GUINT64_FROM_BE (bits) ^ (guint64) 1 << 63);
}

G_END_DECLS
