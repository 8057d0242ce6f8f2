/* Rows from text and as text: see harness.h. Values are read with the engine's own parsers, so that a test's text means
 * what it means in a file. */
#include "harness.h"
#include "../../pipeline/table/parse.h"
#include "../../pipeline/table/print.h"

/* As g_strsplit() does it, whose strstr() sanitizers make look at all that is left, for every line. */
static GStrv
split_lines (const char *text)
{
  GPtrArray *lines = g_ptr_array_new ();
  const char *end = text + strlen (text), *feed;
  for (; (feed = memchr (text, '\n', (gsize) (end - text))) != NULL; text = feed + 1)
    g_ptr_array_add (lines, g_strndup (text, (gsize) (feed - text)));
  g_ptr_array_add (lines, g_strndup (text, (gsize) (end - text)));
  g_ptr_array_add (lines, NULL);
  return (GStrv) g_ptr_array_free (lines, FALSE);
}

static PlSchema *
read_header (const char *line)
{
  PlSchema *schema = pl_schema_new ();
  g_auto (GStrv) fields = g_strsplit (line, ",", -1);
  for (guint i = 0; fields[i] != NULL; i++)
    {
      PlType type = PL_TYPE (PL_STRING);
      char *colon = strchr (fields[i], ':');
      if (colon != NULL)
        {
          *colon = '\0';
          g_autofree char *name = g_strdelimit (g_strdup (colon + 1), "/", ',');
          g_assert (pl_type_parse (name, &type, NULL));
        }
      pl_schema_add (schema, fields[i], type);
    }
  return schema;
}

static void
read_value (PlColumn *column, gsize row, const char *text, PlArena *arena)
{
  gsize length = strlen (text);
  gboolean ok = TRUE, zoned;
  if (column->lexical != NULL)
    column->lexical[row] = (PlText){pl_arena_copy (arena, text, length), (guint32) length, 0};
  if (length == 0)
    {
      column->nulls[row] = 1;
      memset ((guint8 *) column->values + row * pl_type_width (column->type), 0, pl_type_width (column->type));
      if (column->type.kind == PL_STRING)
        column->texts[row].data = "";
      if (column->exact != NULL)
        {
          column->exact[row] = 0;
          column->exact_scales[row] = 0;
        }
      return;
    }
  switch (column->type.kind)
    {
    case PL_BOOL:
      ok = pl_parse_bool (text, length, &column->bools[row]);
      break;
    case PL_INT:
      ok = pl_parse_int (text, length, &column->ints[row]);
      break;
    case PL_FLOAT:
      ok = pl_parse_float (text, length, &column->floats[row]);
      column->exact[row] = 0;
      if (!pl_parse_exact (text, length, &column->exact[row], &column->exact_scales[row]))
        column->exact_scales[row] = PL_SCALE_INEXACT;
      break;
    case PL_DECIMAL:
      ok = pl_parse_decimal (text, length, column->type.precision, column->type.scale, &column->decimals[row]);
      break;
    case PL_DATE:
      ok = pl_parse_date (text, length, &column->dates[row]);
      break;
    case PL_TIMESTAMP:
      ok = pl_parse_timestamp (text, length, &column->ints[row], &zoned);
      break;
    default:
      if (strcmp (text, "\"\"") == 0)
        length = 0;
      column->texts[row] = (PlText){pl_arena_copy (arena, text, length), (guint32) length, 0};
    }
  if (!ok)
    g_error ("'%s' is no %s", text, pl_type_name (column->type));
}

PlBatch *
pl_harness_batch (const char *rows, PlSchema **schema, PlArena *arena)
{
  g_auto (GStrv) lines = split_lines (rows);
  guint n = g_strv_length (lines) - 1;
  if (n > 0 && *lines[n] == '\0')
    n--;
  *schema = read_header (lines[0]);
  PlBatch *batch = pl_arena_alloc0 (arena, sizeof (PlBatch));
  pl_batch_init (batch, *schema, arena);
  batch->n_rows = n;
  for (guint c = 0; c < (*schema)->n_fields; c++)
    {
      PlColumn *column = batch->columns[c] = pl_column_new (arena, (*schema)->fields[c].type, n);
      pl_column_add_nulls (column, arena, n);
      if (column->type.kind != PL_STRING && column->type.kind != PL_NULL)
        column->lexical = pl_arena_new_array (arena, PlText, n);
      if (column->type.kind == PL_FLOAT)
        {
          column->exact = pl_arena_new_array (arena, gint64, n);
          column->exact_scales = pl_arena_alloc (arena, n);
        }
    }
  for (guint row = 0; row < n; row++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[row + 1], ",", -1);
      g_assert (g_strv_length (fields) == (*schema)->n_fields || (*schema)->n_fields == 1);
      for (guint c = 0; c < (*schema)->n_fields; c++)
        read_value (batch->columns[c], row, fields[c] != NULL ? fields[c] : "", arena);
    }
  return batch;
}

void
pl_harness_print (const PlBatch *batch, GString *out)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  for (gsize row = 0; row < batch->n_rows; row++)
    for (guint c = 0; c < batch->schema->n_fields; c++)
      {
        const PlColumn *column = batch->columns[c];
        buffer.length = 0;
        if (!pl_column_is_null (column, row))
          {
            pl_print_value (&buffer, column, row);
            if (buffer.length == 0)
              pl_buffer_append_string (&buffer, "\"\"");
          }
        g_string_append_len (out, buffer.data, (gssize) buffer.length);
        g_string_append_c (out, c + 1 < batch->schema->n_fields ? ',' : '\n');
      }
}
