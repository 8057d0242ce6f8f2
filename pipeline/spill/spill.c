/* See spill.h. */
#include "spill.h"
#include "../base/arena.h"
#include "../base/clock.h"
#include "../base/memory.h"
#include "codec.h"

struct PlSpill
{
  guint refs;
  PlSpillFiles *files;
  PlSpillCodec *codec;
  GPtrArray *runs;
  PlSpillRun *open;    /* (nullable) */
  PlBuffer chunk;      /* being filled: room for a header, and entries */
  guint32 n;           /* entries in it */
  PlSpillEntry before; /* the last one */
  PlArena *keys;       /* of first entries */
};

static void
run_free (gpointer data)
{
  PlSpillRun *run = data;
  g_array_unref (run->chunks);
  g_free (run);
}

PlSpill *
pl_spill_new (void)
{
  PlSpill *spill = g_new0 (PlSpill, 1);
  spill->refs = 1;
  spill->files = pl_spill_files_new ();
  spill->codec = pl_spill_codec_new ();
  spill->runs = g_ptr_array_new_with_free_func (run_free);
  spill->keys = pl_arena_new ();
  return spill;
}

PlSpill *
pl_spill_ref (PlSpill *spill)
{
  spill->refs++;
  return spill;
}

void
pl_spill_free (PlSpill *spill)
{
  if (spill == NULL || --spill->refs > 0)
    return;
  if (spill->open != NULL)
    run_free (spill->open);
  pl_spill_files_free (spill->files);
  pl_spill_codec_free (spill->codec);
  g_ptr_array_unref (spill->runs);
  pl_buffer_clear (&spill->chunk);
  pl_arena_free (spill->keys);
  g_free (spill);
}

const GPtrArray *
pl_spill_runs (const PlSpill *spill)
{
  return spill->runs;
}

static void
start_chunk (PlSpill *spill)
{
  spill->chunk.length = 0;
  pl_buffer_reserve (&spill->chunk, PL_PART_HEADER);
  spill->chunk.length = PL_PART_HEADER;
  spill->n = 0;
  spill->before = (PlSpillEntry){0};
}

gboolean
pl_spill_begin (PlSpill *spill, G_GNUC_UNUSED GError **error)
{
  /* One that could not be written. */
  if (spill->open != NULL)
    run_free (g_steal_pointer (&spill->open));
  spill->open = g_new (PlSpillRun, 1);
  *spill->open = (PlSpillRun){.spill = spill, .chunks = g_array_new (FALSE, FALSE, sizeof (PlSpillChunk))};
  start_chunk (spill);
  return TRUE;
}

static gboolean
write_chunk (PlSpill *spill, GError **error)
{
  if (spill->n == 0)
    return TRUE;
  PlSpillChunk *chunk = &g_array_index (spill->open->chunks, PlSpillChunk, spill->open->chunks->len - 1);
  PlPartSection section = {.length = spill->chunk.length - PL_PART_HEADER};
  const guint8 *data = pl_spill_codec_store (spill->codec, (guint8 *) spill->chunk.data, &section);
  const gint64 start = pl_clock_now ();
  if (!pl_spill_files_write (spill->files, data, (guint32) (PL_PART_HEADER + section.stored), &chunk->place, error))
    return FALSE;
  pl_spill_codec_note (spill->codec, &section, pl_clock_now () - start);
  chunk->length = section.length;
  start_chunk (spill);
  return TRUE;
}

static void
note_first (PlSpill *spill, const PlSpillEntry *entry)
{
  PlSpillChunk chunk = {.before = spill->open->n, .first = *entry};
  chunk.first.data = NULL;
  chunk.first.data_length = 0;
  if (entry->rest_length > 0)
    chunk.first.rest = memcpy (pl_arena_alloc (spill->keys, entry->rest_length), entry->rest, entry->rest_length);
  g_array_append_val (spill->open->chunks, chunk);
}

gboolean
pl_spill_put (PlSpill *spill, const PlSpillEntry *entry, GError **error)
{
  if (spill->n == 0)
    note_first (spill, entry);
  pl_spill_entry_put (&spill->chunk, entry, &spill->before);
  spill->before.prefix = entry->prefix;
  spill->before.place = entry->place;
  spill->n++;
  spill->open->n++;
  spill->open->last = entry->prefix;
  return spill->chunk.length < PL_SPILL_CHUNK || write_chunk (spill, error);
}

gboolean
pl_spill_end (PlSpill *spill, GError **error)
{
  if (!write_chunk (spill, error))
    return FALSE;
  if (spill->open->chunks->len > 0)
    g_ptr_array_add (spill->runs, g_steal_pointer (&spill->open));
  else
    run_free (g_steal_pointer (&spill->open));
  pl_buffer_clear (&spill->chunk);
  pl_spill_codec_rest (spill->codec);
  return TRUE;
}

void
pl_spill_forget (PlSpill *spill, guint index)
{
  const PlSpillRun *run = spill->runs->pdata[index];
  for (guint c = 0; c < run->chunks->len; c++)
    pl_spill_files_forget (spill->files, &g_array_index (run->chunks, PlSpillChunk, c).place);
  g_ptr_array_remove_index (spill->runs, index);
}

void
pl_spill_expect (const PlSpill *spill, const PlSpillChunk *chunk)
{
  pl_spill_files_expect (spill->files, &chunk->place);
}

/* Makes @buffer the entries of a section that is compressed. */
static gboolean
unpack (const PlPartSection *section, PlBuffer *buffer)
{
  PlBuffer stored = *buffer;
  *buffer = (PlBuffer) PL_BUFFER_INIT;
  pl_buffer_reserve (buffer, section->length);
  const gboolean ok = pl_spill_unpack (section, (guint8 *) stored.data + PL_PART_HEADER, (guint8 *) buffer->data);
  pl_buffer_clear (&stored);
  return ok;
}

const guint8 *
pl_spill_read (const PlSpill *spill, const PlSpillChunk *chunk, PlBuffer *buffer, GError **error)
{
  PlPartSection section;
  buffer->length = 0;
  pl_buffer_reserve (buffer, chunk->place.length);
  if (!pl_spill_files_read (spill->files, &chunk->place, buffer->data, error))
    return NULL;
  const guint8 *data = (const guint8 *) buffer->data;
  gboolean ok = pl_part_check_section (data, chunk->place.length, &section) && section.length == chunk->length;
  if (ok && section.codec == PL_PART_PLAIN)
    return data + PL_PART_HEADER;
  if (ok && unpack (&section, buffer))
    return (const guint8 *) buffer->data;
  pl_spill_files_fail (spill->files, &chunk->place, error);
  return NULL;
}

typedef struct
{
  PlSpillState spill;
  gpointer const *states;
  PlSpill **spills;
  GError **errors;
} Rest;

static void
rest_task (guint index, gpointer data)
{
  const Rest *rest = data;
  rest->spills[index] = rest->spill (rest->states[index], &rest->errors[index]);
}

GPtrArray *
pl_spill_rest (PlSpillState spill, gpointer const *states, guint n_states, PlParallel *parallel, GError **error)
{
  g_autofree PlSpill **spills = g_new0 (PlSpill *, n_states);
  g_autofree GError **errors = g_new0 (GError *, n_states);
  Rest rest = {spill, states, spills, errors};
  parallel->run (parallel, n_states, rest_task, &rest);
  pl_memory_trim ();
  return pl_spill_collect (spills, errors, n_states, error);
}

GPtrArray *
pl_spill_collect (PlSpill *const *spills, GError **errors, guint n, GError **error)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_spill_free);
  GError *first = NULL;
  for (guint i = 0; i < n; i++)
    {
      if (spills[i] != NULL)
        g_ptr_array_add (all, spills[i]);
      if (first == NULL)
        first = errors[i];
      else
        g_clear_error (&errors[i]);
    }
  if (first == NULL)
    return all;
  g_ptr_array_unref (all);
  g_propagate_error (error, first);
  return NULL;
}
