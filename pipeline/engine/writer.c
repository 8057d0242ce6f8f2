/* Outputs in order: see writer.h.
 *
 * Blocks in flight are never further apart than there are blocks, so a ring of that size holds what came too early.
 * Where a segment may stop early (limit), how many blocks were read behind the last row needed depends on luck: what
 * they say about their source waits until that row is known. */
#include "writer.h"
#include "../base/error.h"
#include "../flow/rejects.h"
#include "../io/append.h"
#include "../io/publish.h"

typedef struct
{
  const PlSink *sink;
  PlSchema *schema;
  PlOutput *output;
  gboolean has_bytes;
  PlBuffer rows; /* formats with a layout: what is laid out at the end */
} SinkOutput;

typedef struct
{
  const PlSource *source;
  PlOutput *output; /* NULL: no quarantine */
  gboolean has_lines;
  guint64 records, rejected;
  GHashTable *
      refused; /* of guint64 *, as in PlRejectMark.record: those rejected so far; NULL: no later segment has its rows */
} SourceOutput;

/* What one block of a segment that may stop early says of its source. */
typedef struct
{
  guint64 base, records;
  PlBuffer marks, rejects;
} Held;

struct PlWriter
{
  PlPool *pool;
  PlOutputSet *set;
  SinkOutput *sinks;
  guint n_sinks;
  SourceOutput *sources; /* per segment */
  guint n_sources;
  PlBlock **ring;
  guint64 next; /* sequence of the block whose turn it is */
  guint64 rows_of_segment;
  GArray *starts; /* of guint64: how many rows the segment's blocks before each give, where it may stop early */
  guint64 trace;
  const PlSegment *segment;
  const char *foreign; /* (nullable): what runs foreign code in the segment's workers */
  GArray *held;        /* of Held */
  gboolean failed;
  guint64 bytes, rows;
};

/* Readers drop a byte order mark at a file's start: one that belongs to a name or a value has another in front. */
static gboolean
write_bytes (SinkOutput *sink, const char *bytes, gsize length, GError **error)
{
  static const char mark[] = "\xef\xbb\xbf";
  gboolean first = !sink->has_bytes && pl_output_is_new (sink->output);
  sink->has_bytes = TRUE;
  if (first && !sink->sink->format.has_mark && sink->sink->format.format->begin != NULL && length >= 3
      && memcmp (bytes, mark, 3) == 0 && !pl_output_write (sink->output, mark, 3, error))
    return FALSE;
  return pl_output_write (sink->output, bytes, length, error);
}

static gboolean
add_sink (PlWriter *writer, const PlStep *step, PlSchema *schema, GError **error)
{
  const PlSink *sink = step->sink;
  SinkOutput *output = &writer->sinks[step->output];
  if (output->output != NULL)
    return TRUE;
  output->sink = sink;
  output->schema = schema;
  output->output = pl_output_set_add (writer->set, sink->path, sink->mode, sink->compression, error);
  return output->output != NULL;
}

/* When all outputs are there: whether an output is new may have waited for another run. */
static gboolean
begin_sink (SinkOutput *output, GError **error)
{
  const PlFormatOptions *options = &output->sink->format;
  g_auto (PlBuffer) header = PL_BUFFER_INIT;
  if (options->format->layout != NULL || options->format->begin == NULL)
    return TRUE;
  options->format->begin (options, output->schema, &header);
  if (!pl_output_is_new (output->output))
    {
      g_auto (PlBuffer) begun = PL_BUFFER_INIT;
      return options->format->append == NULL
             || (pl_output_begun (output->output, 4 * header.length, &begun, error)
                 && options->format->append (options, output->schema, &begun, output->sink->display, error));
    }
  return header.length == 0 || write_bytes (output, header.data, header.length, error);
}

static gboolean
add_segment (PlWriter *writer, const PlSegment *segment, GError **error)
{
  const PlSource *source = segment->source;
  SourceOutput *output = &writer->sources[segment->index];
  output->source = source;
  if (source != NULL && source->on_bad_row == PL_BAD_ROW_QUARANTINE && source->rejects != NULL)
    {
      output->output = pl_output_set_add (writer->set, source->rejects, PL_OUTPUT_REPLACE, PL_COMPRESSION_AUTO, error);
      if (output->output == NULL)
        return FALSE;
      pl_output_keep_private (output->output);
    }
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->sink != NULL && !add_sink (writer, step, step->schema, error))
        return FALSE;
    }
  return TRUE;
}

PlWriter *
pl_writer_new (const PlSegments *segments, PlPool *pool, gboolean waits, const gint *cancelled, GError **error)
{
  g_autoptr (PlWriter) writer = g_new0 (PlWriter, 1);
  writer->pool = pool;
  writer->set = pl_output_set_new ();
  pl_output_set_heed (writer->set, waits, cancelled);
  writer->ring = g_new0 (PlBlock *, pool->shared.n_blocks);
  writer->held = g_array_new (FALSE, FALSE, sizeof (Held));
  writer->starts = g_array_new (FALSE, FALSE, sizeof (guint64));
  if (segments == NULL)
    return g_steal_pointer (&writer);
  writer->n_sinks = segments->n_outputs;
  writer->sinks = g_new0 (SinkOutput, writer->n_sinks + 1);
  writer->n_sources = segments->list->len;
  writer->sources = g_new0 (SourceOutput, writer->n_sources + 1);
  for (guint i = 0; i < segments->list->len; i++)
    if (!add_segment (writer, g_ptr_array_index (segments->list, i), error))
      return NULL;
  for (guint i = 0; i < segments->list->len; i++)
    {
      const PlSegment *origin = ((const PlSegment *) g_ptr_array_index (segments->list, i))->origin;
      if (origin != NULL && writer->sources[origin->index].refused == NULL)
        writer->sources[origin->index].refused = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
    }
  if (!pl_output_set_begin (writer->set, error))
    return NULL;
  for (guint i = 0; i < writer->n_sinks; i++)
    if (!begin_sink (&writer->sinks[i], error))
      return NULL;
  return g_steal_pointer (&writer);
}

static void
drop_held (PlWriter *writer)
{
  for (guint i = 0; i < writer->held->len; i++)
    {
      Held *held = &g_array_index (writer->held, Held, i);
      pl_buffer_clear (&held->marks);
      pl_buffer_clear (&held->rejects);
    }
  g_array_set_size (writer->held, 0);
}

void
pl_writer_free (PlWriter *writer)
{
  if (writer == NULL)
    return;
  for (guint i = 0; i < writer->n_sinks; i++)
    pl_buffer_clear (&writer->sinks[i].rows);
  for (guint i = 0; i < writer->n_sources; i++)
    g_clear_pointer (&writer->sources[i].refused, g_hash_table_unref);
  drop_held (writer);
  g_array_unref (writer->held);
  g_array_unref (writer->starts);
  pl_output_set_free (writer->set);
  g_free (writer->sinks);
  g_free (writer->sources);
  g_free (writer->ring);
  g_free (writer);
}

void
pl_writer_begin (PlWriter *writer, const PlSegment *segment)
{
  writer->segment = segment;
  writer->foreign = pl_segment_foreign (segment);
  writer->next = 0;
  writer->trace = 0;
  writer->rows_of_segment = 0;
  g_array_set_size (writer->starts, 0);
  drop_held (writer);
}

/* Takes out of @marks, and of their lines in @rejects, the records that were rejected before, in another block or
 * segment: kept rows may be several of one record. Returns: bytes of what is left of the lines. */
static gsize
drop_known (SourceOutput *output, PlBuffer *marks, PlBuffer *rejects)
{
  PlRejectMark *mark = (PlRejectMark *) (gpointer) marks->data;
  gsize n = 0, from = 0, to = 0;
  for (gsize i = 0; i < marks->length / sizeof (PlRejectMark); i++)
    {
      const PlRejectMark one = mark[i];
      if (g_hash_table_add (output->refused, g_memdup2 (&one.record, sizeof one.record)))
        {
          if (one.length > 0 && to < from)
            memmove (rejects->data + to, rejects->data + from, one.length);
          to += one.length;
          mark[n++] = one;
        }
      from += one.length;
    }
  marks->length = n * sizeof (PlRejectMark);
  return to;
}

/* @output gets its first line. */
static gboolean
begin_rejects (SourceOutput *output, GError **error)
{
  g_auto (PlBuffer) header = PL_BUFFER_INIT;
  pl_rejects_header (&header);
  output->has_lines = TRUE;
  return pl_output_write (output->output, header.data, header.length, error);
}

/* Adds rejected records, and the first @length bytes of the lines they have, to the source's account. */
static gboolean
write_rejects (SourceOutput *output, PlBuffer *marks, PlBuffer *rejects, gsize length, GError **error)
{
  if (output->refused != NULL && marks->length > 0)
    length = drop_known (output, marks, rejects);
  output->rejected += marks->length / sizeof (PlRejectMark);
  if (length == 0 || output->output == NULL)
    return TRUE;
  if (!output->has_lines && !begin_rejects (output, error))
    return FALSE;
  return pl_output_write (output->output, rejects->data, length, error);
}

/* (nullable): of the source whose rows the current segment works on. */
static SourceOutput *
source_of (const PlWriter *writer)
{
  const PlSegment *segment = writer->segment;
  const PlSegment *reading = segment->source != NULL ? segment : segment->origin;
  return reading != NULL ? &writer->sources[reading->index] : NULL;
}

static gboolean
write_source (PlWriter *writer, PlBlock *block, GError **error)
{
  SourceOutput *output = source_of (writer);
  if (!writer->segment->satisfiable)
    {
      output->records += block->records;
      return write_rejects (output, &block->marks, &block->rejects, block->rejects.length, error);
    }
  Held held = {block->task.base, block->records, PL_BUFFER_INIT, PL_BUFFER_INIT};
  pl_buffer_append (&held.marks, block->marks.data, block->marks.length);
  pl_buffer_append (&held.rejects, block->rejects.data, block->rejects.length);
  g_array_append_val (writer->held, held);
  return TRUE;
}

static gboolean
fail_unsound (const PlWriter *writer, const PlBlock *block, GError **error)
{
  g_autofree char *which = pl_block_describe (&block->task, writer->segment->source, writer->segment->label);
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_PROTOCOL,
               "what worker process %d gave for %s was written over before it could be used: something in a worker "
               "writes over memory that is not its own; see to [%s]",
               block->worker, which, writer->foreign);
  return FALSE;
}

static gboolean
write_block (PlWriter *writer, PlBlock *block, GError **error)
{
  for (guint i = 0; i < writer->n_sinks; i++)
    {
      const PlBuffer *bytes = &block->outputs[i];
      SinkOutput *sink = &writer->sinks[i];
      if (bytes->length == 0)
        continue;
      if (sink->sink->format.format->layout != NULL)
        pl_buffer_append (&sink->rows, bytes->data, bytes->length);
      else if (!write_bytes (sink, bytes->data, bytes->length, error))
        return FALSE;
      if (writer->foreign != NULL && !pl_block_is_sound (block, i))
        return fail_unsound (writer, block, error);
    }
  return writer->n_sources == 0 || source_of (writer) == NULL || write_source (writer, block, error);
}

gboolean
pl_writer_take (PlWriter *writer, PlBlock *block, guint64 *position, GError **error)
{
  guint n = writer->pool->shared.n_blocks;
  gboolean ok = TRUE;
  writer->ring[block->task.sequence % n] = block;
  while ((block = writer->ring[writer->next % n]) != NULL)
    {
      writer->ring[writer->next % n] = NULL;
      writer->next++;
      writer->trace += pl_block_trace (block->task.sequence, block->rows);
      if (writer->segment != NULL && writer->segment->satisfiable)
        g_array_append_val (writer->starts, writer->rows_of_segment);
      writer->rows_of_segment += block->rows;
      if (block->task.kind != PL_BLOCK_ROWS)
        {
          writer->bytes += block->task.length;
          writer->rows += block->rows;
        }
      if (!writer->failed && !write_block (writer, block, error))
        {
          writer->failed = TRUE;
          *position = block->task.base;
          ok = FALSE;
        }
      pl_pool_release (writer->pool, block);
    }
  return ok;
}

/* The first records of @held, up to position @limit. */
static gboolean
write_held (SourceOutput *output, Held *held, guint64 limit, GError **error)
{
  const PlRejectMark *marks = (const PlRejectMark *) (const void *) held->marks.data;
  gsize n = 0, length = 0;
  if (held->base > limit)
    return TRUE;
  output->records += MIN (held->records, limit - held->base == G_MAXUINT64 ? G_MAXUINT64 : limit - held->base + 1);
  while (n < held->marks.length / sizeof (PlRejectMark) && marks[n].position <= limit)
    length += marks[n++].length;
  held->marks.length = n * sizeof (PlRejectMark);
  return write_rejects (output, &held->marks, &held->rejects, length, error);
}

gboolean
pl_writer_end (PlWriter *writer, guint64 limit, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < writer->held->len && ok; i++)
    ok = write_held (source_of (writer), &g_array_index (writer->held, Held, i), limit, error);
  drop_held (writer);
  return ok;
}

static gboolean
check_threshold (const SourceOutput *output, GError **error)
{
  const PlSource *source = output->source;
  if (source == NULL)
    return TRUE;
  if (output->rejected > source->max_bad_rows)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_THRESHOLD,
                   "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                   " rows of [source %s] were rejected; max-bad-rows allows %" G_GUINT64_FORMAT,
                   output->rejected, output->records, source->name, source->max_bad_rows);
      return FALSE;
    }
  if ((double) output->rejected > source->max_bad_share * (double) output->records)
    {
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_THRESHOLD,
                   "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                   " rows of [source %s] were rejected; max-bad-rows allows %g%%",
                   output->rejected, output->records, source->name, source->max_bad_share * 100);
      return FALSE;
    }
  return TRUE;
}

static gboolean
lay_out (SinkOutput *sink, GError **error)
{
  const PlFormatOptions *options = &sink->sink->format;
  g_auto (PlBuffer) out = PL_BUFFER_INIT;
  if (options->format->layout == NULL)
    return TRUE;
  if (options->has_mark && pl_output_is_new (sink->output))
    pl_buffer_append (&out, "\xef\xbb\xbf", 3);
  return options->format->layout (options, sink->schema, &sink->rows, &out, error)
         && pl_output_write (sink->output, out.data, out.length, error);
}

/* Without rejects there is no file of them; one of an earlier run would speak of rows that are good now, so that an
 * empty one takes its place. */
static gboolean
settle_rejects (SourceOutput *output, GError **error)
{
  if (output->output == NULL || output->has_lines)
    return TRUE;
  if (pl_output_replaces (output->output))
    return begin_rejects (output, error);
  pl_output_drop (output->output);
  output->output = NULL;
  return TRUE;
}

gboolean
pl_writer_publish (PlWriter *writer, GError **error)
{
  for (guint i = 0; i < writer->n_sources; i++)
    if (!check_threshold (&writer->sources[i], error))
      return FALSE;
  for (guint i = 0; i < writer->n_sinks; i++)
    if (!lay_out (&writer->sinks[i], error))
      return FALSE;
  for (guint i = 0; i < writer->n_sources; i++)
    if (!settle_rejects (&writer->sources[i], error))
      return FALSE;
  return pl_output_set_publish (writer->set, error);
}

guint64
pl_writer_blocks (const PlWriter *writer)
{
  return writer->next;
}

guint64
pl_writer_trace (const PlWriter *writer)
{
  return writer->trace;
}

guint64
pl_writer_bytes (const PlWriter *writer)
{
  return writer->bytes;
}

guint64
pl_writer_bytes_written (const PlWriter *writer)
{
  guint64 bytes = 0;
  for (guint i = 0; i < writer->n_sinks; i++)
    bytes += pl_output_bytes (writer->sinks[i].output);
  for (guint i = 0; i < writer->n_sources; i++)
    if (writer->sources[i].output != NULL)
      bytes += pl_output_bytes (writer->sources[i].output);
  return bytes;
}

guint64
pl_writer_segment_rows (const PlWriter *writer, guint64 limit, guint64 n_before)
{
  if (limit == G_MAXUINT64)
    return writer->rows_of_segment;
  const guint64 block = limit >> 32;
  return block < n_before || block - n_before >= writer->starts->len
             ? 0
             : g_array_index (writer->starts, guint64, block - n_before) + (guint32) limit + 1;
}

guint64
pl_writer_rows (const PlWriter *writer)
{
  return writer->rows;
}

void
pl_writer_source (const PlWriter *writer, const PlSegment *segment, guint64 *records, guint64 *rejected)
{
  *records = writer->sources[segment->index].records;
  *rejected = writer->sources[segment->index].rejected;
}
