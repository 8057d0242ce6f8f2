/* One load and one branch a row, where hashing costs two multiplications and two dependent misses. */
#include "direct.h"
#include "../memory/big-array.h"
#include "table.h"

#define RANGE_MIN ((guint64) 1 << 20) /* values that are always worth it: untouched parts of the index cost nothing */
#define RANGE_MAX ((guint64) 1 << 24) /* 64 MiB of index */
#define RANGE_PER_GROUP 16

void
pl_group_direct_init (PlGroupDirect *direct, const PlKeyLayout *layout)
{
  *direct = (PlGroupDirect){0};
  if (layout->n_fields != 1)
    return;
  const PlTypeKind kind = (PlTypeKind) layout->fields[0].type.kind;
  direct->enabled = kind == PL_INT || kind == PL_DATE;
}

void
pl_group_direct_clear (PlGroupDirect *direct)
{
  pl_big_free (g_steal_pointer (&direct->groups), direct->n * sizeof *direct->groups);
  direct->n = 0;
  direct->enabled = FALSE;
}

static inline gint64
value_of (const PlColumn *column, gsize row, gboolean dates)
{
  return dates ? column->dates[row] : column->ints[row];
}

/* @dates and @nulls are constants where this is inlined. The difference is taken without sign: what is below @base is
 * far above. */
static inline gsize
find (const PlGroupDirect *direct, const PlColumn *column, gsize n, guint32 *groups, guint32 *missed, gboolean dates,
      const guint8 *nulls)
{
  const guint64 base = (guint64) direct->base;
  gsize n_missed = 0;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 index = (guint64) value_of (column, i, dates) - base;
      guint32 group = 0;
      if (G_LIKELY (index < direct->n) && (nulls == NULL || !nulls[i]))
        group = direct->groups[index];
      groups[i] = group - 1;
      missed[n_missed] = (guint32) i;
      n_missed += group == 0;
    }
  return n_missed;
}

gsize
pl_group_direct_find (const PlGroupDirect *direct, const PlColumn *column, gsize n, guint32 *groups, guint32 *missed)
{
  if (column->type.kind == PL_DATE)
    return find (direct, column, n, groups, missed, TRUE, column->nulls);
  if (column->nulls == NULL)
    return find (direct, column, n, groups, missed, FALSE, NULL);
  return find (direct, column, n, groups, missed, FALSE, column->nulls);
}

/* Makes room for the values of @column beside those there are. Returns: %FALSE when the range is too wide. */
static gboolean
widen (PlGroupDirect *direct, const PlColumn *column, gsize n, gsize n_groups)
{
  const gboolean dates = column->type.kind == PL_DATE;
  gint64 low = G_MAXINT64, high = G_MININT64;
  if (direct->n > 0)
    {
      low = direct->base;
      high = direct->base + (gint64) (direct->n - 1);
    }
  const gint64 old_low = low, old_high = high;
  for (gsize i = 0; i < n; i++)
    if (column->nulls == NULL || !column->nulls[i])
      {
        low = MIN (low, value_of (column, i, dates));
        high = MAX (high, value_of (column, i, dates));
      }
  if (low > high || (low == old_low && high == old_high))
    return TRUE;
  /* Ends of the type's range are never near enough to anything for these sums to matter. */
  guint64 range = (guint64) high - (guint64) low;
  if (range >= MIN (RANGE_MAX, MAX (RANGE_MIN, n_groups * RANGE_PER_GROUP)))
    return FALSE;
  /* Room towards the side that grew, so that rising values do not cost a copy each. */
  const gint64 slack = (gint64) (range / 2 + 64);
  if (low < old_low && direct->n > 0 && low > G_MININT64 + slack)
    low -= slack;
  if (high > old_high && high < G_MAXINT64 - slack)
    high += slack;
  range = (guint64) high - (guint64) low;
  const gsize n_values = (gsize) range + 1;
  guint32 *groups = pl_big_new0 (n_values * sizeof *groups);
  if (direct->n > 0)
    memcpy (groups + ((guint64) direct->base - (guint64) low), direct->groups, direct->n * sizeof *groups);
  pl_big_free (direct->groups, direct->n * sizeof *groups);
  direct->groups = groups;
  direct->base = low;
  direct->n = n_values;
  return TRUE;
}

void
pl_group_direct_learn (PlGroupDirect *direct, const PlColumn *column, gsize n, const guint32 *groups, gsize n_groups)
{
  const gboolean dates = column->type.kind == PL_DATE;
  if (!widen (direct, column, n, n_groups))
    {
      pl_group_direct_clear (direct);
      return;
    }
  for (gsize i = 0; i < n; i++)
    if (column->nulls == NULL || !column->nulls[i])
      direct->groups[(guint64) value_of (column, i, dates) - (guint64) direct->base] = groups[i] + 1;
}

void
pl_group_direct_look_up (PlGroupDirect *direct, PlGroupTable *table, const PlColumn *key, gsize n, guint32 *groups,
                         PlArena *arena)
{
  guint32 *missed = pl_arena_new_array (arena, guint32, n), *found;
  const gsize n_missed = pl_group_direct_find (direct, key, n, groups, missed);
  PlColumn *rest = pl_group_table_find_rest (table, key, missed, n_missed, groups, &found, arena);
  if (rest != NULL)
    pl_group_direct_learn (direct, rest, n_missed, found, table->n_groups);
}
