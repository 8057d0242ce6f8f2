/* See inputs.h. A file that changes while it is read may look like anything: rows that are bad, values of other types,
 * damaged compression, fewer bytes. None of that is told, because the next run will not find it. */
#include "inputs.h"
#include "../base/error.h"
#include "../base/notice.h"
#include "../io/origin-state.h"
#include "../csv/source.h"

static void
list_files (const GPtrArray *sources, GPtrArray *files)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (sources, i);
      for (guint j = 0; j < source->files->len; j++)
        g_ptr_array_add (files, g_ptr_array_index (source->files, j));
    }
}

static PlOriginNow
check (const PlSourceFile *file, GError **error)
{
  gboolean is_text = file->compression == PL_COMPRESSION_NONE && file->member == NULL;
  return pl_origin_check (file->origin, file->display, is_text, error);
}

gboolean
pl_inputs_check (const GPtrArray *sources, gboolean *again, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  g_autoptr (GHashTable) grown = g_hash_table_new (NULL, NULL);
  *again = FALSE;
  list_files (sources, files);
  for (guint i = 0; i < files->len; i++)
    {
      PlSourceFile *file = g_ptr_array_index (files, i);
      PlOriginNow now = check (file, error);
      if (now == PL_ORIGIN_CHANGED)
        return FALSE;
      *again |= now == PL_ORIGIN_UNPROVEN;
      if (now == PL_ORIGIN_GREW)
        g_hash_table_insert (grown, file->origin, file);
    }
  for (guint i = 0; i < files->len && !*again; i++)
    {
      const PlSourceFile *file = g_ptr_array_index (files, i);
      /* Once, of a file that several sources read. */
      if (g_hash_table_remove (grown, file->origin))
        pl_notice ("%s grew while it was read; what was there at the start was read, %" G_GUINT64_FORMAT " bytes",
                   file->display, pl_origin_state (file->origin)->size);
    }
  return TRUE;
}

/* Whether @failure may come from what was read. */
static gboolean
may_follow (const GError *failure)
{
  return failure->domain == PL_DATA_ERROR || failure->domain == PL_JOB_ERROR || failure->domain == PL_WORKER_ERROR
         || g_error_matches (failure, PL_IO_ERROR, PL_IO_ERROR_READ);
}

void
pl_inputs_blame (const GPtrArray *sources, GError **failure)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  GError *change = NULL;
  if (!may_follow (*failure) || g_error_matches (*failure, PL_WORKER_ERROR, PL_WORKER_ERROR_CANCELLED))
    return;
  list_files (sources, files);
  for (guint i = 0; i < files->len; i++)
    if (check (g_ptr_array_index (files, i), &change) == PL_ORIGIN_CHANGED)
      {
        g_clear_error (failure);
        g_propagate_error (failure, change);
        return;
      }
}
