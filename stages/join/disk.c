/* See disk.h. */
#include "disk.h"
#include "entries.h"
#include "unique.h"

PlJoinDisk *
pl_join_disk_new (const PlJoin *join, GPtrArray *rows, GPtrArray *rest, PlParallel *parallel, GError **error)
{
  PlJoinDisk *disk = g_new0 (PlJoinDisk, 1);
  *disk = (PlJoinDisk){.join = join, .rows = rows, .rest = rest, .bound = G_MAXUINT64};
  gboolean ok = TRUE;
  if (join->how == PL_JOIN_CROSS)
    ok = (disk->many = pl_join_order_of (rows, NULL, PL_JOIN_TASK, error)) != NULL;
  else if (join->is_unique[1])
    ok = pl_join_check_unique_spilled (join, 1, rows, parallel, error);
  if (!ok)
    g_clear_pointer (&disk, pl_join_disk_free);
  return disk;
}

void
pl_join_disk_forget (PlJoinDisk *disk)
{
  g_clear_pointer (&disk->answers, pl_spill_order_free);
  g_clear_pointer (&disk->many, pl_spill_order_free);
  g_clear_error (&disk->failure);
  disk->bound = G_MAXUINT64;
}

void
pl_join_disk_free (PlJoinDisk *disk)
{
  if (disk == NULL)
    return;
  pl_join_disk_forget (disk);
  pl_spill_order_free (disk->alone);
  g_ptr_array_unref (disk->rows);
  g_ptr_array_unref (disk->rest);
  g_free (disk);
}

gboolean
pl_join_disk_wants_keys (const PlJoinDisk *disk)
{
  return disk->join->how != PL_JOIN_CROSS;
}

/* ---- the rest ---- */

gboolean
pl_join_disk_rest (PlJoinDisk *disk, PlRows *rows, GError **error)
{
  pl_join_disk_forget (disk);
  disk->alone = pl_join_order_of (disk->rest, NULL, PL_SPILL_PIECE, error);
  if (disk->alone == NULL)
    return FALSE;
  rows->n_rows = PL_ROWS_UNKNOWN;
  rows->n_pieces = pl_spill_order_pieces (disk->alone);
  return TRUE;
}

gboolean
pl_join_disk_open (const PlJoinDisk *disk, PlPiece *piece, GError **error)
{
  piece->data = pl_spill_merge_open (disk->alone, piece->index, error);
  return piece->data != NULL;
}

void
pl_join_disk_close (PlPiece *piece)
{
  pl_spill_merge_close (piece->data);
}

/* Steps over all entries of one row. @found: (out): whether it matches nothing in any segment; @record is it then. */
static gboolean
next_alone (const PlJoinDisk *disk, PlSpillMerge *merge, PlArena *arena, const PlRecord **record, GError **error)
{
  const PlSpillEntry *entry = pl_spill_merge_peek (merge);
  const guint64 position = entry->prefix;
  guint n = 0;
  *record = NULL;
  for (; entry != NULL && entry->prefix == position; entry = pl_spill_merge_peek (merge))
    {
      n += entry->flag ? disk->n_answered : 1;
      if (n >= disk->n_answered && *record == NULL)
        *record = pl_join_record_of (entry, arena);
      if (!pl_spill_merge_step (merge, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_join_disk_next (const PlJoinDisk *disk, PlPiece *piece, gsize n, const PlRecord **records, gsize *n_records,
                   PlArena *arena, GError **error)
{
  PlSpillMerge *merge = piece->data;
  *n_records = 0;
  for (gsize i = 0; i < n && pl_spill_merge_peek (merge) != NULL; i++)
    {
      if (!next_alone (disk, merge, arena, &records[*n_records], error))
        return FALSE;
      *n_records += records[*n_records] != NULL;
    }
  piece->ended = pl_spill_merge_peek (merge) == NULL;
  return TRUE;
}
