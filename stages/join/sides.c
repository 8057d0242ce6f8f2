/* See sides.h. */
#include "sides.h"
#include "../../pipeline/groups/grouped-rows.h"
#include "../../pipeline/groups/key-order.h"
#include "../../pipeline/keys/comparable.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/sorting/in-order.h"

#define STEP 256 /* keys that are written at a time */

typedef struct
{
  const PlKeyedRows *rows;
  PlJoinTold told;
  PlSpill *spill;
  PlGroupedRows grouped; /* no records: there are keys alone */
} Spilling;

static void
tell_row (const Spilling *spilling, const PlRecord *record, PlSpillEntry *entry)
{
  entry->place = record->position;
  if (spilling->told == PL_JOIN_POSITIONS)
    {
      entry->place |= PL_JOIN_BEHIND;
      return;
    }
  entry->data = (const guint8 *) record;
  entry->data_length = record->n_words * (guint32) sizeof (guint64);
}

static gboolean
put_group (const Spilling *spilling, guint64 group, PlSpillEntry *entry, GError **error)
{
  const PlGroupedRows *grouped = &spilling->grouped;
  if (grouped->records == NULL)
    return pl_spill_put (spilling->spill, entry, error);
  const guint64 end = pl_grouped_rows_start (grouped, group + 1);
  for (guint64 i = pl_grouped_rows_start (grouped, group); i < end; i++)
    {
      tell_row (spilling, grouped->records[i], entry);
      if (!pl_spill_put (spilling->spill, entry, error))
        return FALSE;
    }
  return TRUE;
}

/* Brings the records of some groups into the caches, all at once: they stand anywhere. By loads, since prefetches as
 * quick as that are dropped. */
static void
fetch (const PlGroupedRows *grouped, const guint64 *groups, gsize n)
{
  for (gsize i = 0; i < n && grouped->starts != NULL; i++)
    (void) *(const volatile guint64 *) &grouped->starts[groups[i]];
  for (gsize i = 0; i < n; i++)
    (void) *(const PlRecord *const volatile *) &grouped->records[pl_grouped_rows_start (grouped, groups[i])];
  for (gsize i = 0; i < n; i++)
    (void) *(const volatile guint64 *) &grouped->records[pl_grouped_rows_start (grouped, groups[i])]->position;
}

static gboolean
put_groups (const Spilling *spilling, const PlSortItem *items, guint64 n_groups, GError **error)
{
  PlGroupTable *const table = spilling->rows->table;
  g_autoptr (PlArena) arena = pl_arena_new ();
  for (guint64 first = 0; first < n_groups; first += STEP)
    {
      const gsize n = MIN (n_groups - first, STEP);
      pl_arena_reset (arena);
      guint64 *ids = pl_arena_new_array (arena, guint64, n);
      for (gsize i = 0; i < n; i++)
        ids[i] = items[first + i].id;
      if (spilling->grouped.records != NULL)
        fetch (&spilling->grouped, ids, n);
      PlColumn **columns = pl_group_keys_of (&table, ids, n, arena);
      const PlText *keys = pl_sort_keys (columns, NULL, table->layout->n_fields, NULL, n, 0, arena);
      for (gsize i = 0; i < n; i++)
        {
          PlSpillEntry entry = {0};
          pl_spill_entry_key (&entry, keys[i].data, keys[i].length);
          if (!put_group (spilling, ids[i], &entry, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
begin (PlSpill **spill, GError **error)
{
  if (*spill == NULL)
    *spill = pl_spill_new ();
  return pl_spill_begin (*spill, error);
}

gboolean
pl_join_spill (const PlKeyedRows *rows, PlJoinTold told, PlSpill **spill, GError **error)
{
  const guint64 n_groups = rows->table->n_groups;
  if (n_groups == 0)
    return TRUE;
  if (!begin (spill, error))
    return FALSE;
  Spilling spilling = {rows, told, *spill, {0}};
  if (pl_store_n_rows (rows->store) > 0)
    {
      guint64 n_items;
      pl_leased_auto PlSortItem *items = pl_in_order_all (&rows->store, 1, &n_items, pl_parallel_serial ());
      pl_grouped_rows_init (&spilling.grouped, &rows->store, &rows->groups, items, n_items, n_groups);
    }
  pl_leased_auto PlSortItem *items = pl_sort_items_new (n_groups);
  for (guint64 group = 0; group < n_groups; group++)
    items[group].id = group;
  pl_group_order_keys (&rows->table, items, n_groups, pl_parallel_serial ());
  const gboolean ok = put_groups (&spilling, items, n_groups, error) && pl_spill_end (*spill, error);
  pl_grouped_rows_clear (&spilling.grouped);
  return ok;
}

gboolean
pl_join_spill_loose (const PlKeyedRows *rows, gboolean flag, PlSpill **spill, GError **error)
{
  guint64 n_items;
  pl_leased_auto PlSortItem *items = pl_in_order_all (&rows->store, 1, &n_items, pl_parallel_serial ());
  gboolean any = FALSE;
  for (guint64 i = 0; i < n_items; i++)
    {
      const guint64 row = pl_in_order_row (items[i].id);
      const PlRecord *record = pl_store_record (rows->store, row);
      if (rows->groups[row] != PL_NO_GROUP)
        continue;
      if (!any && !begin (spill, error))
        return FALSE;
      any = TRUE;
      const PlSpillEntry entry = {.prefix = record->position,
                                  .data = (const guint8 *) record,
                                  .data_length = record->n_words * (guint32) sizeof (guint64),
                                  .flag = flag};
      if (!pl_spill_put (*spill, &entry, error))
        return FALSE;
    }
  return !any || pl_spill_end (*spill, error);
}
