/* Ranged reading with exact record boundaries: see fetch.h. Reads with pread(): the page cache does the rest. */
#include "fetch.h"
#include "../base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Data starts here in the memory, so that the byte before it has a place and the scan is aligned. */
#define LEAD 64u
/* Readable bytes behind every span. */
#define PAD 64u
#define FIRST_PIECE 4096u
#define LARGEST_PIECE (1u << 20)

void
pl_fetch_init (PlFetch *fetch, const PlSource *source)
{
  *fetch = (PlFetch){.source = source, .file = -1, .fd = -1};
}

void
pl_fetch_clear (PlFetch *fetch)
{
  if (fetch->fd >= 0)
    close (fetch->fd);
  free (fetch->memory);
  fetch->memory = NULL;
  fetch->fd = -1;
  fetch->file = -1;
}

/* Makes room for @length bytes of data, keeping the first @keep. */
static void
fetch_reserve (PlFetch *fetch, gsize length, gsize keep)
{
  gsize wanted = LEAD + length + PAD;
  if (wanted <= fetch->capacity)
    return;
  gsize capacity = MAX (wanted, fetch->capacity + fetch->capacity / 2);
  gpointer memory = NULL;
  if (posix_memalign (&memory, 64, capacity) != 0)
    g_error ("out of memory: cannot allocate %" G_GSIZE_FORMAT " bytes", capacity);
  if (fetch->memory != NULL)
    memcpy (memory, fetch->memory, LEAD + keep);
  free (fetch->memory);
  fetch->memory = memory;
  fetch->capacity = capacity;
}

static gboolean
fetch_open (PlFetch *fetch, guint index, GError **error)
{
  const PlSourceFile *file = g_ptr_array_index (fetch->source->files, index);
  if (fetch->file == (gint) index)
    return TRUE;
  if (fetch->fd >= 0)
    close (fetch->fd);
  fetch->file = -1;
  fetch->fd = open (file->path, O_RDONLY | O_CLOEXEC);
  if (fetch->fd < 0)
    {
      int saved = errno;
      g_set_error (error, PL_IO_ERROR, saved == ENOENT ? PL_IO_ERROR_NOT_FOUND : PL_IO_ERROR_OPEN, "cannot open %s: %s",
                   file->display, g_strerror (saved));
      return FALSE;
    }
  fetch->file = (gint) index;
  return TRUE;
}

/* Reads exactly [offset, offset + length) of the open file. The one place that knows how. */
static gboolean
fetch_bytes (PlFetch *fetch, guint64 offset, char *data, gsize length, GError **error)
{
  const PlSourceFile *file = g_ptr_array_index (fetch->source->files, (guint) fetch->file);
  for (gsize done = 0; done < length;)
    {
      gssize n = pread (fetch->fd, data + done, length - done, (off_t) (offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved = errno;
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", file->display, g_strerror (saved));
          return FALSE;
        }
      if (n == 0)
        {
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ,
                       "%s became shorter while it was read: it had %" G_GUINT64_FORMAT
                       " bytes, now it ends at %" G_GUINT64_FORMAT,
                       file->display, file->size, offset + done);
          return FALSE;
        }
      done += (gsize) n;
    }
  fetch->bytes += length;
  return TRUE;
}

/* Reads on until the record ends that is open at @point, behind @length bytes of data. @end: bytes of data up to there. */
static gboolean
fetch_tail (PlFetch *fetch, guint64 offset, gsize length, PlLexPoint point, gsize *end, GError **error)
{
  const PlSource *source = fetch->source;
  const PlSourceFile *file = g_ptr_array_index (source->files, (guint) fetch->file);
  guint64 rest = file->size - offset - length;
  gsize walked = length, piece = FIRST_PIECE;
  gsize behind = 0;
  *end = length;
  while (!pl_csv_record_end (&source->dialect, fetch->memory + LEAD + walked - behind, behind, &point, end))
    {
      *end = walked;
      if (rest == 0 || walked - length > source->max_record_size)
        return TRUE;
      behind = MIN (piece, rest);
      fetch_reserve (fetch, walked + behind, walked);
      if (!fetch_bytes (fetch, offset + walked, fetch->memory + LEAD + walked, behind, error))
        return FALSE;
      walked += behind;
      rest -= behind;
      piece = MIN (piece * 2, LARGEST_PIECE);
    }
  *end += walked - behind;
  return TRUE;
}

static gboolean
fetch_range (PlFetch *fetch, const PlBlockTask *task, gint *before, GError **error)
{
  gboolean lead = !task->first && task->offset > 0;
  fetch_reserve (fetch, task->length, 0);
  if (!fetch_open (fetch, task->file, error)
      || !fetch_bytes (fetch, task->offset - lead, fetch->memory + LEAD - lead, task->length + lead, error))
    return FALSE;
  memset (fetch->memory + LEAD + task->length, 0, PAD);
  *before = lead ? (guint8) fetch->memory[LEAD - 1] : -1;
  return TRUE;
}

PlFetchResult
pl_fetch_block (PlFetch *fetch, const PlBlockTask *task, PlChain *chain, PlSpan *span, GError **error)
{
  const PlDialect *dialect = &fetch->source->dialect;
  const PlSourceFile *file = g_ptr_array_index (fetch->source->files, task->file);
  PlLexPoint start = {.state = PL_LEX_RECORD, .line = task->line};
  PlLexPoint end, first_point;
  PlSurvey survey;
  gint before;

  if (!fetch_range (fetch, task, &before, error))
    {
      if (!task->known)
        pl_chain_publish (chain, task->sequence, NULL);
      return PL_FETCH_FAILED;
    }
  pl_csv_survey (dialect, fetch->memory + LEAD, task->length, before, &survey);
  if (task->known)
    {
      start.state = (guint8) task->lex;
      start.after_cr = (guint8) (task->lex >> 8);
    }
  else if (!task->first && !pl_chain_wait (chain, task->sequence - 1, &start))
    {
      pl_chain_publish (chain, task->sequence, NULL);
      return PL_FETCH_VOID;
    }
  end = pl_csv_resolve (dialect, &survey, fetch->memory + LEAD, task->length, start);
  if (!task->known)
    pl_chain_publish (chain, task->sequence, &end);

  gsize first = pl_csv_first_record (dialect, fetch->memory + LEAD, task->length, start, &first_point);
  if (first >= task->length)
    return PL_FETCH_NOTHING;
  gsize stop;
  if (!fetch_tail (fetch, task->offset, task->length, end, &stop, error))
    return PL_FETCH_FAILED;
  memset (fetch->memory + LEAD + stop, 0, PAD);
  *span = (PlSpan){
      .data = fetch->memory + LEAD + first,
      .length = stop - first,
      .offset = task->offset + first,
      .line = first_point.line,
      .sequence = task->sequence,
      .file = task->file,
      .final = task->offset + stop == file->size,
  };
  return PL_FETCH_SPAN;
}

PlSpan
pl_fetch_part (const PlSpan *span, const PlBlockTask *task)
{
  PlSpan part = *span;
  /* The span may be shorter than it was: somebody may be writing the file. */
  gsize offset = MIN (task->part_offset, span->length);
  part.data += offset;
  part.length = MIN (task->part_length, span->length - offset);
  part.offset += offset;
  part.line = task->part_line;
  part.first_record = task->part_record;
  part.final = span->final && offset + part.length == span->length;
  return part;
}

void
pl_fetch_know (PlBlockTask *task, const PlLexPoint *start)
{
  task->known = TRUE;
  task->lex = (guint32) start->state | (guint32) start->after_cr << 8;
  task->line = start->line;
}
