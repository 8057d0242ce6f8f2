/* pipeline schema FILE */
#include "command.h"

static const char *
count_of (guint n, PlType type)
{
  (void) n;
  (void) type;
  return "count(%s)";
}

static int
run (const PlCommandLine *line)
{
  g_auto (PlSession) session = {0};
  g_autoptr (GPtrArray) values = NULL;
  int code = pl_profile_file (&session, line, count_of, 1, &values);
  if (values == NULL)
    return code;
  const PlSource *source = g_ptr_array_index (session.sources, 0);
  const PlSchema *schema = source->schema;
  guint64 rows = g_ascii_strtoull (g_ptr_array_index (values, schema->n_fields), NULL, 10);
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (cells, g_strdup ("column"));
  g_ptr_array_add (cells, g_strdup ("type"));
  g_ptr_array_add (cells, g_strdup ("nulls"));
  for (guint i = 0; i < schema->n_fields; i++)
    {
      guint64 count = g_ascii_strtoull (g_ptr_array_index (values, i), NULL, 10);
      g_ptr_array_add (cells, g_strdup (schema->fields[i].name));
      g_ptr_array_add (cells, g_strdup (pl_type_name (schema->fields[i].type)));
      g_ptr_array_add (cells, g_strdup_printf ("%" G_GUINT64_FORMAT, rows - count));
    }
  g_autofree char *text = pl_text_table (cells, 3);
  return pl_put (text);
}

const PlCommand pl_command_schema = {
    .name = "schema",
    .arguments = "FILE",
    .summary = "Show the columns of a CSV file, their types over all rows, and how many nulls they have",
    .description = "Keys of its source are set as in --set 'source file.delimiter=;'.\n",
    .options = PL_OPTION_RUN | PL_OPTION_PROGRESS,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
