/* Constant lists of `in (…)`: an open-addressing table of the items' hashes, built once by the checker and only read
 * afterwards. Hashing and equality are those of columns, so that -0.0, NaN and texts fall together here as in grouping;
 * a row costs its hash and about one probe, however long the list is. */
#include "member.h"

#include <string.h>

struct PlSet
{
  PlColumn items; /* values are owned; texts point into the literals */
  guint64 *hashes;
  guint32 *slots; /* index of an item plus one; 0: empty */
  guint64 mask;
  gboolean has_null;
};

static void
insert (PlSet *set, guint32 item)
{
  guint64 slot = set->hashes[item] & set->mask;
  for (; set->slots[slot] != 0; slot = (slot + 1) & set->mask)
    if (pl_column_compare (&set->items, set->slots[slot] - 1, &set->items, item) == 0)
      return;
  set->slots[slot] = item + 1;
}

PlSet *
pl_set_new (PlExpression *const *items, guint n)
{
  PlSet *set = g_new0 (PlSet, 1);
  gsize width = pl_type_width (items[0]->type);
  guint32 n_values = 0;
  set->items = (PlColumn){.type = items[0]->type, .values = g_malloc0 (width * n + 1)};
  set->hashes = g_new0 (guint64, n);
  for (set->mask = 1; set->mask < (guint64) n * 2; set->mask *= 2)
    ;
  set->slots = g_new0 (guint32, set->mask);
  set->mask--;
  for (guint i = 0; i < n; i++)
    if (items[i]->is_null)
      set->has_null = TRUE;
    else
      memcpy ((guint8 *) set->items.values + width * n_values++, items[i]->constant.values, width);
  pl_column_hash (&set->items, n_values, set->hashes);
  for (guint32 i = 0; i < n_values; i++)
    insert (set, i);
  return set;
}

void
pl_set_free (PlSet *set)
{
  if (set == NULL)
    return;
  g_free (set->items.values);
  g_free (set->hashes);
  g_free (set->slots);
  g_free (set);
}

static inline gboolean
find_row (const PlSet *set, const PlColumn *values, gsize row, guint64 hash)
{
  for (guint64 slot = hash & set->mask; set->slots[slot] != 0; slot = (slot + 1) & set->mask)
    {
      guint32 item = set->slots[slot] - 1;
      if (set->hashes[item] == hash && pl_column_compare (&set->items, item, values, row) == 0)
        return TRUE;
    }
  return FALSE;
}

PlColumn *
pl_set_find (const PlSet *set, const PlColumn *values, gsize n, PlArena *arena)
{
  guint64 *hashes = pl_arena_alloc0 (arena, sizeof (guint64) * n);
  PlColumn *out = pl_column_new (arena, PL_TYPE (PL_BOOL), n);
  /* What stands in a null row may be no text at all where it comes from outside. */
  PlColumn bare = {.type = values->type, .values = values->values, .nulls = values->nulls};
  pl_column_hash (&bare, n, hashes);
  for (gsize i = 0; i < n; i++)
    out->bools[i] = (guint8) find_row (set, &bare, i, hashes[i]);
  out->nulls = values->nulls;
  if (!set->has_null)
    return out;
  out->nulls = pl_arena_alloc (arena, n);
  for (gsize i = 0; i < n; i++)
    out->nulls[i] = !out->bools[i] || (values->nulls != NULL && values->nulls[i]);
  return out;
}
