/* See spill.h. */
#include "spill.h"
#include "../base/arena.h"
#include "../base/error.h"
#include "../base/lease.h"
#include "../io/temporary.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC G_GUINT64_CONSTANT (0x314c4c4950534c50) /* "PLSPILL1" */

typedef struct
{
  guint64 magic;
  guint64 length;
  guint64 seal;
} Header;

struct PlSpill
{
  int fd; /* -1: no run has begun yet */
  guint64 end;
  GPtrArray *runs;
  PlSpillRun *open;    /* (nullable) */
  PlBuffer chunk;      /* being filled: header and entries */
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
  spill->fd = -1;
  spill->runs = g_ptr_array_new_with_free_func (run_free);
  spill->keys = pl_arena_new ();
  return spill;
}

void
pl_spill_free (PlSpill *spill)
{
  if (spill == NULL)
    return;
  if (spill->open != NULL)
    run_free (spill->open);
  if (spill->fd >= 0)
    close (spill->fd);
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
  pl_buffer_reserve (&spill->chunk, sizeof (Header));
  spill->chunk.length = sizeof (Header);
  spill->n = 0;
  spill->before = (PlSpillEntry){0};
}

gboolean
pl_spill_begin (PlSpill *spill, GError **error)
{
  /* One that could not be written. */
  if (spill->open != NULL)
    run_free (g_steal_pointer (&spill->open));
  if (spill->fd < 0 && (spill->fd = pl_temporary_open (error)) < 0)
    return FALSE;
  spill->open = g_new (PlSpillRun, 1);
  *spill->open = (PlSpillRun){spill, g_array_new (FALSE, FALSE, sizeof (PlSpillChunk)), 0};
  start_chunk (spill);
  return TRUE;
}

/* How much of the disk the files would have needed is not known; how much they have, and what is left, is. */
static gboolean
fail_to_write (const PlSpill *spill, int code, GError **error)
{
  struct statvfs info;
  guint64 left = fstatvfs (spill->fd, &info) == 0 ? (guint64) info.f_bavail * info.f_frsize : 0;
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE,
               "cannot write a temporary file in %s: %s; it has %" G_GUINT64_FORMAT " MiB, and %" G_GUINT64_FORMAT
               " MiB are left there; set memory-limit higher, or temp-directory to a "
               "folder with more room",
               pl_temporary_folder (), g_strerror (code), spill->end >> 20, left >> 20);
  return FALSE;
}

static gboolean
write_chunk (PlSpill *spill, GError **error)
{
  if (spill->n == 0)
    return TRUE;
  const gsize length = spill->chunk.length - sizeof (Header);
  const Header header = {MAGIC, length, XXH3_64bits (spill->chunk.data + sizeof (Header), length)};
  memcpy (spill->chunk.data, &header, sizeof header);
  const int code = pl_write_all (spill->fd, spill->chunk.data, spill->chunk.length, (gint64) spill->end);
  if (code != 0)
    return fail_to_write (spill, code, error);
  spill->end += spill->chunk.length;
  pl_lease_spill (spill->chunk.length);
  g_array_index (spill->open->chunks, PlSpillChunk, spill->open->chunks->len - 1).length = length;
  start_chunk (spill);
  return TRUE;
}

static void
note_first (PlSpill *spill, const PlSpillEntry *entry)
{
  PlSpillChunk chunk = {.offset = spill->end, .first = *entry};
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
  return TRUE;
}

const guint8 *
pl_spill_read (const PlSpill *spill, const PlSpillChunk *chunk, PlBuffer *buffer, GError **error)
{
  const gsize size = sizeof (Header) + chunk->length;
  Header header;
  buffer->length = 0;
  const gssize n = pl_pread_all (spill->fd, pl_buffer_reserve (buffer, size), size, chunk->offset);
  if (n < 0)
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read a temporary file in %s: %s",
                   pl_temporary_folder (), g_strerror (errno));
      return NULL;
    }
  if ((gsize) n == size)
    memcpy (&header, buffer->data, sizeof header);
  if ((gsize) n < size || header.magic != MAGIC || header.length != chunk->length
      || header.seal != XXH3_64bits (buffer->data + sizeof header, chunk->length))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ,
                   "a temporary file in %s is damaged at byte %" G_GUINT64_FORMAT
                   ": what is read there is not what was written; its disk or file system is at fault",
                   pl_temporary_folder (), chunk->offset);
      return NULL;
    }
  return (const guint8 *) buffer->data + sizeof header;
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
