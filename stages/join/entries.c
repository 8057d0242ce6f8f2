/* See entries.h. */
#include "entries.h"

PlSpillOrder *
pl_join_order_of (const GPtrArray *spills, const GPtrArray *others, guint64 piece_bytes, GError **error)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spill_free);
  for (guint i = 0; i < spills->len; i++)
    g_ptr_array_add (all, pl_spill_ref (spills->pdata[i]));
  for (guint i = 0; others != NULL && i < others->len; i++)
    g_ptr_array_add (all, pl_spill_ref (others->pdata[i]));
  return pl_spill_order_new (all, piece_bytes, pl_spill_cut_place, error);
}

const PlRecord *
pl_join_record_of (const PlSpillEntry *entry, PlArena *arena)
{
  return memcpy (pl_arena_alloc (arena, MAX (entry->data_length, sizeof (PlRecord))), entry->data, entry->data_length);
}
