/* pipeline stages [NAME]: what job files may hold, printed from the descriptors, so that it cannot go stale. */
#include <string.h>

#include "../../stages/aggregates/aggregate.h"
#include "../../stages/functions/registry.h"
#include "../base/suggest.h"
#include "command.h"
#include "../csv/source-settings.h"
#include "../../stages/aggregates/registry.h"
#include "../job/keys.h"

typedef struct
{
  const char *name;
  const char *summary;
  const PlSettingKey *(*keys) (void); /* NULL: any key is a name of the user's */
} General;

static const General general[] = {
    {"job", "What the job is called", pl_job_keys},
    {"source", "Reads CSV files", pl_source_keys},
    {"sink", "Writes rows to a file or to stdout", pl_sink_keys},
    {"run", "How the job is run; nothing of it changes the output", pl_run_keys},
    {"vars", "Values for ${name}, which any other value of the job may use", NULL},
};

static void
append_entry (GString *text, const char *name, const char *summary)
{
  g_string_append_printf (text, "  %-14s  %s\n", name, summary);
}

static void
append_stages (GString *text)
{
  for (const PlStage *const *stage = pl_stages (); *stage != NULL; stage++)
    append_entry (text, (*stage)->name, (*stage)->summary);
}

static void
append_aggregates (GString *text)
{
  for (const PlAggregate *const *aggregate = pl_aggregates (); *aggregate != NULL; aggregate++)
    append_entry (text, (*aggregate)->name, (*aggregate)->summary);
}

static void
append_functions (GString *text)
{
  for (const PlFunction *const *function = pl_functions (); *function != NULL; function++)
    append_entry (text, (*function)->name, (*function)->summary);
  for (const PlFunction *form = pl_language_forms (); form->name != NULL; form++)
    append_entry (text, form->name, form->summary);
}

static void
append_keys (GString *text, const PlSettingKey *keys)
{
  for (; keys->name != NULL; keys++)
    {
      g_string_append_printf (text, "  %s = %s", keys->name, keys->type);
      if (keys->required)
        g_string_append (text, ", required");
      else if (keys->fallback != NULL && keys->fallback[0] != '\0')
        g_string_append_printf (text, ", default %s", keys->fallback);
      g_string_append_printf (text, "\n      %s\n", keys->summary);
    }
}

static void
append_indented (GString *text, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines, "\n", -1);
  for (gsize i = 0; all[i] != NULL; i++)
    if (all[i][0] != '\0')
      g_string_append_printf (text, "  %s\n", all[i]);
    else if (all[i + 1] != NULL)
      g_string_append_c (text, '\n');
}

static void
append_stage (GString *text, const PlStage *stage)
{
  g_string_append_printf (text, "[%s NAME]: %s\n", stage->name, stage->summary);
  if (stage->description != NULL && stage->description[0] != '\0')
    g_string_append_printf (text, "\n%s\n", stage->description);
  g_string_append (text, "\nKeys:\n");
  append_keys (text, stage->keys);
  append_keys (text, pl_stage_common_keys (stage));
  if (stage->free_keys != NULL)
    g_string_append_printf (text, "  any other key\n      %s\n", stage->free_keys);
  g_string_append (text, "\nExample:\n");
  append_indented (text, stage->example);
}

static void
append_callable (GString *text, const char *what, const char *signature, const char *summary, const char *example)
{
  g_string_append_printf (text, "%s %s: %s\n\nExample:\n", what, signature, summary);
  append_indented (text, example);
}

/* Everything that has this name; FALSE when nothing has. */
static gboolean
append_named (GString *text, const char *name)
{
  gboolean found = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (general); i++)
    if (strcmp (general[i].name, name) == 0)
      {
        gboolean named = strcmp (name, "source") == 0 || strcmp (name, "sink") == 0;
        g_string_append_printf (text, "[%s%s]: %s\n\nKeys:\n", name, named ? " NAME" : "", general[i].summary);
        if (general[i].keys != NULL)
          append_keys (text, general[i].keys ());
        else
          g_string_append (text, "  any key\n      what ${key} stands for, unless --var key=value says otherwise\n");
        return TRUE;
      }
  const PlStage *stage = pl_stage_find (name);
  if (stage != NULL)
    {
      append_stage (text, stage);
      found = TRUE;
    }
  const PlAggregate *aggregate = pl_aggregate_find (name);
  if (aggregate != NULL)
    {
      g_string_append (text, found ? "\n" : "");
      append_callable (text, "aggregate", aggregate->signature, aggregate->summary, aggregate->example);
      found = TRUE;
    }
  const PlFunction *function = pl_function_table ()->find (name);
  if (function != NULL)
    {
      g_string_append (text, found ? "\n" : "");
      append_callable (text, "function", function->signature, function->summary, function->example);
      found = TRUE;
    }
  for (const PlFunction *form = pl_language_forms (); form->name != NULL; form++)
    if (strcmp (form->name, name) == 0)
      {
        append_callable (text, "expression", form->signature, form->summary, form->example);
        found = TRUE;
      }
  return found;
}

static int
fail_unknown (const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (general); i++)
    g_ptr_array_add (names, (gpointer) general[i].name);
  for (const PlStage *const *stage = pl_stages (); *stage != NULL; stage++)
    g_ptr_array_add (names, (gpointer) (*stage)->name);
  for (const PlAggregate *const *aggregate = pl_aggregates (); *aggregate != NULL; aggregate++)
    g_ptr_array_add (names, (gpointer) (*aggregate)->name);
  for (const PlFunction *const *function = pl_functions (); *function != NULL; function++)
    g_ptr_array_add (names, (gpointer) (*function)->name);
  for (const PlFunction *form = pl_language_forms (); form->name != NULL; form++)
    g_ptr_array_add (names, (gpointer) form->name);
  g_ptr_array_add (names, NULL);
  const char *nearest = pl_suggest (name, (const char *const *) names->pdata);
  if (nearest != NULL)
    return pl_say_error (g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE,
                                      "no stage, aggregate or function is named '%s'; did you mean '%s'?", name,
                                      nearest));
  return pl_say_error (g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_USAGE,
                                    "no stage, aggregate or function is named '%s'; `pipeline stages` lists them",
                                    name));
}

static void
append_all (GString *text)
{
  g_string_append (text, "Groups of a job file:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (general); i++)
    append_entry (text, general[i].name, general[i].summary);
  g_string_append (text, "\nStages:\n");
  append_stages (text);
  g_string_append (text, "\nAggregates, in [group-by]:\n");
  append_aggregates (text);
  g_string_append (text, "\nFunctions, in expressions:\n");
  append_functions (text);
  g_string_append (text, "\n`pipeline stages NAME` tells more about one.\n");
}

static int
run (const PlCommandLine *line)
{
  g_autoptr (GString) text = g_string_new (NULL);
  if (line->n_arguments > 0 && !append_named (text, g_ptr_array_index (line->arguments, 0)))
    return fail_unknown (g_ptr_array_index (line->arguments, 0));
  if (line->list_stages)
    append_stages (text);
  if (line->list_aggregates)
    append_aggregates (text);
  if (line->list_functions)
    append_functions (text);
  if (text->len == 0)
    append_all (text);
  return pl_put (text->str);
}

const PlCommand pl_command_stages = {
    .name = "stages",
    .arguments = "[NAME]",
    .summary = "Show what a job file may hold: groups, stages, aggregates, functions",
    .description = "NAME is one of them, and its keys, meaning and an example are shown.\n",
    .options = PL_OPTION_LISTS,
    .max_arguments = 1,
    .run = run,
};
