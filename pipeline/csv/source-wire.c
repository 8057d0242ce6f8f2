/* A source on its way to a process worker: everything but what only opening needs. */
#include "source-wire.h"
#include "source.h"

#define WIRE_VERSION 5

static void
save_texts (char *const *texts, PlBuffer *buffer)
{
  guint n = 0;
  while (texts != NULL && texts[n] != NULL)
    n++;
  pl_buffer_put_u32 (buffer, n);
  for (guint i = 0; i < n; i++)
    pl_buffer_put_string (buffer, texts[i]);
}

static void
save_dialect (const PlDialect *dialect, PlBuffer *buffer)
{
  pl_buffer_put_u8 (buffer, (guint8) dialect->delimiter);
  pl_buffer_put_u8 (buffer, (guint8) dialect->quote);
  pl_buffer_put_u8 (buffer, (guint8) dialect->escape);
  pl_buffer_put_string (buffer, dialect->separator);
  pl_buffer_put_string (buffer, dialect->comment);
  pl_buffer_put_u8 (buffer, (guint8) dialect->line_end);
  pl_buffer_put_u8 (buffer, dialect->blanks != FALSE);
  pl_buffer_put_u8 (buffer, dialect->fills_short != FALSE);
  pl_buffer_put_u8 (buffer, dialect->cuts_long != FALSE);
  pl_buffer_put_u8 (buffer, (guint8) dialect->thousands);
  pl_buffer_put_u8 (buffer, dialect->lax_quotes != FALSE);
  pl_buffer_put_u8 (buffer, dialect->blank_rows != FALSE);
  pl_buffer_put_u8 (buffer, dialect->trim != FALSE);
  pl_buffer_put_u8 (buffer, dialect->decimal_comma != FALSE);
  pl_buffer_put_u8 (buffer, (guint8) dialect->n_date_formats);
  for (guint i = 0; i < dialect->n_date_formats; i++)
    {
      const PlDateFormat *format = &dialect->date_formats[i];
      pl_buffer_put_string (buffer, format->text);
      pl_buffer_put_u8 (buffer, format->shape.has_time != FALSE);
      pl_buffer_put_u8 (buffer, format->shape.is_zoned != FALSE);
    }
  save_texts (dialect->null_values, buffer);
  save_texts (dialect->true_values, buffer);
  save_texts (dialect->false_values, buffer);
}

static GStrv
load_texts (PlCursor *cursor)
{
  guint32 n = pl_cursor_get_u32 (cursor);
  GPtrArray *texts = g_ptr_array_new ();
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      char *text = pl_cursor_get_string (cursor);
      cursor->failed |= text == NULL;
      if (text != NULL)
        g_ptr_array_add (texts, text);
    }
  g_ptr_array_add (texts, NULL);
  return (GStrv) g_ptr_array_free (texts, n == 0);
}

static void
load_formats (PlDialect *dialect, PlCursor *cursor)
{
  guint n = pl_cursor_get_u8 (cursor);
  cursor->failed |= n > PL_MAX_FORMATS;
  dialect->date_formats = g_new0 (PlDateFormat, PL_MAX_FORMATS);
  for (guint i = 0; i < n && !cursor->failed; i++)
    {
      PlDateFormat *format = &dialect->date_formats[dialect->n_date_formats++];
      PlFormatShape shape;
      format->text = pl_cursor_get_string (cursor);
      format->shape.has_time = pl_cursor_get_u8 (cursor);
      format->shape.is_zoned = pl_cursor_get_u8 (cursor);
      cursor->failed |= format->text == NULL || !pl_format_check (format->text, &shape, NULL);
    }
}

/* A text of at most @most bytes. */
static void
load_short (char *text, gsize most, PlCursor *cursor)
{
  g_autofree char *loaded = pl_cursor_get_string (cursor);
  cursor->failed |= loaded == NULL || strlen (loaded) > most;
  g_strlcpy (text, cursor->failed ? "" : loaded, most + 1);
}

static void
load_dialect (PlDialect *dialect, PlCursor *cursor)
{
  dialect->delimiter = (char) pl_cursor_get_u8 (cursor);
  dialect->quote = (char) pl_cursor_get_u8 (cursor);
  dialect->escape = (char) pl_cursor_get_u8 (cursor);
  load_short (dialect->separator, PL_DELIMITER_MOST, cursor);
  load_short (dialect->comment, PL_COMMENT_MOST, cursor);
  dialect->line_end = (PlLineEnd) pl_cursor_get_u8 (cursor);
  cursor->failed |= dialect->line_end > PL_LINE_END_CRLF;
  dialect->blanks = pl_cursor_get_u8 (cursor);
  dialect->fills_short = pl_cursor_get_u8 (cursor);
  dialect->cuts_long = pl_cursor_get_u8 (cursor);
  dialect->thousands = (char) pl_cursor_get_u8 (cursor);
  dialect->lax_quotes = pl_cursor_get_u8 (cursor);
  dialect->blank_rows = pl_cursor_get_u8 (cursor);
  dialect->trim = pl_cursor_get_u8 (cursor);
  dialect->decimal_comma = pl_cursor_get_u8 (cursor);
  load_formats (dialect, cursor);
  dialect->null_values = load_texts (cursor);
  dialect->true_values = load_texts (cursor);
  dialect->false_values = load_texts (cursor);
}

static void
save_file (const PlSourceFile *file, guint n_columns, guint n_path_columns, PlBuffer *buffer)
{
  pl_buffer_put_string (buffer, file->path);
  pl_buffer_put_string (buffer, file->display);
  pl_buffer_put_u8 (buffer, (guint8) file->compression);
  pl_buffer_put_u8 (buffer, file->ranged != FALSE);
  if (file->ranged)
    {
      const PlFileState *state = pl_origin_state (file->origin);
      pl_buffer_append (buffer, state, sizeof *state);
    }
  pl_buffer_put_u64 (buffer, file->data_start);
  pl_buffer_put_u64 (buffer, file->data_line);
  pl_buffer_put_u32 (buffer, file->n_fields);
  pl_buffer_put_u8 (buffer, file->is_trailing != FALSE);
  for (guint i = 0; i < n_columns; i++)
    pl_buffer_put_u32 (buffer, (guint32) file->fields[i]);
  for (guint i = 0; i < n_path_columns; i++)
    pl_buffer_put_string (buffer, file->path_values[i]);
}

static PlSourceFile *
load_file (guint n_columns, guint n_path_columns, PlCursor *cursor)
{
  PlSourceFile *file = g_new0 (PlSourceFile, 1);
  file->path = pl_cursor_get_string (cursor);
  file->display = pl_cursor_get_string (cursor);
  file->compression = (PlCompression) pl_cursor_get_u8 (cursor);
  file->ranged = pl_cursor_get_u8 (cursor);
  const void *state = file->ranged ? pl_cursor_get_raw (cursor, sizeof (PlFileState)) : NULL;
  if (state != NULL && file->path != NULL)
    {
      PlFileState known;
      memcpy (&known, state, sizeof known);
      file->size = known.size;
      file->origin = pl_origin_load (file->path, &known);
    }
  file->data_start = pl_cursor_get_u64 (cursor);
  file->data_line = pl_cursor_get_u64 (cursor);
  file->n_fields = pl_cursor_get_u32 (cursor);
  file->is_trailing = pl_cursor_get_u8 (cursor);
  file->fields = g_new (gint, MAX (n_columns, 1));
  for (guint i = 0; i < n_columns; i++)
    {
      file->fields[i] = (gint) pl_cursor_get_u32 (cursor);
      cursor->failed
          |= file->fields[i] <= PL_FIELD_OF_PATH - (gint) n_path_columns || file->fields[i] >= (gint64) file->n_fields;
    }
  file->path_values = g_new0 (char *, n_path_columns + 1);
  for (guint i = 0; i < n_path_columns; i++)
    file->path_values[i] = pl_cursor_get_string (cursor);
  cursor->failed
      |= file->path == NULL || (file->ranged && file->origin == NULL) || file->display == NULL || file->n_fields == 0;
  return file;
}

void
pl_source_save (const PlSource *source, PlBuffer *buffer)
{
  guint n = source->schema->n_fields;
  pl_buffer_put_u8 (buffer, WIRE_VERSION);
  pl_buffer_put_string (buffer, source->name);
  pl_buffer_put_string (buffer, source->encoding);
  save_dialect (&source->dialect, buffer);
  pl_buffer_put_u32 (buffer, n);
  for (guint i = 0; i < n; i++)
    {
      const PlField *field = &source->schema->fields[i];
      pl_buffer_put_string (buffer, field->name);
      pl_buffer_append (buffer, &field->type, sizeof field->type);
      pl_buffer_append (buffer, &source->readings[i], sizeof (PlReading));
      save_texts (source->null_values != NULL && i < source->n_null_values ? source->null_values[i] : NULL, buffer);
      pl_buffer_put_u8 (buffer, source->uses[i]);
    }
  pl_buffer_put_u32 (buffer, source->n_path_columns);
  pl_buffer_put_u32 (buffer, source->files->len);
  for (guint i = 0; i < source->files->len; i++)
    save_file (g_ptr_array_index (source->files, i), n, source->n_path_columns, buffer);
  pl_buffer_put_u8 (buffer, (guint8) source->on_bad_row);
  pl_buffer_put_string (buffer, source->rejects);
  pl_buffer_put_u64 (buffer, source->max_bad_rows);
  pl_buffer_put_double (buffer, source->max_bad_share);
  pl_buffer_put_u64 (buffer, source->max_record_size);
  pl_buffer_put_u64 (buffer, source->limit);
}

static void
load_columns (PlSource *source, PlCursor *cursor)
{
  guint32 n = pl_cursor_get_u32 (cursor);
  /* Each column takes more than one byte, so a length that is not true fails before it allocates. */
  if (n > cursor->length)
    cursor->failed = TRUE;
  source->schema = pl_schema_new ();
  if (cursor->failed)
    return;
  source->readings = g_new0 (PlReading, MAX (n, 1));
  source->uses = g_new0 (guint8, MAX (n, 1));
  source->n_null_values = n;
  source->null_values = g_new0 (GStrv, n + 1);
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *name = pl_cursor_get_string (cursor);
      const void *bytes = pl_cursor_get_raw (cursor, sizeof (PlType));
      if (name == NULL || bytes == NULL)
        {
          cursor->failed = TRUE;
          return;
        }
      PlType type;
      memcpy (&type, bytes, sizeof type);
      cursor->failed |= type.kind > PL_TIMESTAMP || type.precision > 38 || type.scale > type.precision;
      pl_schema_add (source->schema, name, type);
      const void *reading = pl_cursor_get_raw (cursor, sizeof (PlReading));
      if (reading == NULL)
        return;
      memcpy (&source->readings[i], reading, sizeof (PlReading));
      source->schema->fields[i].extent = pl_reading_extent (&source->readings[i]);
      guint formats = (guint) source->readings[i].reads | (source->readings[i].style.formats & ~PL_FORMAT_OF_BOOLS);
      cursor->failed |= formats >> source->dialect.n_date_formats != 0;
      source->null_values[i] = load_texts (cursor);
      source->uses[i] = pl_cursor_get_u8 (cursor);
    }
}

PlSource *
pl_source_load (PlCursor *cursor)
{
  g_autoptr (PlSource) source = g_new0 (PlSource, 1);
  cursor->failed |= pl_cursor_get_u8 (cursor) != WIRE_VERSION;
  source->name = pl_cursor_get_string (cursor);
  source->encoding = pl_cursor_get_string (cursor);
  load_dialect (&source->dialect, cursor);
  load_columns (source, cursor);
  source->files = g_ptr_array_new ();
  source->n_path_columns = pl_cursor_get_u32 (cursor);
  cursor->failed |= source->n_path_columns > source->schema->n_fields;
  if (cursor->failed)
    source->n_path_columns = 0;
  guint32 n_files = pl_cursor_get_u32 (cursor);
  for (guint32 i = 0; i < n_files && !cursor->failed; i++)
    g_ptr_array_add (source->files, load_file (source->schema->n_fields, source->n_path_columns, cursor));
  source->on_bad_row = (PlBadRowPolicy) pl_cursor_get_u8 (cursor);
  source->rejects = pl_cursor_get_string (cursor);
  source->max_bad_rows = pl_cursor_get_u64 (cursor);
  source->max_bad_share = pl_cursor_get_double (cursor);
  source->max_record_size = pl_cursor_get_u64 (cursor);
  source->limit = pl_cursor_get_u64 (cursor);
  return cursor->failed ? NULL : g_steal_pointer (&source);
}
