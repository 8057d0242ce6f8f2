/* A source: made by source-open.c or from the wire (source-wire.c), changed only in its types and uses. */
#include "source.h"

static void
free_file (PlSourceFile *file, guint n_path_columns)
{
  for (guint i = 0; file->path_values != NULL && i < n_path_columns; i++)
    g_free (file->path_values[i]);
  g_free (file->path_values);
  g_free (file->path);
  g_free (file->display);
  pl_origin_unref (file->origin);
  pl_zip_member_unref (file->member);
  g_free (file->fields);
  g_free (file);
}

void
pl_source_free (PlSource *source)
{
  if (source == NULL)
    return;
  g_free (source->name);
  for (guint i = 0; i < source->dialect.n_date_formats; i++)
    g_free (source->dialect.date_formats[i].text);
  g_free (source->dialect.date_formats);
  g_strfreev (source->dialect.null_values);
  g_strfreev (source->dialect.true_values);
  g_strfreev (source->dialect.false_values);
  g_free (source->encoding);
  g_free (source->doubt);
  if (source->schema != NULL)
    {
      pl_evidence_free (source->evidence, source->schema->n_fields);
      pl_schema_unref (source->schema);
    }
  g_free (source->readings);
  g_clear_pointer (&source->overlong, g_array_unref);
  for (guint i = 0; source->null_values != NULL && i < source->n_null_values; i++)
    g_strfreev (source->null_values[i]);
  g_free (source->null_values);
  g_free (source->uses);
  if (source->files != NULL)
    {
      for (guint i = 0; i < source->files->len; i++)
        free_file (g_ptr_array_index (source->files, i), source->n_path_columns);
      g_ptr_array_unref (source->files);
    }
  g_free (source->rejects);
  g_free (source);
}

gboolean
pl_source_is_sampled (const PlSource *source, guint column)
{
  const PlReading *reading = &source->readings[column];
  return source->evidence != NULL && !reading->is_pinned && !reading->is_certain && source->evidence[column].is_sample;
}

gboolean
pl_source_is_of_paths (const PlSource *source, guint column)
{
  return source->files->len > 0
         && ((const PlSourceFile *) g_ptr_array_index (source->files, 0))->fields[column] <= PL_FIELD_OF_PATH;
}

/* Plans share the old schema, so the new types go into a new one. */
void
pl_source_take_types (PlSource *source, PlEvidence *evidence, gboolean is_certain)
{
  PlSchema *schema = pl_schema_new ();
  const guint n = source->schema->n_fields;
  for (guint i = 0; i < n; i++)
    {
      PlReading *reading = &source->readings[i];
      PlType type = source->schema->fields[i].type;
      if (evidence[i].is_closed && source->evidence != NULL)
        {
          /* What was known of it before stays. */
          PlEvidence closed = evidence[i];
          evidence[i] = source->evidence[i];
          source->evidence[i] = closed;
        }
      else if (!reading->is_pinned && !evidence[i].is_closed)
        {
          reading->guess = evidence[i].guess;
          reading->is_certain = is_certain != FALSE;
          reading->is_open = !is_certain && pl_guess_is_open (reading->guess, &reading->style);
          type = pl_guess_type (reading->guess, &reading->style, &reading->reads);
        }
      pl_schema_add (schema, source->schema->fields[i].name, type);
      schema->fields[i].extent = pl_reading_extent (reading);
      if (source->teller.tell != NULL)
        schema->fields[i].origin = (PlTypeOrigin){.teller = &source->teller, .column = i};
    }
  pl_evidence_free (source->evidence, n);
  source->evidence = evidence;
  pl_schema_unref (source->schema);
  source->schema = schema;
}
