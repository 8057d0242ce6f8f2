/* Rejects in order, what is kept of their text, and origins: see reject.h. */
#include "reject.h"

#include <string.h>

#include "../base/show.h"

/* Longest part of a record that is kept. */
#define KEPT_BYTES 65536

static void
clear_reject (gpointer reject)
{
  g_free (((PlReject *) reject)->reason);
}

GArray *
pl_rejects_new (void)
{
  GArray *rejects = g_array_new (FALSE, FALSE, sizeof (PlReject));
  g_array_set_clear_func (rejects, clear_reject);
  return rejects;
}

gboolean
pl_rejects_add (GArray *rejects, const PlReject *reject)
{
  guint low = 0, high = rejects->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (rejects, PlReject, middle).position < reject->position)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < rejects->len && g_array_index (rejects, PlReject, low).position == reject->position)
    return FALSE;
  g_array_insert_vals (rejects, low, reject, 1);
  return TRUE;
}

void
pl_reject_set_raw (PlReject *reject, const char *raw, gsize length, gsize most, gboolean is_partial)
{
  if (!is_partial && length > 0 && raw[length - 1] == '\n')
    length--;
  if (!is_partial && length > 0 && raw[length - 1] == '\r')
    length--;
  most = MIN (most, KEPT_BYTES);
  reject->raw = raw;
  reject->is_cut = is_partial || length > most;
  reject->raw_length = length > most ? pl_show_cut (raw, most) : length;
}

typedef struct
{
  guint64 line, offset;
  guint32 file, is_cut;
} Origin;

PlText
pl_row_origin_save (const PlReject *reject, gboolean keep_raw, PlArena *arena)
{
  Origin origin = {reject->line, reject->offset, reject->file, reject->is_cut != FALSE};
  gsize raw_length = keep_raw ? reject->raw_length : 0;
  char *bytes = pl_arena_alloc (arena, sizeof origin + raw_length);
  memcpy (bytes, &origin, sizeof origin);
  if (raw_length > 0)
    memcpy (bytes + sizeof origin, reject->raw, raw_length);
  return (PlText){.data = bytes, .length = (guint32) (sizeof origin + raw_length)};
}

PlReject
pl_row_origin_load (PlText text)
{
  Origin origin;
  memcpy (&origin, text.data, sizeof origin);
  return (PlReject){.line = origin.line,
                    .offset = origin.offset,
                    .file = origin.file,
                    .column = -1,
                    .raw = text.data + sizeof origin,
                    .raw_length = text.length - sizeof origin,
                    .is_cut = origin.is_cut != 0};
}
