/* pipeline check JOB… */
#include <string.h>

#include "command.h"

/* Whether rows that were not looked at may change a type that matters. */
static gboolean
is_sampled (const PlSource *source)
{
  for (guint i = 0; i < source->schema->n_fields; i++)
    if (source->uses[i] != PL_USE_NONE && pl_source_is_sampled (source, i))
      return TRUE;
  return FALSE;
}

/* Which rows types come from, where a run may still find others. Returns: (transfer full) */
static char *
describe_samples (const PlSession *session)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < session->sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (session->sources, i);
      if (!is_sampled (source))
        continue;
      g_string_append_printf (text, "%s the first %" G_GUINT64_FORMAT " row%s of [source %s]",
                              text->len == 0 ? "; types are those of" : " and", source->sampled,
                              source->sampled == 1 ? "" : "s", source->name);
    }
  if (text->len > 0)
    g_string_append (text, ": no others were looked at");
  return g_string_free (text, FALSE);
}

/* What was looked at: a job in which something is missing has nothing to complain about, either. */
static void
say_good (const PlSession *session, const char *path)
{
  guint n_sources = 0, n_stages = 0, n_sinks = 0;
  for (guint i = 0; i < session->job->groups->len; i++)
    {
      const char *kind = ((const PlSettings *) g_ptr_array_index (session->job->groups, i))->kind;
      if (strcmp (kind, "source") == 0)
        n_sources++;
      else if (strcmp (kind, "sink") == 0)
        n_sinks++;
      else if (pl_stage_find (kind) != NULL)
        n_stages++;
    }
  g_autofree char *samples = describe_samples (session);
  pl_say (PL_LEVEL_INFO, "%s is good: %u source%s, %u stage%s, %u sink%s%s", path, n_sources, n_sources == 1 ? "" : "s",
          n_stages, n_stages == 1 ? "" : "s", n_sinks, n_sinks == 1 ? "" : "s", samples);
}

static int
check (const char *path, const PlCommandLine *line)
{
  g_auto (PlSession) session = {0};
  int code = pl_session_open (&session, path, line);
  if (code == 0)
    pl_session_say_types (&session, line);
  if (code == 0 && !line->quiet)
    say_good (&session, path);
  return code;
}

/* All jobs are checked, whatever the first ones are like. Returns: the exit code of the first that is not good. */
static int
run (const PlCommandLine *line)
{
  int first = 0;
  for (guint i = 0; i < line->n_arguments; i++)
    {
      int code = check (g_ptr_array_index (line->arguments, i), line);
      first = first != 0 ? first : code;
    }
  return first;
}

const PlCommand pl_command_check = {
    .name = "check",
    .arguments = "JOB…",
    .summary = "Check jobs without running them",
    .description
    = "Reads each job and the headers and first rows of its inputs, checks every key, column and expression, and\n"
      "reports all mistakes in one go, or that the job is good, and how many rows its types come from where that is\n"
      "not all: what is behind them, and whether rows are bad ones, only a run sees. Nothing is written. The exit\n"
      "code is that of the first job that is not good.\n",
    .options = PL_OPTION_RUN,
    .min_arguments = 1,
    .max_arguments = G_MAXUINT,
    .run = run,
};
