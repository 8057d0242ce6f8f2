/* A source: made by source-open.c or from the wire (source-wire.c), changed only in its types and uses. */
#include "source.h"

static void
free_file (PlSourceFile *file)
{
  g_free (file->path);
  g_free (file->display);
  pl_origin_unref (file->origin);
  g_free (file->fields);
  g_free (file);
}

void
pl_source_free (PlSource *source)
{
  if (source == NULL)
    return;
  g_free (source->name);
  g_free (source->dialect.date_format);
  g_strfreev (source->dialect.null_values);
  g_free (source->encoding);
  if (source->schema != NULL)
    pl_schema_unref (source->schema);
  for (guint i = 0; source->null_values != NULL && i < source->n_null_values; i++)
    g_strfreev (source->null_values[i]);
  g_free (source->null_values);
  g_free (source->pinned);
  g_free (source->uses);
  if (source->files != NULL)
    {
      g_ptr_array_foreach (source->files, (GFunc) (void (*) (void)) free_file, NULL);
      g_ptr_array_unref (source->files);
    }
  g_free (source->rejects);
  g_free (source);
}

/* Plans share the old schema, so the new types go into a new one. */
void
pl_source_set_types (PlSource *source, const PlType *types)
{
  PlSchema *schema = pl_schema_new ();
  for (guint i = 0; i < source->schema->n_fields; i++)
    pl_schema_add (schema, source->schema->fields[i].name, types[i]);
  pl_schema_unref (source->schema);
  source->schema = schema;
}
