/* Command lines: a table of options, which each command takes some of; the help text comes from the same table. */
#include <string.h>

#include "../base/quantity.h"
#include "../base/suggest.h"
#include "command.h"

typedef struct
{
  const char *name;  /* without the dashes */
  char letter;       /* 0: none */
  const char *value; /* what follows it; NULL: nothing */
  guint set;         /* PlOptionSet it belongs to */
  const char *summary;
} Option;

static const Option options[] = {
    {"workers", 'j', "N", PL_OPTION_RUN, "how many workers, or auto; the same as --set run.workers=N"},
    {"mode", 0, "MODE", PL_OPTION_RUN, "threads, processes or serial; the same as --set run.mode=MODE"},
    {"set", 0, "GROUP.KEY=VALUE", PL_OPTION_RUN, "sets a key of the job: run.workers=4, 'source flights.path=x.csv'"},
    {"var", 0, "NAME=VALUE", PL_OPTION_RUN, "what ${NAME} stands for in the job"},
    {"progress", 0, "WHEN", PL_OPTION_PROGRESS, "auto (on a terminal), never or always"},
    {"report", 0, "FILE", PL_OPTION_REPORT, "writes a summary of the run to FILE, as JSON, also when it fails"},
    {"dry-run", 0, NULL, PL_OPTION_DRY_RUN, "check the job instead of running it"},
    {"analyze", 0, NULL, PL_OPTION_ANALYZE, "run the job, outputs and all, and tell rows and time of each step"},
    {"rows", 'n', "N", PL_OPTION_ROWS, "how many rows; default 10"},
    {"stages", 0, NULL, PL_OPTION_LISTS, "list the stages only"},
    {"aggregates", 0, NULL, PL_OPTION_LISTS, "list the aggregates"},
    {"functions", 0, NULL, PL_OPTION_LISTS, "list the functions"},
    {"quiet", 'q', NULL, PL_OPTION_ALWAYS, "no warnings and no progress"},
    {"verbose", 'v', NULL, PL_OPTION_ALWAYS, "say what was done"},
    {"help", 'h', NULL, PL_OPTION_ALWAYS, "this text"},
};

static gboolean
takes (const PlCommand *command, const Option *option)
{
  return ((command->options | PL_OPTION_ALWAYS) & option->set) != 0;
}

static gboolean
fail (GError **error, char *message)
{
  g_set_error_literal (error, PL_JOB_ERROR, PL_JOB_ERROR_USAGE, message);
  g_free (message);
  return FALSE;
}

static gboolean
fail_unknown (const PlCommand *command, const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (options) + 1];
  gsize n = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    if (takes (command, &options[i]))
      names[n++] = options[i].name;
  names[n] = NULL;
  const char *nearest = pl_suggest (name, names);
  if (nearest != NULL)
    return fail (error,
                 g_strdup_printf ("unknown option '--%s' of %s; did you mean '--%s'?", name, command->name, nearest));
  return fail (error, g_strdup_printf ("unknown option '--%s' of %s; `pipeline help %s` lists them", name,
                                       command->name, command->name));
}

static gboolean
apply_workers (PlCommandLine *line, const char *value, GError **error)
{
  guint64 count;
  if (strcmp (value, "auto") != 0 && !pl_parse_count (value, 1, 1024, &count, NULL))
    return fail (error, g_strdup_printf ("--workers: '%s' is not a whole number from 1 to 1024, or auto", value));
  g_ptr_array_add (line->sets, g_strconcat ("run.workers=", value, NULL));
  return TRUE;
}

static gboolean
apply_choice (const char *option, const char *value, const char *const *choices, guint *choice, GError **error)
{
  for (guint i = 0; choices[i] != NULL; i++)
    if (strcmp (choices[i], value) == 0)
      {
        *choice = i;
        return TRUE;
      }
  g_autofree char *all = g_strjoinv (", ", (char **) choices);
  return fail (error, g_strdup_printf ("--%s: unknown value '%s'; there are: %s", option, value, all));
}

static gboolean
apply (PlCommandLine *line, const Option *option, const char *value, GError **error)
{
  static const char *const modes[] = {"threads", "processes", "serial", NULL};
  static const char *const moments[] = {"auto", "never", "always", NULL};
  const char *name = option->name;
  guint choice = 0;
  gboolean success = TRUE;
  if (strcmp (name, "workers") == 0)
    success = apply_workers (line, value, error);
  else if (strcmp (name, "mode") == 0)
    {
      success = apply_choice (name, value, modes, &choice, error);
      g_ptr_array_add (line->sets, g_strconcat ("run.mode=", value, NULL));
    }
  else if (strcmp (name, "set") == 0)
    g_ptr_array_add (line->sets, g_strdup (value));
  else if (strcmp (name, "var") == 0)
    g_ptr_array_add (line->vars, g_strdup (value));
  else if (strcmp (name, "progress") == 0)
    {
      success = apply_choice (name, value, moments, &choice, error);
      line->progress = (PlProgressMode) choice;
    }
  else if (strcmp (name, "rows") == 0)
    {
      if (!pl_parse_count (value, 1, G_MAXUINT32, &line->rows, NULL))
        return fail (error, g_strdup_printf ("--rows: '%s' is not a whole number of at least 1", value));
    }
  else if (strcmp (name, "report") == 0)
    {
      g_free (line->report);
      line->report = g_strdup (value);
      if (value[0] == '\0')
        return fail (error, g_strdup ("--report: the path is empty; write a file, or - for stdout"));
    }
  else if (strcmp (name, "dry-run") == 0)
    line->dry_run = TRUE;
  else if (strcmp (name, "analyze") == 0)
    line->analyze = TRUE;
  else if (strcmp (name, "stages") == 0)
    line->list_stages = TRUE;
  else if (strcmp (name, "aggregates") == 0)
    line->list_aggregates = TRUE;
  else if (strcmp (name, "functions") == 0)
    line->list_functions = TRUE;
  else if (strcmp (name, "quiet") == 0)
    line->quiet = TRUE;
  else if (strcmp (name, "verbose") == 0)
    line->verbose = TRUE;
  else
    line->help = TRUE;
  return success;
}

/* One option at **@next; moves @next to its last word. */
static gboolean
parse_option (PlCommandLine *line, char ***next, GError **error)
{
  const char *word = **next;
  gboolean is_long = word[1] == '-';
  g_autofree char *name = is_long ? g_strndup (word + 2, strcspn (word + 2, "=")) : g_strndup (word + 1, 1);
  const char *attached = is_long ? strchr (word, '=') : word[2] != '\0' ? word + 1 : NULL;
  const Option *option = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (options) && option == NULL; i++)
    if (takes (line->command, &options[i])
        && (is_long ? strcmp (options[i].name, name) == 0 : options[i].letter == name[0]))
      option = &options[i];
  if (option == NULL && is_long)
    return fail_unknown (line->command, name, error);
  if (option == NULL)
    return fail (error, g_strdup_printf ("unknown option '-%s' of %s; `pipeline help %s` lists them", name,
                                         line->command->name, line->command->name));
  if (option->value == NULL && attached != NULL)
    return fail (error, g_strdup_printf ("the option '--%s' takes no value", option->name));
  if (option->value == NULL)
    return apply (line, option, NULL, error);
  if (attached != NULL)
    return apply (line, option, attached + 1, error);
  if ((*next)[1] == NULL)
    return fail (
        error, g_strdup_printf ("the option '--%s' needs a value: --%s=%s", option->name, option->name, option->value));
  return apply (line, option, *++*next, error);
}

gboolean
pl_command_line_parse (const PlCommand *command, char **arguments, PlCommandLine *line, GError **error)
{
  line->command = command;
  line->rows = 10;
  line->arguments = g_ptr_array_new_with_free_func (g_free);
  line->sets = g_ptr_array_new_with_free_func (g_free);
  line->vars = g_ptr_array_new_with_free_func (g_free);
  gboolean only_arguments = FALSE;
  for (char **next = arguments; *next != NULL; next++)
    {
      if (!g_utf8_validate (*next, -1, NULL))
        return fail (error, g_strdup ("the command line is not UTF-8"));
      if (!only_arguments && strcmp (*next, "--") == 0)
        only_arguments = TRUE;
      else if (!only_arguments && (*next)[0] == '-' && (*next)[1] != '\0')
        {
          if (!parse_option (line, &next, error))
            return FALSE;
        }
      else
        g_ptr_array_add (line->arguments, g_strdup (*next));
    }
  line->n_arguments = line->arguments->len;
  g_ptr_array_add (line->arguments, NULL);
  g_ptr_array_add (line->sets, NULL);
  g_ptr_array_add (line->vars, NULL);
  if (!line->help && (line->n_arguments < command->min_arguments || line->n_arguments > command->max_arguments))
    return fail (error, g_strdup_printf ("usage: pipeline %s%s%s", command->name,
                                         command->arguments[0] != '\0' ? " " : "", command->arguments));
  return TRUE;
}

void
pl_command_line_clear (PlCommandLine *line)
{
  g_clear_pointer (&line->arguments, g_ptr_array_unref);
  g_clear_pointer (&line->sets, g_ptr_array_unref);
  g_clear_pointer (&line->vars, g_ptr_array_unref);
  g_clear_pointer (&line->report, g_free);
}

char *
pl_command_help (const PlCommand *command)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "pipeline %s%s%s\n\n%s.\n%s\nOptions:\n", command->name,
                          command->arguments[0] != '\0' ? " " : "", command->arguments, command->summary,
                          command->description);
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const Option *option = &options[i];
      if (!takes (command, option))
        continue;
      g_autofree char *name = g_strconcat ("--", option->name, option->value != NULL ? "=" : "",
                                           option->value != NULL ? option->value : "", NULL);
      if (option->letter != 0)
        g_string_append_printf (text, "  -%c, %-22s  %s\n", option->letter, name, option->summary);
      else
        g_string_append_printf (text, "      %-22s  %s\n", name, option->summary);
    }
  return g_string_free (text, FALSE);
}
