/* Values that a state keeps: any type in 16 bytes, and an order on them.
 *
 * Narrow types (bool, int, float, date, timestamp) are kept as an order-preserving integer, their key: -0.0 before 0.0,
 * every NaN the same and after all numbers, so that which of two equal-looking values is kept never depends on order of
 * arrival. */
#pragma once
#include <math.h>
#include <string.h>

#include "../../pipeline/table/column.h"
#include "../../pipeline/base/buffer.h"
#include "../../pipeline/table/batch.h"

G_BEGIN_DECLS

typedef union
{
  gint64 key;
  PlLooseInt128 decimal;
  struct
  {
    char *data;
    guint32 length;
    guint32 capacity;
  } text; /* data is owned */
} PlHeld;

static inline gboolean
pl_type_is_narrow (PlType type)
{
  return type.kind != PL_STRING && type.kind != PL_DECIMAL;
}

static inline gint64
pl_key_of_float (double value)
{
  gint64 bits;
  memcpy (&bits, &value, sizeof bits);
  bits = isnan (value) ? G_GINT64_CONSTANT (0x7ff8000000000000) : bits;
  return bits ^ ((bits >> 63) & G_MAXINT64);
}

static inline double
pl_float_of_key (gint64 key)
{
  double value;
  gint64 bits = key ^ ((key >> 63) & G_MAXINT64);
  memcpy (&value, &bits, sizeof value);
  return value;
}

static inline gint64
pl_key_at (const PlColumn *column, gsize row)
{
  switch (column->type.kind)
    {
    case PL_BOOL:
      return column->bools[row];
    case PL_DATE:
      return column->dates[row];
    case PL_FLOAT:
      return pl_key_of_float (column->floats[row]);
    default:
      return column->ints[row];
    }
}

/** PL_EACH_KEY: PL_EACH_VALUE() over a column of narrow type, with `key` at hand: one loop a type. */
#define PL_EACH_KEY(State, column, ...)                                                                                \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    const PlColumn *each_column = (column);                                                                            \
    switch (each_column->type.kind)                                                                                    \
      {                                                                                                                \
      case PL_BOOL:                                                                                                    \
        PL_EACH_VALUE (State, each_column->nulls, const gint64 key = each_column->bools[row]; __VA_ARGS__);            \
        break;                                                                                                         \
      case PL_DATE:                                                                                                    \
        PL_EACH_VALUE (State, each_column->nulls, const gint64 key = each_column->dates[row]; __VA_ARGS__);            \
        break;                                                                                                         \
      case PL_FLOAT:                                                                                                   \
        PL_EACH_VALUE (State, each_column->nulls, const gint64 key = pl_key_of_float (each_column->floats[row]);       \
                       __VA_ARGS__);                                                                                   \
        break;                                                                                                         \
      default:                                                                                                         \
        PL_EACH_VALUE (State, each_column->nulls, const gint64 key = each_column->ints[row]; __VA_ARGS__);             \
        break;                                                                                                         \
      }                                                                                                                \
  }                                                                                                                    \
  G_STMT_END

/** pl_key_put: writes the value that @key stands for. */
void pl_key_put (gint64 key, PlColumn *out, gsize row);
/** pl_held_compare: @held against row @row of @column, both of one type. */
int pl_held_compare (const PlHeld *held, const PlColumn *column, gsize row);
int pl_held_compare_held (PlType type, const PlHeld *a, const PlHeld *b);
/** pl_held_set: @held (all zero, or set before) becomes a copy of row @row. */
void pl_held_set (PlHeld *held, const PlColumn *column, gsize row);
void pl_held_clear (PlType type, PlHeld *held);
/** pl_held_put: writes @held; texts are copied into @arena. */
void pl_held_put (const PlHeld *held, PlColumn *out, gsize row, PlArena *arena);
/** pl_held_put_nothing: gives a null row a readable value. */
void pl_held_put_nothing (PlColumn *out, gsize row);
void pl_held_save (PlType type, const PlHeld *held, PlBuffer *buffer);
/** pl_held_load: @held is all zero. */
gboolean pl_held_load (PlType type, PlHeld *held, PlCursor *cursor);

G_END_DECLS
