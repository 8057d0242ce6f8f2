/* One table of several, and asking it: see index.h. The short cuts are made once, of all groups, and only read then. */
#include "index.h"
#include "../keys/decode.h"
#include "../keys/encode.h"
#include "../memory/leased.h"
#include "find.h"
#include "table.h"
#include "text-find.h"

/* ---- one table ---- */

/* Adds the groups of @from to @into; @numbers: (out): what they are there. */
static void
add_groups (PlGroupTable *into, const PlGroupTable *from, guint32 *numbers)
{
  for (gsize first = 0, n; first < from->n_groups; first += n)
    {
      n = MIN (from->n_groups - first, PL_BATCH_ROWS);
      pl_group_table_find_keys (into, from, first, n, numbers + first);
    }
}

static void
learn_direct (PlGroupIndex *index)
{
  const PlGroupTable *table = index->table;
  g_autoptr (PlArena) arena = pl_arena_new ();
  pl_group_direct_init (&index->direct, table->layout);
  for (gsize first = 0, n; index->direct.enabled && first < table->n_groups; first += n)
    {
      n = MIN (table->n_groups - first, PL_BATCH_ROWS);
      pl_arena_reset (arena);
      const guint64 **keys = pl_arena_new_array (arena, const guint64 *, n);
      guint32 *groups = pl_arena_new_array (arena, guint32, n);
      for (gsize i = 0; i < n; i++)
        {
          keys[i] = pl_group_table_key (table, first + i);
          groups[i] = (guint32) (first + i);
        }
      const PlColumn *column = pl_keys_decode (table->layout, 0, keys, n, arena);
      pl_group_direct_learn (&index->direct, column, n, groups, table->n_groups);
    }
}

PlGroupIndex *
pl_group_index_new (PlGroupTable **tables, guint n_tables, guint32 **numbers, PlParallel *parallel)
{
  PlGroupIndex *index = g_new0 (PlGroupIndex, 1);
  guint64 n_groups = 0;
  guint largest = 0;
  for (guint t = 0; t < n_tables; t++)
    {
      n_groups += tables[t]->n_groups;
      if (tables[t]->n_groups > tables[largest]->n_groups)
        largest = t;
    }
  pl_group_table_unify (tables, n_tables, parallel);
  index->table = tables[largest];
  for (guint t = 0; t < n_tables; t++)
    {
      numbers[t] = pl_leased (g_new (guint32, tables[t]->n_groups + 1));
      if (t == largest)
        for (gsize group = 0; group < tables[t]->n_groups; group++)
          numbers[t][group] = (guint32) group;
      else if (n_groups < G_MAXUINT32)
        add_groups (index->table, tables[t], numbers[t]);
    }
  for (guint t = 0; t < n_tables; t++)
    if (t != largest)
      pl_group_table_free (tables[t]);
  if (n_groups >= G_MAXUINT32)
    {
      pl_group_index_free (index);
      return NULL;
    }
  learn_direct (index);
  index->has_text = pl_group_text_serves (index->table) && pl_group_text_learn (&index->text, index->table);
  return index;
}

void
pl_group_index_free (PlGroupIndex *index)
{
  if (index == NULL)
    return;
  pl_group_table_free (index->table);
  pl_group_direct_clear (&index->direct);
  pl_group_text_clear (&index->text);
  g_free (index);
}

/* ---- asking ---- */

void
pl_group_asker_init (PlGroupAsker *asker, const PlGroupIndex *index)
{
  *asker = (PlGroupAsker){index, pl_key_layout_copy (index->table->layout)};
}

void
pl_group_asker_clear (PlGroupAsker *asker)
{
  g_clear_pointer (&asker->layout, pl_key_layout_free);
}

/* The groups of @n rows of @columns. Returns: %FALSE when a value does not fit the layout. */
static gboolean
seek (PlGroupAsker *asker, PlColumn *const *columns, gsize n, guint32 *groups, PlArena *arena)
{
  guint64 *keys = pl_arena_new_array (arena, guint64, n * asker->layout->n_words + 1);
  guint32 *hashes = pl_arena_new_array (arena, guint32, n);
  if (!pl_keys_encode (asker->layout, columns, n, keys))
    return FALSE;
  pl_keys_hash (asker->layout, keys, n, hashes);
  pl_group_table_seek_rows (asker->index->table, keys, hashes, n, groups);
  return TRUE;
}

/* The same for rows @rows[0 .. n), whose values fit. */
static void
seek_some (PlGroupAsker *asker, PlColumn *const *columns, const guint32 *rows, gsize n, guint32 *groups, PlArena *arena)
{
  const guint n_fields = asker->layout->n_fields;
  PlColumn **some = pl_arena_new_array (arena, PlColumn *, n_fields);
  guint32 *found = pl_arena_new_array (arena, guint32, n);
  for (guint f = 0; f < n_fields; f++)
    some[f] = pl_column_gather (columns[f], rows, n, arena);
  const gboolean fits = seek (asker, some, n, found, arena);
  g_assert (fits);
  for (gsize i = 0; i < n; i++)
    groups[rows[i]] = found[i];
}

/* Of @n rows, listed in @rows, those that may be found in the table are asked there; the others have no group.
 * @n_all: rows of the columns */
static void
ask_table (PlGroupAsker *asker, PlColumn *const *columns, const guint8 *usable, const guint32 *rows, gsize n,
           gsize n_all, guint32 *groups, PlArena *arena)
{
  guint8 *held = pl_arena_alloc (arena, n_all + 1);
  guint32 *some = pl_arena_new_array (arena, guint32, n + 1);
  gsize n_some = 0;
  memcpy (held, usable, n_all);
  pl_key_layout_hold (asker->layout, columns, n_all, held);
  for (gsize i = 0; i < n; i++)
    {
      groups[rows[i]] = PL_NO_GROUP;
      some[n_some] = rows[i];
      n_some += held[rows[i]];
    }
  if (n_some > 0)
    seek_some (asker, columns, some, n_some, groups, arena);
}

/* All rows are asked in the table; where all values fit, at once: what has no key is found or not, and forgotten. */
static void
ask_table_of_all (PlGroupAsker *asker, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
                  PlArena *arena)
{
  if (seek (asker, columns, n, groups, arena))
    return;
  guint32 *rows = pl_arena_new_array (arena, guint32, n);
  for (gsize i = 0; i < n; i++)
    rows[i] = (guint32) i;
  ask_table (asker, columns, usable, rows, n, n, groups, arena);
}

/* By the short cut for whole numbers and dates, which knows all of them. */
static void
ask_direct (PlGroupAsker *asker, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
            PlArena *arena)
{
  const PlColumn *key = columns[0];
  guint32 *missed = pl_arena_new_array (arena, guint32, n);
  const gsize n_missed = pl_group_direct_find (&asker->index->direct, key, n, groups, missed);
  gsize n_null = 0;
  for (gsize i = 0; i < n_missed; i++)
    {
      groups[missed[i]] = PL_NO_GROUP;
      if (pl_column_is_null (key, missed[i]))
        missed[n_null++] = missed[i];
    }
  if (n_null > 0)
    ask_table (asker, columns, usable, missed, n_null, n, groups, arena);
}

static void
ask_texts (PlGroupAsker *asker, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
           PlArena *arena)
{
  const PlGroupTable *table = asker->index->table;
  guint32 *missed = pl_arena_new_array (arena, guint32, n);
  const gsize n_missed = pl_group_text_kernels ()->find (&asker->index->text, table, columns[0], n, groups, missed);
  pl_group_table_to_groups (table, groups, n);
  ask_table (asker, columns, usable, missed, n_missed, n, groups, arena);
}

void
pl_group_asker_find (PlGroupAsker *asker, PlColumn *const *columns, const guint8 *usable, gsize n, guint32 *groups,
                     PlArena *arena)
{
  const PlGroupIndex *index = asker->index;
  if (index->direct.enabled && index->table->n_groups > 0)
    ask_direct (asker, columns, usable, n, groups, arena);
  else if (index->has_text)
    ask_texts (asker, columns, usable, n, groups, arena);
  else
    ask_table_of_all (asker, columns, usable, n, groups, arena);
  for (gsize i = 0; i < n; i++)
    groups[i] = usable[i] ? groups[i] : PL_NO_GROUP;
}
