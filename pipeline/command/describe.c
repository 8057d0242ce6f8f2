/* pipeline describe FILE */
#include <string.h>

#include "command.h"

typedef struct
{
  const char *name;
  const char *aggregate;
  gboolean numeric; /* for numbers only */
} Measure;

static const Measure measures[] = {
    {"count", "count(%s)", FALSE},       {"distinct", "count(distinct %s)", FALSE},
    {"min", "min(%s)", FALSE},           {"max", "max(%s)", FALSE},
    {"mean", "mean(%s)", TRUE},          {"std", "std(%s)", TRUE},
    {"25%", "quantile(%s, 0.25)", TRUE}, {"50%", "quantile(%s, 0.5)", TRUE},
    {"75%", "quantile(%s, 0.75)", TRUE},
};

static const char *
measure_of (guint n, PlType type)
{
  return measures[n].numeric && !pl_type_is_numeric (type) ? NULL : measures[n].aggregate;
}

static int
run (const PlCommandLine *line)
{
  g_auto (PlSession) session = {0};
  g_autoptr (GPtrArray) values = NULL;
  int code = pl_profile_file (&session, line, measure_of, G_N_ELEMENTS (measures), &values);
  if (values == NULL)
    return code;
  const PlSource *source = g_ptr_array_index (session.sources, 0);
  const PlSchema *schema = source->schema;
  guint64 rows = g_ascii_strtoull (g_ptr_array_index (values, values->len - 1), NULL, 10);
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  const char *const heads[] = {"column", "type", "count", "nulls"};
  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    g_ptr_array_add (cells, g_strdup (heads[i]));
  for (gsize i = 1; i < G_N_ELEMENTS (measures); i++)
    g_ptr_array_add (cells, g_strdup (measures[i].name));
  for (guint i = 0; i < schema->n_fields; i++)
    {
      const char *count = g_ptr_array_index (values, i * G_N_ELEMENTS (measures));
      g_ptr_array_add (cells, g_strdup (schema->fields[i].name));
      g_ptr_array_add (cells, g_strdup (pl_type_name (schema->fields[i].type)));
      g_ptr_array_add (cells, g_strdup (count));
      g_ptr_array_add (cells, g_strdup_printf ("%" G_GUINT64_FORMAT, rows - g_ascii_strtoull (count, NULL, 10)));
      for (guint n = 1; n < G_N_ELEMENTS (measures); n++)
        g_ptr_array_add (cells, g_strdup (g_ptr_array_index (values, i * G_N_ELEMENTS (measures) + n)));
    }
  g_autofree char *text = pl_text_table (cells, G_N_ELEMENTS (heads) + G_N_ELEMENTS (measures) - 1);
  return pl_put (text);
}

const PlCommand pl_command_describe = {
    .name = "describe",
    .arguments = "FILE",
    .summary = "Summarise every column of a CSV file",
    .description
    = "Values, nulls, distinct values, least and greatest; of numbers also mean, standard deviation and quartiles.\n"
      "Keys of its source are set as in --set 'source file.delimiter=;'.\n",
    .options = PL_OPTION_RUN | PL_OPTION_PROGRESS,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
