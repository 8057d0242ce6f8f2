/* exec: rows through a program in any language.
 *
 * The program is a function of rows: it gets them as CSV or JSON lines on its stdin and answers each with one record on
 * its stdout, in order. Which rows go to which of its processes, and how many at a time, is not told, so that the
 * output depends on neither. This file reads the settings; run.c does the work. */
#include "exec.h"
#include "../clause.h"
#include "../../pipeline/base/quantity.h"
#include "../../pipeline/base/suggest.h"
#include "../../pipeline/base/child-command.h"
#include "../../pipeline/format/registry.h"
#include "run.h"

#define MAX_PROCESSES 1024
#define MAX_RETRIES 100
#define MAX_RECORD_SIZE ((gsize) 16 << 20)

static void
exec_config_free (gpointer data)
{
  PlExecConfig *config = data;
  pl_child_pool_free (config->pool);
  pl_child_command_clear (&config->command);
  g_free (config->findings);
  g_free (config->timeout_said);
  g_free (config->format.null_text);
  pl_buffer_clear (&config->header);
  g_free (config->sent);
  g_clear_pointer (&config->question, pl_schema_unref);
  g_clear_pointer (&config->answer, pl_schema_unref);
  g_free (config->answer_uses);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_free (config->fields);
  g_free (config);
}

G_GNUC_PRINTF (2, 3)
static void
report (const PlSpot *spot, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *error = g_error_new_valist (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, format, arguments);
  va_end (arguments);
  pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset, error);
}

/* The place of @key; its setting is %NULL where it is not said. */
static PlSpot
spot_of (const PlSpot *stage, const char *key)
{
  return (PlSpot){stage->settings, pl_settings_find (stage->settings, key), G_MAXUINT, stage->issues};
}

static guint
read_count (const PlSpot *stage, const char *key, guint minimum, guint maximum, guint fallback)
{
  PlSpot spot = spot_of (stage, key);
  guint64 count;
  GError *error = NULL;
  if (spot.setting == NULL)
    return fallback;
  if (pl_parse_count (spot.setting->value, minimum, maximum, &count, &error))
    return (guint) count;
  g_prefix_error (&error, "%s ", key);
  pl_issues_take (spot.issues, spot.settings, spot.setting, G_MAXUINT, error);
  return fallback;
}

/* Returns: the index in @choices of what is said of @key, or 0. */
static guint
read_choice (const PlSpot *stage, const char *key, const char *const *choices)
{
  PlSpot spot = spot_of (stage, key);
  if (spot.setting == NULL)
    return 0;
  for (guint i = 0; choices[i] != NULL; i++)
    if (strcmp (choices[i], spot.setting->value) == 0)
      return i;
  const char *nearest = pl_suggest (spot.setting->value, choices);
  g_autofree char *all = g_strjoinv (", ", (char **) choices);
  if (nearest != NULL)
    report (&spot, "unknown %s '%s'; did you mean '%s'?", key, spot.setting->value, nearest);
  else
    report (&spot, "unknown %s '%s'; there are: %s", key, spot.setting->value, all);
  return 0;
}

static void
read_rules (const PlSpot *stage, PlExecConfig *config)
{
  static const char *const formats[] = {"csv", "jsonl", NULL};
  static const char *const answers[] = {"auto", "row", "end", NULL};
  GError *error = NULL;
  PlSpot spot = spot_of (stage, "timeout");
  config->timeout_said = g_strdup (spot.setting != NULL ? spot.setting->value : "10m");
  config->rules.timeout = 600 * (guint64) G_USEC_PER_SEC;
  if (strcmp (config->timeout_said, "none") == 0)
    config->rules.timeout = 0;
  else if (spot.setting != NULL && !pl_parse_duration (spot.setting->value, &config->rules.timeout, &error))
    pl_issues_take (spot.issues, spot.settings, spot.setting, G_MAXUINT, g_steal_pointer (&error));
  else if (config->rules.timeout == 0)
    report (&spot, "timeout '%s' is no time at all; write none for no limit", spot.setting->value);
  config->rules.said = config->timeout_said;
  config->rules.max_record_size = MAX_RECORD_SIZE;
  config->retries = read_count (stage, "retries", 0, MAX_RETRIES, 1);
  config->n_processes = read_count (stage, "processes", 1, MAX_PROCESSES, 0);
  config->answers = (PlAnswers) read_choice (stage, "answers", answers);
  guint format = read_choice (stage, "format", formats);
  config->rules.is_json = format == 1;
  config->format.format = pl_format_find (formats[format]);
  config->format.null_text = g_strdup ("");
  config->format.header = TRUE;
  spot = spot_of (stage, "header");
  if (spot.setting != NULL && config->rules.is_json)
    report (&spot, "JSON lines have no header; leave 'header' out");
  else if (spot.setting != NULL && !pl_parse_flag (spot.setting->value, &config->format.header, &error))
    pl_issues_take (spot.issues, spot.settings, spot.setting, G_MAXUINT, error);
  config->rules.has_header = config->format.header && !config->rules.is_json;
}

/* `send`, or all: what the program is given. */
static void
read_sent (const PlSpot *stage, PlSchema *input, PlExecConfig *config)
{
  PlSpot spot = spot_of (stage, "send");
  config->question = pl_schema_new ();
  config->sent = g_new0 (guint, input->n_fields + 1);
  if (spot.setting == NULL)
    for (guint i = 0; i < input->n_fields; i++)
      config->sent[pl_schema_add_like (config->question, input->fields[i].name, &input->fields[i])] = i;
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting != NULL ? spot.setting->value : "", ';');
  for (guint i = 0; i < items->len; i++)
    {
      const PlItem *item = items->pdata[i];
      spot.offset = item->offset;
      gint column = pl_clause_column (&spot, item->text, input);
      if (column >= 0 && pl_schema_find (config->question, input->fields[column].name) >= 0)
        report (&spot, "column '%s' is named twice", input->fields[column].name);
      else if (column >= 0)
        config->sent[pl_schema_add_like (config->question, input->fields[column].name, &input->fields[column])]
            = (guint) column;
    }
  if (spot.setting != NULL && items->len == 0)
    {
      spot.offset = G_MAXUINT;
      report (&spot, "'send' names no column; leave it out to send all of them");
    }
}

/* `name:type; …` */
static void
read_columns (const PlSpot *at, PlSchema *schema)
{
  PlSpot spot = *at;
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  for (guint i = 0; i < items->len; i++)
    {
      const PlItem *item = items->pdata[i];
      const char *colon = strrchr (item->text, ':');
      spot.offset = item->offset;
      if (colon == NULL)
        {
          report (&spot, "'%s' is not a column and its type, as score:float", item->text);
          continue;
        }
      g_autofree char *written = g_strstrip (g_strndup (item->text, (gsize) (colon - item->text)));
      g_autofree char *name = pl_item_unquote (written);
      g_autofree char *type_name = g_strstrip (g_strdup (colon + 1));
      PlType type;
      GError *error = NULL;
      if (*name == '\0')
        report (&spot, "'%s' is not a column and its type, as score:float", item->text);
      else if (pl_schema_find (schema, name) >= 0)
        report (&spot, "column '%s' is named twice", name);
      else if (!pl_type_parse (type_name, &type, &error))
        pl_issues_take (spot.issues, spot.settings, spot.setting, item->offset, error);
      else
        pl_schema_add (schema, name, type);
    }
  spot.offset = G_MAXUINT;
  if (items->len == 0)
    report (&spot, "'%s' names no column", spot.setting->key);
}

/* `columns`, `append`, or what is sent: what comes back, and what rows are made of then. */
static void
read_answer (const PlSpot *stage, PlSchema *input, PlExecConfig *config)
{
  PlSpot columns = spot_of (stage, "columns"), append = spot_of (stage, "append");
  PlSchema *answer = config->answer = pl_schema_new (), *output = config->output = pl_schema_new ();
  if (columns.setting != NULL && append.setting != NULL)
    report (&append, "'columns' and 'append' exclude each other; columns replaces the row, append adds to it");
  else if (columns.setting != NULL || append.setting != NULL)
    read_columns (columns.setting != NULL ? &columns : &append, answer);
  else
    for (guint i = 0; i < config->question->n_fields; i++)
      {
        config->answer_is_question = TRUE;
        PlField field = config->question->fields[i];
        /* Of a column without values any text may come back. */
        field.type = field.type.kind == PL_NULL ? PL_TYPE (PL_STRING) : field.type;
        pl_schema_add_like (answer, field.name, &field);
      }
  config->fields = g_new0 (gint, input->n_fields + answer->n_fields + 1);
  for (guint i = 0; columns.setting == NULL && i < input->n_fields; i++)
    {
      gint field = pl_schema_find (answer, input->fields[i].name);
      guint index
          = pl_schema_add_like (output, input->fields[i].name, field >= 0 ? &answer->fields[field] : &input->fields[i]);
      config->fields[index] = field >= 0 ? -1 - field : (gint) i;
    }
  for (guint i = 0; i < answer->n_fields; i++)
    if (pl_schema_find (output, answer->fields[i].name) < 0)
      config->fields[pl_schema_add_like (output, answer->fields[i].name, &answer->fields[i])] = -1 - (gint) i;
  config->answer_uses = g_new0 (guint8, answer->n_fields + 1);
}

static gpointer
exec_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  PlExecConfig *config = g_new0 (PlExecConfig, 1);
  PlSpot stage = {settings, NULL, G_MAXUINT, issues};
  guint before = pl_issues_n_errors (issues);
  pl_child_command_read (&config->command, settings, issues);
  read_rules (&stage, config);
  read_sent (&stage, input, config);
  read_answer (&stage, input, config);
  *output = pl_schema_ref (config->output);
  if (pl_issues_n_errors (issues) > before)
    {
      exec_config_free (config);
      return NULL;
    }
  config->findings = g_new0 (PlExecFindings, 1);
  config->pool = pl_child_pool_new (&config->command);
  pl_child_pool_set_limit (config->pool, config->n_processes);
  config->share = 1;
  config->format.format->begin (&config->format, config->question, &config->header);
  return config;
}

/* Processes are shared out among the processes that have a pool each, and their workers. */
static void
exec_prepare (gpointer data, const PlStageRun *run)
{
  PlExecConfig *config = data;
  if (config->n_processes == 0)
    return;
  guint here = (config->n_processes + run->processes - 1) / run->processes;
  pl_child_pool_set_limit (config->pool, here);
  config->share = (here + run->workers - 1) / run->workers;
}

static void
exec_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  PlExecConfig *config = data;
  for (guint i = 0; i < config->question->n_fields; i++)
    input_uses[config->sent[i]]
        |= (guint8) config->format.format->use (&config->format, config->question->fields[i].type)
           /* Answers are held to the types of the input: they must be more than a guess. */
           | (config->answer_is_question ? PL_USE_VALUE : 0);
  for (guint i = 0; i < config->output->n_fields; i++)
    if (config->fields[i] >= 0)
      input_uses[config->fields[i]] |= output_uses[i];
    else
      config->answer_uses[-1 - config->fields[i]] = output_uses[i];
}

static const PlSettingKey exec_keys[] = {
    {"command", "text", NULL, "The program and its arguments, quoted as a shell has it; no shell runs it", TRUE},
    {"send", "columns", NULL, "The columns it is given; else all", FALSE},
    {"append", "name:type; …", NULL,
     "The columns it answers with, added to the row or in the place of those of that name", FALSE},
    {"columns", "name:type; …", NULL, "The columns it answers with, in place of the row", FALSE},
    {"format", "choice csv|jsonl", "csv", "What both sides speak: CSV, or a JSON object a line", FALSE},
    {"header", "flag", "true", "Whether CSV begins with the column names, on both sides", FALSE},
    {"answers", "choice auto|row|end", "auto",
     "When it answers: row by row while it reads, or when its input has ended; auto finds out", FALSE},
    {"processes", "count", NULL, "How many processes of it run at once, 1 to 1024; else one a worker", FALSE},
    {"environment", "name=value; …", NULL, "Variables set for it, besides those of our own environment", FALSE},
    {"folder", "path", ".", "The folder it is started in, seen from the job file's", FALSE},
    {"timeout", "duration", "10m", "How long a block may take, the start of a process included; or none", FALSE},
    {"retries", "count", "1",
     "How often a block that failed is given to a fresh process before its rows are tried apart", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_exec = {
    .name = "exec",
    .summary = "Sends rows through a program in any language",
    .description
    = "The program is started once a worker and kept: it reads rows on its stdin, as CSV with a header, and answers "
      "each with "
      "one record on its stdout, in the same order, flushed when it has no more to read. It must treat every row by "
      "itself: which of its processes gets a row, and with which others, is not defined. Without `append` and "
      "`columns` it answers "
      "with the columns it was sent.\n\n"
      "A program that dies, hangs or answers nonsense is started anew with the same rows; what fails again is tried "
      "row by row, until the one that does it is found. That is a bad row of its source, whose on-bad-row says what "
      "becomes of it. What it writes to stderr is passed on with its name in front.",
    .example
    = "[exec score]\ncommand = python3 score.py\nsend = distance; delay\nappend = score:float\ntimeout = 30s\n",
    .code = PL_CODE_PROGRAM,
    .rows = PL_ROWS_REJECTED,
    .keys = exec_keys,
    .configure = exec_configure,
    .config_free = exec_config_free,
    .prepare = exec_prepare,
    .require = exec_require,
    .state_new = pl_exec_state_new,
    .state_free = pl_exec_state_free,
    .map = &(const PlMapStage){.process = pl_exec_process, .end = pl_exec_end},
};
