/* Ranged reading with exact record boundaries: see range.h. Reads with pread(): the page cache does the rest.
 *
 * Bytes lie at the same place of a page as in the file. Where the kernel copies them to up to 31 bytes further on, some
 * processors (AMD's Zen 3) take four times as long, because every load seems to meet the store before it. */
#include "range.h"
#include "../base/lease.h"
#include "../base/memory.h"
#include "../base/error.h"
#include "../io/origin-state.h"

#include <errno.h>
#include <unistd.h>

#define PAGE 4096u
/* Readable bytes behind every span. */
#define PAD 64u
/* Read along with each block: the rest of most last records. */
#define AHEAD 1024u
#define FIRST_PIECE 4096u
#define LARGEST_PIECE (1u << 20)

void
pl_fetch_init (PlFetch *fetch, const PlSource *source)
{
  *fetch = (PlFetch){.source = source, .file = -1, .fd = -1};
}

static void
fetch_close (PlFetch *fetch)
{
  if (fetch->file >= 0)
    {
      const PlSourceFile *file = g_ptr_array_index (fetch->source->files, (guint) fetch->file);
      pl_origin_give_back (file->origin, fetch->fd);
    }
  fetch->fd = -1;
  fetch->file = -1;
}

void
pl_fetch_clear (PlFetch *fetch)
{
  fetch_close (fetch);
  pl_lease_give (fetch->capacity);
  free (fetch->memory);
  fetch->memory = NULL;
  fetch->capacity = 0;
}

/* Makes room for @length bytes of data, keeping the first @keep and the byte before them. */
static void
fetch_reserve (PlFetch *fetch, gsize length, gsize keep)
{
  gsize lead = fetch->data == NULL ? 0 : (gsize) (fetch->data - fetch->memory);
  gsize wanted = 2 * PAGE + length + PAD;
  if (wanted <= fetch->capacity)
    return;
  gsize capacity = MAX (wanted, fetch->capacity + fetch->capacity / 2);
  gpointer memory = NULL;
  /* Where nothing is kept, the old memory goes before the new comes. */
  if (keep == 0)
    {
      pl_lease_give (fetch->capacity);
      free (g_steal_pointer (&fetch->memory));
      fetch->capacity = 0;
    }
  if (posix_memalign (&memory, PAGE, capacity) != 0)
    pl_no_memory (capacity);
  pl_lease_take (capacity);
  if (keep > 0)
    {
      memcpy ((char *) memory + lead - 1, fetch->data - 1, keep + 1);
      pl_lease_give (fetch->capacity);
      free (fetch->memory);
    }
  fetch->memory = memory;
  fetch->data = fetch->memory + lead;
  fetch->capacity = capacity;
}

static gboolean
fetch_open (PlFetch *fetch, guint index, GError **error)
{
  const PlSourceFile *file = g_ptr_array_index (fetch->source->files, index);
  if (fetch->file == (gint) index)
    return TRUE;
  fetch_close (fetch);
  fetch->fd = pl_origin_borrow (file->origin, file->display, error);
  if (fetch->fd >= 0)
    fetch->file = (gint) index;
  return fetch->fd >= 0;
}

/* Reads [offset, offset + length) of the open file, and up to @ahead bytes more.
 * Returns: how many of them, -1 on failure. The one place that knows how. */
static gssize
fetch_bytes (PlFetch *fetch, guint64 offset, char *data, gsize length, gsize ahead, GError **error)
{
  const PlSourceFile *file = g_ptr_array_index (fetch->source->files, (guint) fetch->file);
  gsize done = 0;
  while (done < length)
    {
      gssize n = pread (fetch->fd, data + done, length + ahead - done, (off_t) (offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved = errno;
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", file->display, g_strerror (saved));
          return -1;
        }
      if (n == 0)
        {
          pl_origin_cut_short (file->origin, file->display, offset + done, error);
          return -1;
        }
      done += (gsize) n;
    }
  fetch->bytes += length;
  return (gssize) (done - length);
}

/* Reads on until the record ends that is open at @point, behind @length bytes of data. @end: bytes of data up to
 * there. */
static gboolean
fetch_tail (PlFetch *fetch, guint64 offset, gsize length, PlLexPoint point, gsize *end, GError **error)
{
  const PlSource *source = fetch->source;
  const PlSourceFile *file = g_ptr_array_index (source->files, (guint) fetch->file);
  guint64 rest = file->size - offset - length;
  gsize walked = length, piece = FIRST_PIECE;
  gsize behind = 0;
  *end = length;
  while (!pl_csv_record_end (&source->dialect, fetch->data + walked - behind, behind, &point, end))
    {
      *end = walked;
      if (rest == 0 || walked - length > source->max_record_size)
        return TRUE;
      if (walked == length && fetch->ahead > 0)
        behind = fetch->ahead;
      else
        {
          behind = MIN (piece, rest);
          fetch_reserve (fetch, walked + behind, walked);
          if (fetch_bytes (fetch, offset + walked, fetch->data + walked, behind, 0, error) < 0)
            return FALSE;
          piece = MIN (piece * 2, LARGEST_PIECE);
        }
      walked += behind;
      rest -= behind;
    }
  *end += walked - behind;
  return TRUE;
}

/* The block's bytes, the one before them, and what comes along of those behind. */
static gboolean
fetch_range (PlFetch *fetch, const PlBlockTask *task, gint *before, GError **error)
{
  gboolean lead = !task->first && task->offset > 0;
  if (!fetch_open (fetch, task->file, error))
    return FALSE;
  const PlSourceFile *file = g_ptr_array_index (fetch->source->files, task->file);
  guint64 end = task->offset + task->length;
  gsize ahead = MIN (AHEAD, file->size > end ? file->size - end : 0);
  fetch_reserve (fetch, task->length + ahead, 0);
  fetch->data = fetch->memory + PAGE + task->offset % PAGE;
  gssize n = fetch_bytes (fetch, task->offset - lead, fetch->data - lead, task->length + lead, ahead, error);
  if (n < 0)
    return FALSE;
  fetch->ahead = (gsize) n;
  memset (fetch->data + task->length + n, 0, PAD);
  *before = lead ? (guint8) fetch->data[-1] : -1;
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
  if (fetch->reader != NULL)
    pl_csv_reader_survey (fetch->reader, task->file, fetch->data, task->length, fetch->ahead, before, &survey);
  else
    pl_csv_survey (dialect, fetch->data, task->length, before, &survey);
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
  end = pl_csv_resolve (dialect, &survey, fetch->data, task->length, start);
  if (!task->known)
    pl_chain_publish (chain, task->sequence, &end);

  gsize first = pl_csv_first_record (dialect, fetch->data, task->length, start, &first_point);
  if (first >= task->length)
    return PL_FETCH_NOTHING;
  gsize stop;
  if (!fetch_tail (fetch, task->offset, task->length, end, &stop, error))
    return PL_FETCH_FAILED;
  memset (fetch->data + stop, 0, PAD);
  *span = (PlSpan){
      .data = fetch->data + first,
      .length = stop - first,
      .offset = task->offset + first,
      .line = first_point.line,
      .position = task->base,
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
