/* Places and policy of rows that were kept: see kept.h. What is known of a row is what its reader said when the row was
 * kept (csv/reject.h). */
#include "kept.h"
#include "../csv/reject.h"

void
pl_kept_init (PlKept *kept, const PlSource *source)
{
  *kept = (PlKept){.source = source, .rejects = pl_rejects_new ()};
}

void
pl_kept_clear (PlKept *kept)
{
  g_array_unref (kept->rejects);
}

static PlText
origin_of (const PlKept *kept, const PlBatch *batch, gsize row)
{
  return kept->origins->texts[pl_batch_source (batch, row) - kept->first];
}

static char *
locate_row (const PlBatch *batch, gsize row, gpointer data)
{
  const PlKept *kept = data;
  PlReject reject = pl_row_origin_load (origin_of (kept, batch, row));
  const PlSourceFile *file = g_ptr_array_index (kept->source->files, reject.file);
  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT, file->display, reject.line);
}

static gboolean
refuse_row (const PlBatch *batch, gsize row, const char *reason, gpointer data)
{
  PlKept *kept = data;
  if (kept->source->on_bad_row == PL_BAD_ROW_FAIL)
    return FALSE;
  PlReject reject = pl_row_origin_load (origin_of (kept, batch, row));
  reject.position = pl_batch_source (batch, row);
  reject.reason = g_strdup (reason);
  if (!pl_rejects_add (kept->rejects, &reject))
    g_free (reject.reason);
  return TRUE;
}

static PlText
originate_row (const PlBatch *batch, gsize row, gpointer data)
{
  return origin_of (data, batch, row);
}

void
pl_kept_adopt (PlKept *kept, PlBatch *batch)
{
  if (kept->source == NULL || batch->origins == NULL)
    return;
  kept->origins = batch->origins;
  kept->first = batch->position;
  batch->locate = locate_row;
  batch->refuse = refuse_row;
  batch->originate = originate_row;
  batch->locate_data = kept;
}
