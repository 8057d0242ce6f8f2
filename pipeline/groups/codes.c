/* See the header. Two texts take one pass each over the records, where encoding both, hashing and comparing takes five
 * over rows of words. */
#include "codes.h"
#include "../memory/big-array.h"
#include "text-find.h"
#include "table.h"

/* Whether values of @kind are distances from the least. */
static gboolean
is_whole (PlTypeKind kind)
{
  return kind == PL_INT || kind == PL_DATE || kind == PL_BOOL;
}

void
pl_group_codes_init (PlGroupCodes *codes, const PlKeyLayout *layout)
{
  *codes = (PlGroupCodes){.enabled = layout->n_fields > 1};
  for (guint k = 0; k < layout->n_fields; k++)
    codes->enabled &= layout->fields[k].type.kind == PL_STRING || is_whole ((PlTypeKind) layout->fields[k].type.kind);
  if (!codes->enabled)
    return;
  codes->n_keys = layout->n_fields;
  codes->keys = g_new0 (PlGroupCodedKey, layout->n_fields);
  for (guint k = 0; k < layout->n_fields; k++)
    {
      PlGroupCodedKey *key = &codes->keys[k];
      key->kind = (PlTypeKind) layout->fields[k].type.kind;
      if (key->kind != PL_STRING)
        continue;
      PlKeyLayout *own = pl_key_layout_new (&layout->fields[k].type, 1);
      key->texts = pl_group_table_new (own, 0);
      pl_key_layout_free (own);
    }
  codes->groups = pl_big_new0 (sizeof *codes->groups);
}

void
pl_group_codes_clear (PlGroupCodes *codes)
{
  for (guint k = 0; k < codes->n_keys; k++)
    {
      pl_group_text_clear (&codes->keys[k].index);
      pl_group_table_free (codes->keys[k].texts);
    }
  g_free (codes->keys);
  pl_big_free (codes->groups, sizeof *codes->groups << codes->bits);
  *codes = (PlGroupCodes){0};
}

/* ---- room ---- */

static guint
bits_for (guint64 n_codes)
{
  return n_codes <= 1 ? 0 : 64 - (guint) __builtin_clzll (n_codes - 1);
}

/* Gives key @k @bits bits, and raises its codes but 0 by @rise. Returns: %FALSE when there is no room for so many. */
static gboolean
make_room (PlGroupCodes *codes, guint k, guint bits, guint64 rise)
{
  const guint more = bits - codes->keys[k].bits, shift = codes->keys[k].shift;
  if (codes->bits + more > PL_GROUP_CODE_BITS)
    return FALSE;
  const guint32 code_mask = ((guint32) 1 << codes->keys[k].bits) - 1, low_mask = ((guint32) 1 << shift) - 1;
  guint32 *groups = pl_big_new0 (sizeof *groups << (codes->bits + more));
  for (guint32 index = 0; index < (guint32) 1 << codes->bits; index++)
    if (codes->groups[index] != 0)
      {
        const guint32 code = index >> shift & code_mask;
        const guint32 high = (index & ~low_mask & ~(code_mask << shift)) << more;
        groups[high | (code != 0 ? code + (guint32) rise : 0) << shift | (index & low_mask)] = codes->groups[index];
      }
  pl_big_free (codes->groups, sizeof *codes->groups << codes->bits);
  codes->groups = groups;
  codes->bits += more;
  codes->keys[k].bits = bits;
  for (guint later = k + 1; later < codes->n_keys; later++)
    codes->keys[later].shift += more;
  return TRUE;
}

/* ---- texts ---- */

static void
add_values (guint32 *restrict indices, const guint32 *restrict values, gsize n, guint shift)
{
  for (gsize i = 0; i < n; i++)
    indices[i] |= values[i] << shift;
}

/* Returns: %FALSE when these texts are no keys of few values. */
static gboolean
add_texts (PlGroupCodes *codes, guint k, const PlColumn *column, gsize n, guint32 *indices, PlArena *arena)
{
  PlGroupCodedKey *key = &codes->keys[k];
  PlGroupTable *table = key->texts;
  guint32 *values = pl_arena_new_array (arena, guint32, n), *missed = pl_arena_new_array (arena, guint32, n), *found;
  gsize n_missed = n;
  if (pl_group_text_serves (table))
    {
      if (!pl_group_text_learn (&key->index, table))
        return FALSE;
      n_missed = pl_group_text_kernels ()->find (&key->index, table, column, n, values, missed);
    }
  else
    for (gsize i = 0; i < n; i++)
      missed[i] = (guint32) i;
  /* Records are keys alone, of 1, 2 or 4 words. */
  const guint per_code = (guint) __builtin_ctz (table->layout->n_words);
  for (gsize i = 0; i < n; i++)
    values[i] >>= per_code;
  if (pl_group_text_longest (column, missed, n_missed) > PL_KEY_INLINE)
    return FALSE;
  pl_group_table_find_rest (table, column, missed, n_missed, values, &found, arena);
  const guint bits = bits_for (table->n_groups);
  if (bits > key->bits && !make_room (codes, k, bits, 0))
    return FALSE;
  add_values (indices, values, n, key->shift);
  return TRUE;
}

/* ---- whole numbers ---- */

static inline __attribute__ ((always_inline)) gint64
value_of (const PlColumn *column, gsize row, const PlTypeKind kind)
{
  return kind == PL_DATE ? column->dates[row] : kind == PL_BOOL ? column->bools[row] : column->ints[row];
}

/* Codes for the values of @column beside those there are. Returns: %FALSE when they are too far apart. */
static gboolean
widen (PlGroupCodes *codes, guint k, const PlColumn *column, gsize n)
{
  PlGroupCodedKey *key = &codes->keys[k];
  gint64 low = G_MAXINT64, high = G_MININT64;
  if (key->bits > 0)
    {
      low = key->base;
      high
          = key->base < G_MAXINT64 - ((gint64) 1 << key->bits) ? key->base + ((gint64) 1 << key->bits) - 2 : G_MAXINT64;
    }
  for (gsize i = 0; i < n; i++)
    if (column->nulls == NULL || !column->nulls[i])
      {
        low = MIN (low, value_of (column, i, key->kind));
        high = MAX (high, value_of (column, i, key->kind));
      }
  const guint64 range = (guint64) high - (guint64) low;
  if (range >= (guint64) 1 << PL_GROUP_CODE_BITS)
    return FALSE;
  const gint64 old_base = key->bits > 0 ? key->base : low;
  const guint bits = bits_for (range + 2);
  /* What the power of two leaves over is room below, where values came from there. */
  if (low < old_base && low > G_MININT64 + ((gint64) 1 << bits))
    low = high - ((gint64) 1 << bits) + 2;
  key->base = low;
  return make_room (codes, k, bits, (guint64) old_base - (guint64) low);
}

/* @kind and @nulls are constants where this is inlined. Returns: whether all values had codes. */
static inline __attribute__ ((always_inline)) gboolean
add_codes (const PlGroupCodedKey *key, const PlColumn *column, gsize n, guint32 *restrict indices,
           const PlTypeKind kind, const guint8 *nulls)
{
  const guint64 base = (guint64) key->base, n_values = ((guint64) 1 << key->bits) - 1;
  const guint shift = key->shift;
  gboolean beyond = FALSE;
  for (gsize i = 0; i < n; i++)
    {
      const guint64 distance = (guint64) value_of (column, i, kind) - base;
      const gboolean present = nulls == NULL || !nulls[i];
      beyond |= present && distance >= n_values;
      indices[i] |= (present ? (guint32) distance + 1 : 0) << shift;
    }
  return !beyond;
}

static gboolean
add_numbers (PlGroupCodes *codes, guint k, const PlColumn *column, gsize n, guint32 *indices)
{
  const PlGroupCodedKey *key = &codes->keys[k];
  if (key->kind == PL_DATE)
    return add_codes (key, column, n, indices, PL_DATE, column->nulls);
  if (key->kind == PL_BOOL)
    return add_codes (key, column, n, indices, PL_BOOL, column->nulls);
  if (column->nulls == NULL)
    return add_codes (key, column, n, indices, PL_INT, NULL);
  return add_codes (key, column, n, indices, PL_INT, column->nulls);
}

/* ---- rows ---- */

/* Returns: %FALSE when the short cut does not serve these. */
static gboolean
index_rows (PlGroupCodes *codes, PlColumn *const *columns, gsize n, guint32 *indices, PlArena *arena)
{
  guint bits;
  do
    {
      bits = codes->bits;
      memset (indices, 0, n * sizeof *indices);
      for (guint k = 0; k < codes->n_keys; k++)
        if (codes->keys[k].kind == PL_STRING)
          {
            if (!add_texts (codes, k, columns[k], n, indices, arena))
              return FALSE;
          }
        else if (!add_numbers (codes, k, columns[k], n, indices))
          {
            if (!widen (codes, k, columns[k], n))
              return FALSE;
            bits = G_MAXUINT;
            break;
          }
    }
  /* Room that one key took has moved the others' codes. */
  while (bits != codes->bits);
  return TRUE;
}

gboolean
pl_group_codes_find (PlGroupCodes *codes, PlColumn *const *columns, gsize n, guint32 *groups, guint32 *indices,
                     guint32 *missed, gsize *n_missed, PlArena *arena)
{
  if (!index_rows (codes, columns, n, indices, arena))
    {
      pl_group_codes_clear (codes);
      return FALSE;
    }
  const guint32 *known = codes->groups;
  gsize count = 0;
  for (gsize i = 0; i < n; i++)
    {
      const guint32 group = known[indices[i]];
      groups[i] = group - 1;
      if (G_UNLIKELY (group == 0))
        missed[count++] = (guint32) i;
    }
  *n_missed = count;
  return TRUE;
}

void
pl_group_codes_learn (PlGroupCodes *codes, const guint32 *indices, const guint32 *missed, gsize n_missed,
                      const guint32 *groups)
{
  for (gsize i = 0; i < n_missed; i++)
    codes->groups[indices[missed[i]]] = groups[i] + 1;
}
