/* The producer: ranges of files that workers read themselves, buffers of whole records of those they cannot, and
 * pieces of rows.
 *
 * A buffer is filled behind the tail of the one before, up to block-size bytes, and cut behind its last whole record.
 * When it holds no whole record it grows, up to max-record-size; a longer record goes out unfinished, so that the
 * reader rejects it, and the rest of it is dropped here. When reading fails, the whole records before the failure go
 * out first: whether one of them is bad does not depend on where blocks are cut. */
#include "producer.h"
#include "../io/origin-state.h"
#include "../io/input.h"

/* Ranges end at multiples of this in their file, so that no page is read twice. */
#define PAGE 4096

/* How far behind a record that is too long workers may have read. */
#define SLACK ((guint64) 2 << 20)

struct PlProducer
{
  const PlSource *source;
  guint64 n_pieces;
  const PlShared *shared;
  guint64 block_size;
  guint64 n_before;
  guint64 sequence;
  guint64 next_piece;
  guint file;
  guint64 offset; /* ranged: of the next block, 0: the file has not begun */
  /* An input read here: */
  PlInput *input;
  PlLexPoint point; /* of the next record */
  PlBuffer tail;    /* bytes behind the last cut */
  guint64 tail_offset;
  gboolean ended;
  gboolean skipping; /* inside an oversized record that went out already */
  GError *pending;   /* to be reported with the next block */
  guint64 bytes;
};

PlProducer *
pl_producer_new (const PlSource *source, guint64 n_pieces, const PlShared *shared, guint64 block_size, guint64 n_before)
{
  PlProducer *producer = g_new0 (PlProducer, 1);
  producer->source = source;
  producer->n_pieces = n_pieces;
  producer->shared = shared;
  producer->block_size = block_size;
  producer->n_before = n_before;
  return producer;
}

void
pl_producer_free (PlProducer *producer)
{
  if (producer == NULL)
    return;
  g_clear_pointer (&producer->input, pl_input_free);
  pl_buffer_clear (&producer->tail);
  g_clear_error (&producer->pending);
  g_free (producer);
}

guint64
pl_producer_sequence (const PlProducer *producer)
{
  return producer->sequence;
}

guint64
pl_producer_bytes (const PlProducer *producer)
{
  return producer->bytes;
}

static gboolean
fill_rows (PlProducer *producer, PlBlockTask *task)
{
  if (producer->next_piece == producer->n_pieces)
    return FALSE;
  task->kind = PL_BLOCK_ROWS;
  task->offset = producer->next_piece++;
  return TRUE;
}

/* The next range of @file; %FALSE when it has no more. */
static gboolean
fill_range (PlProducer *producer, const PlSourceFile *file, PlBlockTask *task, GError **error)
{
  gboolean first = producer->offset == 0;
  guint64 offset = first ? file->data_start : producer->offset;
  if (offset >= file->size)
    return FALSE;
  task->kind = PL_BLOCK_RANGE;
  task->file = producer->file;
  task->offset = offset;
  task->length = producer->block_size;
  if (task->length > PAGE)
    task->length -= (offset + task->length) % PAGE;
  task->length = MIN (task->length, file->size - offset);
  task->first = first;
  task->line = file->data_line;
  producer->offset = offset + task->length;
  /* Whoever gets the block reads on behind it until its last record ends. */
  return pl_origin_cover (file->origin, file->display, producer->offset + producer->source->max_record_size + SLACK,
                          error);
}

static gboolean
open_input (PlProducer *producer, const PlSourceFile *file, GError **error)
{
  producer->input = pl_input_open_member (file->origin, file->member, file->display, file->compression,
                                          &producer->source->text, error);
  if (producer->input == NULL)
    return FALSE;
  guint64 offset = pl_input_offset (producer->input);
  if (offset < file->data_start && !pl_input_skip (producer->input, file->data_start - offset, error))
    return FALSE;
  producer->point = (PlLexPoint){.state = PL_LEX_RECORD, .line = file->data_line};
  producer->tail.length = 0;
  producer->tail_offset = file->data_start;
  producer->ended = FALSE;
  producer->skipping = FALSE;
  return TRUE;
}

/* Reads up to @wanted bytes of data in @data, which has *@length of them. A failure is kept for later; it ends the
 * input. */
static void
read_up_to (PlProducer *producer, char *data, gsize *length, gsize wanted)
{
  while (*length < wanted && !producer->ended)
    {
      gssize n = pl_input_read (producer->input, data + *length, wanted - *length, &producer->pending);
      producer->ended = n <= 0;
      *length += n > 0 ? (gsize) n : 0;
      producer->bytes += n > 0 ? (gsize) n : 0;
    }
}

static void
drop_front (PlProducer *producer, char *data, gsize *length, gsize n)
{
  memmove (data, data + n, *length - n);
  *length -= n;
  producer->tail_offset += n;
}

/* Drops what is left of an oversized record: from the front of @data, reading on as long as it goes on. */
static void
skip_record (PlProducer *producer, char *data, gsize *length, gsize wanted)
{
  gsize end;
  do
    {
      read_up_to (producer, data, length, wanted);
      producer->skipping = !pl_csv_record_end (&producer->source->dialect, data, *length, &producer->point, &end);
      drop_front (producer, data, length, producer->skipping ? *length : end);
    }
  while (producer->skipping && !producer->ended);
  producer->skipping = FALSE;
  producer->point.state = PL_LEX_RECORD;
  if (!producer->point.after_cr)
    return;
  /* The LF of the line end whose CR has just been dropped. */
  read_up_to (producer, data, length, 1);
  if (*length > 0 && data[0] == '\n')
    drop_front (producer, data, length, 1);
  producer->point.after_cr = FALSE;
}

/* Finds what of @data goes out; reads more while not even one record is whole.
 * Returns: bytes, 0 at the end of the file. */
static gsize
cut_records (PlProducer *producer, char *data, gsize *length, PlLexPoint *point)
{
  const PlSource *source = producer->source;
  gsize wanted = MAX (producer->block_size, *length + 1);
  for (;;)
    {
      read_up_to (producer, data, length, wanted);
      memset (data + *length, 0, 64);
      if (producer->ended && producer->pending == NULL)
        return *length;
      PlLexPoint behind = *point;
      gsize cut = pl_csv_last_record (&source->dialect, data, *length, &behind);
      if (cut > 0 || producer->ended)
        {
          *point = behind;
          return cut;
        }
      if (*length > source->max_record_size)
        {
          PlSurvey survey;
          pl_csv_survey (&source->dialect, data, *length, -1, &survey);
          *point = pl_csv_resolve (&source->dialect, &survey, data, *length, *point);
          producer->skipping = TRUE;
          return *length;
        }
      wanted = MIN (*length * 2, source->max_record_size + 1);
    }
}

/* The next buffer of the open input; %FALSE when it has no more. */
static gboolean
fill_buffer (PlProducer *producer, PlBlockTask *task)
{
  char *data = pl_shared_region (producer->shared, task->index);
  gsize length = producer->tail.length;
  memcpy (data, producer->tail.length > 0 ? producer->tail.data : "", length);
  if (producer->skipping)
    skip_record (producer, data, &length, MAX (producer->block_size, 4096));
  PlLexPoint point = producer->point;
  gsize cut = cut_records (producer, data, &length, &point);
  producer->tail.length = 0;
  if (cut == 0)
    return FALSE;
  task->kind = PL_BLOCK_BUFFER;
  task->file = producer->file;
  task->offset = producer->tail_offset;
  task->length = cut;
  task->line = producer->point.line;
  task->final = producer->ended && cut == length && producer->pending == NULL;
  pl_buffer_append (&producer->tail, data + cut, length - cut);
  memset (data + cut, 0, 64);
  pl_shared_touch_region (producer->shared, task);
  producer->tail_offset += cut;
  producer->point = point;
  return TRUE;
}

/* The next block of the current file; @ended: it has no more. */
static gboolean
fill_from_file (PlProducer *producer, PlBlockTask *task, GError **error)
{
  const PlSourceFile *file = g_ptr_array_index (producer->source->files, producer->file);
  if (file->ranged)
    return fill_range (producer, file, task, error);
  if (producer->input == NULL && !open_input (producer, file, error))
    return FALSE;
  if (fill_buffer (producer, task))
    return TRUE;
  if (producer->pending != NULL)
    g_propagate_error (error, g_steal_pointer (&producer->pending));
  return FALSE;
}

gboolean
pl_producer_fill (PlProducer *producer, PlBlock *block, guint64 *position, GError **error)
{
  PlBlockTask *task = &block->task;
  *task = (PlBlockTask){
      .sequence = producer->sequence,
      .base = (producer->n_before + producer->sequence) << 32,
      .index = task->index,
  };
  gboolean filled = FALSE;
  if (task->base > pl_chain_bound (producer->shared->chain))
    return FALSE;
  if (producer->source == NULL)
    filled = fill_rows (producer, task);
  else
    while (!filled && producer->file < producer->source->files->len)
      {
        GError *failure = NULL;
        filled = fill_from_file (producer, task, &failure);
        if (failure != NULL)
          {
            *position = task->base;
            g_propagate_error (error, failure);
            return FALSE;
          }
        if (!filled)
          {
            producer->file++;
            producer->offset = 0;
            g_clear_pointer (&producer->input, pl_input_free);
          }
      }
  producer->sequence += filled;
  return filled;
}
