/* A batch through the children of an exec stage.
 *
 * A block that its child did not answer is given to another one, a few times; then its rows are tried apart until the
 * one that does it is alone. How many answers came before a child failed says where to cut, no more: only rows whose
 * exchange went well are answered, because nothing else proves that answers and rows belong together. What cannot be a
 * row's fault (no such program, a wrong header, more answers than questions) ends the run without a row's name. */
#include "run.h"
#include "exec.h"
#include "answer.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/base/retry.h"
#include "../../pipeline/base/show.h"
#include "json.h"

typedef struct
{
  gsize start, end; /* of its record in the answers; both 0: none */
  char *fault;      /* (nullable): why there is none that will do; in the batch's arena */
  gboolean is_bad;  /* the answer is bad, not the program */
} Answer;

typedef struct
{
  const PlExecConfig *config;
  PlTalk *talks; /* config->share of them */
  PlBuffer question, answers;
  gsize *offsets; /* of each row in the question, and its end */
  Answer *rows;
  gsize n_rows; /* that are done with: all, or up to the first failure */
  PlBatch *batch;
} Exec;

/* What the number of answers before a failure says of the row to blame: it is the next one, if the child answers row by
 * row. */
typedef struct
{
  guint64 suspect; /* that row */
  gboolean misled; /* rows before it failed without it: only halves are tried from here on */
} Trail;

gpointer
pl_exec_state_new (gconstpointer data)
{
  Exec *exec = g_new0 (Exec, 1);
  exec->config = data;
  exec->talks = g_new0 (PlTalk, exec->config->share);
  exec->offsets = g_new (gsize, PL_BATCH_ROWS + 1);
  exec->rows = g_new0 (Answer, PL_BATCH_ROWS);
  pl_child_pool_join (exec->config->pool);
  return exec;
}

void
pl_exec_state_free (gpointer data)
{
  Exec *exec = data;
  if (exec == NULL)
    return;
  for (guint i = 0; i < exec->config->share; i++)
    pl_talk_clear (&exec->talks[i]);
  pl_buffer_clear (&exec->question);
  pl_buffer_clear (&exec->answers);
  g_free (exec->talks);
  g_free (exec->offsets);
  g_free (exec->rows);
  g_free (exec);
}

/* Writes @batch's sent columns, and finds where each row is. */
static gboolean
put_question (Exec *exec, PlBatch *batch, GError **error)
{
  const PlExecConfig *config = exec->config;
  PlBatch sent;
  pl_batch_copy (&sent, batch);
  sent.schema = config->question;
  sent.columns = pl_arena_new_array (batch->arena, PlColumn *, config->question->n_fields);
  for (guint i = 0; i < config->question->n_fields; i++)
    sent.columns[i] = batch->columns[config->sent[i]];
  exec->question.length = 0;
  if (!config->format.format->rows (&config->format, &sent, &exec->question, error))
    {
      batch->failed_row = sent.failed_row;
      return FALSE;
    }
  /* Our own CSV has quotes in pairs, and JSON no line ends within a line. */
  gsize row = 0;
  gboolean quoted = FALSE;
  exec->offsets[0] = 0;
  for (gsize i = 0; i < exec->question.length; i++)
    {
      char c = exec->question.data[i];
      quoted ^= c == '"' && !config->rules.is_json;
      if (c == '\n' && !quoted)
        exec->offsets[++row] = i + 1;
    }
  g_assert (row == batch->n_rows);
  return TRUE;
}

/* Fills in a talk about rows [first, first + n) with @child. */
static void
set_talk (const Exec *exec, PlTalk *talk, PlChild *child, gsize first, gsize n)
{
  const PlExecConfig *config = exec->config;
  gboolean at_end = g_atomic_int_get (&config->findings->answers_at_end);
  talk->rules = &config->rules;
  talk->child = child;
  talk->header = config->header.data;
  talk->header_length = config->header.length;
  talk->question = exec->question.data + exec->offsets[first];
  talk->length = exec->offsets[first + n] - exec->offsets[first];
  talk->n_rows = n;
  talk->answers_when = at_end ? PL_ANSWERS_AT_END : config->answers;
}

static PlChild *
take_child (const Exec *exec, gboolean wait, GError **error)
{
  const PlExecConfig *config = exec->config;
  gboolean at_end = config->answers == PL_ANSWERS_AT_END || g_atomic_int_get (&config->findings->answers_at_end);
  char *why;
  PlChild *child = pl_child_pool_take (config->pool, at_end, wait, &why);
  if (why != NULL)
    {
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "cannot start %s: %s", config->command.shown, why);
      g_free (why);
    }
  return child;
}

static gboolean
fail_run (const Exec *exec, const char *clause, GError **error)
{
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "%s %s", exec->config->command.shown, clause);
  return FALSE;
}

/* Whether the header that a child answered with names the columns it is to give. */
static gboolean
check_header (const Exec *exec, const PlTalk *talk, GError **error)
{
  const PlSchema *schema = exec->config->answer;
  guint n = schema->n_fields;
  g_autofree PlText *texts = g_new0 (PlText, n);
  g_autofree guint8 *nulls = g_new0 (guint8, n);
  g_autofree char *reason = NULL;
  gboolean ok = talk->first == 0
                || pl_answer_split_csv (talk->answers.data, talk->first, n, texts, nulls, exec->batch->arena, &reason);
  for (guint i = 0; ok && talk->first > 0 && i < n; i++)
    ok = strlen (schema->fields[i].name) == texts[i].length
         && memcmp (schema->fields[i].name, texts[i].data, texts[i].length) == 0;
  if (ok)
    return TRUE;
  gsize length = talk->first;
  while (length > 0 && (talk->answers.data[length - 1] == '\n' || talk->answers.data[length - 1] == '\r'))
    length--;
  g_autofree char *shown = pl_show_some (talk->answers.data, length, 200);
  g_autofree const char **names = pl_schema_names (schema);
  g_autofree char *expected = g_strjoinv (",", (char **) names);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_HEADER, "%s answered with the header '%s', expected '%s'",
               exec->config->command.shown, shown, expected);
  return FALSE;
}

/* Takes the answers to rows from @first on, when @talk has not failed, and the child back. @hint: how many it answered,
 * 0: unknown.
 * Returns: %FALSE with @error when the run cannot go on. */
static gboolean
end_talk (Exec *exec, PlTalk *talk, gsize first, gsize *hint, GError **error)
{
  const PlExecConfig *config = exec->config;
  gsize base = exec->answers.length, from = talk->first;
  gboolean ok = talk->is_late ? fail_run (exec, talk->fault, error) : check_header (exec, talk, error);
  gboolean failed = talk->result == PL_TALK_FAILED;
  *hint = talk->ends->len < talk->n_rows ? talk->ends->len : 0;
  if (!failed)
    pl_buffer_append (&exec->answers, talk->answers.data, talk->answers.length);
  for (guint i = 0; !failed && i < talk->ends->len; i++)
    {
      gsize end = g_array_index (talk->ends, gsize, i);
      exec->rows[first + i] = (Answer){.start = base + from, .end = base + end};
      from = end;
    }
  if (!failed)
    pl_child_pool_pass_on (config->pool, talk->child);
  if (talk->found_out && talk->result == PL_TALK_ENDED)
    g_atomic_int_set (&config->findings->answers_at_end, TRUE);
  talk->child->is_old = TRUE;
  if (talk->result == PL_TALK_DONE && ok)
    pl_child_pool_give_back (config->pool, talk->child);
  else
    pl_child_pool_drop (config->pool, talk->child);
  talk->child = NULL;
  return ok;
}

/* Asks for rows [first, first + n) once. Returns: %FALSE with @error when the run cannot go on. */
static gboolean
attempt (Exec *exec, gsize first, gsize n, gsize *hint, gboolean *ok, GError **error)
{
  PlTalk *talk = &exec->talks[0];
  do
    {
      PlChild *child = take_child (exec, TRUE, error);
      if (child == NULL)
        return FALSE;
      set_talk (exec, talk, child, first, n);
      pl_talks_run (talk, 1);
      if (!end_talk (exec, talk, first, hint, error))
        return FALSE;
    }
  while (talk->was_gone);
  *ok = talk->result != PL_TALK_FAILED;
  return TRUE;
}

/* Whether the program comes up at all, so that the blame is a row's. */
static gboolean
check_program (Exec *exec, GError **error)
{
  const PlExecConfig *config = exec->config;
  PlTalk *talk = &exec->talks[0];
  g_autofree char *blamed = g_steal_pointer (&talk->fault);
  if (g_atomic_int_get (&config->findings->comes_up))
    {
      talk->fault = g_steal_pointer (&blamed);
      return TRUE;
    }
  char *why;
  PlChild *child = pl_child_pool_take (config->pool, TRUE, TRUE, &why);
  if (child == NULL)
    {
      g_autofree char *reason = why;
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "cannot start %s: %s", config->command.shown, reason);
      return FALSE;
    }
  set_talk (exec, talk, child, 0, 0);
  talk->answers_when = PL_ANSWERS_AT_END;
  pl_talks_run (talk, 1);
  gboolean ok = talk->result != PL_TALK_FAILED || fail_run (exec, talk->fault, error);
  pl_child_pool_drop (config->pool, g_steal_pointer (&talk->child));
  g_free (talk->fault);
  talk->fault = g_steal_pointer (&blamed);
  g_atomic_int_set (&config->findings->comes_up, ok);
  return ok;
}

/* A row without an answer that will do. Returns: whether the rows behind it count. */
static gboolean
blame (Exec *exec, gsize row, const char *clause, gboolean is_bad)
{
  PlBatch *batch = exec->batch;
  g_autofree char *fault = g_strdup_printf ("%s %s", exec->config->command.shown, clause);
  exec->rows[row].fault = pl_arena_copy (batch->arena, fault, strlen (fault));
  exec->rows[row].is_bad = is_bad;
  if (batch->refuse != NULL && batch->refuse (batch, row, fault, batch->locate_data))
    return TRUE;
  exec->n_rows = row + 1;
  return FALSE;
}

/* Cuts the part on top, which has failed with @hint answers. Returns: %FALSE when it is a single row. */
static gboolean
split (PlBisect *parts, guint64 hint, Trail *trail)
{
  guint top = parts->n_parts - 1;
  guint64 first = parts->parts[top].first, n = parts->parts[top].n;
  trail->misled |= first + n == trail->suspect;
  /* The suspect is tried alone. */
  guint64 cut = hint > 0 ? hint : first == trail->suspect ? 1 : 0;
  if (cut == 0 || cut >= n || trail->misled)
    return pl_bisect_split (parts);
  trail->suspect = first + hint;
  parts->parts[top].first = first + cut;
  parts->parts[top].n = n - cut;
  parts->parts[top + 1].first = first;
  parts->parts[top + 1].n = cut;
  parts->n_parts++;
  return TRUE;
}

/* Tries the rows of a block apart that failed with @hint answers. */
static gboolean
bisect (Exec *exec, gsize first, gsize n, gsize hint, GError **error)
{
  PlBisect parts = {.parts = {{0, n}}, .n_parts = 1};
  Trail trail = {G_MAXUINT64, FALSE};
  guint64 at, length;
  if (n > 1)
    split (&parts, hint, &trail);
  while (pl_bisect_next (&parts, &at, &length))
    {
      gboolean ok;
      if (!attempt (exec, first + at, length, &hint, &ok, error))
        return FALSE;
      if (!ok && split (&parts, hint, &trail))
        continue;
      if (!ok)
        {
          if (!check_program (exec, error))
            return FALSE;
          if (!blame (exec, first + at, exec->talks[0].fault, FALSE))
            return TRUE;
        }
      pl_bisect_pass (&parts);
    }
  return TRUE;
}

/* Rows [first, first + n) have failed once, with @hint answers. */
static gboolean
ask_again (Exec *exec, gsize first, gsize n, gsize hint, GError **error)
{
  for (guint retry = 1; retry <= exec->config->retries; retry++)
    {
      gboolean ok;
      g_usleep (pl_retry_delay (retry));
      if (!attempt (exec, first, n, &hint, &ok, error))
        return FALSE;
      if (ok)
        return TRUE;
    }
  return bisect (exec, first, n, hint, error);
}

/* Every row of the batch gets its answer or its fault. Returns: %FALSE with @error when the run cannot go on. */
static gboolean
ask (Exec *exec, gsize n_rows, GError **error)
{
  g_autofree gsize *firsts = g_new0 (gsize, exec->config->share + 1);
  g_autofree gsize *hints = g_new0 (gsize, exec->config->share);
  g_autofree gboolean *failed = g_new0 (gboolean, exec->config->share);
  guint n = 0, wanted = (guint) MIN (exec->config->share, n_rows);
  PlChild *child;
  gboolean ok = TRUE;
  exec->n_rows = n_rows;
  exec->answers.length = 0;
  memset (exec->rows, 0, sizeof *exec->rows * n_rows);
  while (n < wanted && (child = take_child (exec, n == 0, n == 0 ? error : NULL)) != NULL)
    exec->talks[n++].child = child;
  if (n == 0)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      firsts[i + 1] = n_rows * (i + 1) / n;
      set_talk (exec, &exec->talks[i], exec->talks[i].child, firsts[i], firsts[i + 1] - firsts[i]);
    }
  pl_talks_run (exec->talks, n);
  for (guint i = 0; i < n; i++)
    {
      ok = end_talk (exec, &exec->talks[i], firsts[i], &hints[i], ok ? error : NULL) && ok;
      failed[i] = exec->talks[i].result == PL_TALK_FAILED;
    }
  for (guint i = 0; ok && i < n; i++)
    if (failed[i] && firsts[i] < exec->n_rows)
      ok = ask_again (exec, firsts[i], firsts[i + 1] - firsts[i], hints[i], error);
  return ok;
}

/* Cuts the answers into texts, of the rows that are kept. Returns: how many. */
static gsize
read_answers (Exec *exec, PlText *texts, guint8 *nulls, guint32 *kept)
{
  const PlExecConfig *config = exec->config;
  PlArena *arena = exec->batch->arena;
  guint n = config->answer->n_fields;
  gsize n_kept = 0;
  /* Texts point into it for as long as the batch lives. */
  const char *answers
      = pl_arena_copy (arena, exec->answers.data != NULL ? exec->answers.data : "", exec->answers.length);
  for (gsize row = 0; row < exec->n_rows; row++)
    {
      const Answer *answer = &exec->rows[row];
      PlText *into = texts + n_kept * n;
      guint8 *nulls_into = nulls + n_kept * n;
      g_autofree char *reason = NULL;
      if (answer->fault != NULL)
        continue;
      const char *record = answers + answer->start;
      gsize length = answer->end - answer->start;
      gboolean ok = config->rules.is_json
                        ? pl_answer_split_json (record, length, config->answer, into, nulls_into, arena, &reason)
                        : pl_answer_split_csv (record, length, n, into, nulls_into, arena, &reason);
      if (ok && !config->rules.is_json)
        pl_answer_null_empty (config->answer, into, nulls_into);
      if (ok && pl_answer_check (config->answer, into, nulls_into, &reason))
        kept[n_kept++] = (guint32) row;
      else
        blame (exec, row, reason, TRUE);
    }
  return n_kept;
}

/* The first failure, when there is one: its row is the last that is done with. */
static gboolean
check_failure (const Exec *exec, GError **error)
{
  const Answer *last = &exec->rows[exec->n_rows - 1];
  PlBatch *batch = exec->batch;
  if (last->fault == NULL
      || (batch->refuse != NULL && batch->refuse (batch, exec->n_rows - 1, last->fault, batch->locate_data)))
    return TRUE;
  return pl_batch_fail (batch, exec->n_rows - 1, error, last->is_bad ? PL_DATA_ERROR : PL_WORKER_ERROR,
                        last->is_bad ? (int) PL_DATA_ERROR_BAD_VALUE : (int) PL_WORKER_ERROR_DIED, "%s", last->fault);
}

static void
put_columns (const Exec *exec, PlBatch *batch, const PlText *texts, const guint8 *nulls)
{
  const PlExecConfig *config = exec->config;
  const PlSchema *answer = config->answer;
  PlColumn **columns = pl_arena_alloc0 (batch->arena, sizeof (PlColumn *) * (config->output->n_fields + 1));
  for (guint i = 0; i < config->output->n_fields; i++)
    {
      gint column = config->fields[i];
      if (column >= 0)
        {
          columns[i] = batch->columns[column];
          continue;
        }
      guint field = (guint) (-1 - column);
      columns[i] = pl_answer_column (answer->fields[field].type, texts, nulls, field, answer->n_fields, batch->n_rows,
                                     config->answer_uses[field], batch->arena);
    }
  batch->columns = columns;
  batch->schema = config->output;
}

gboolean
pl_exec_process (gconstpointer data, gpointer state, PlBatch *batch, GError **error)
{
  const PlExecConfig *config = data;
  Exec *exec = state;
  gsize n_rows = batch->n_rows, n_cells = n_rows * config->answer->n_fields;
  PlText *texts = pl_arena_new_array (batch->arena, PlText, n_cells + 1);
  guint8 *nulls = pl_arena_alloc0 (batch->arena, n_cells + 1);
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, n_rows + 1);
  exec->batch = batch;
  if (n_rows > 0)
    {
      if (!put_question (exec, batch, error))
        return FALSE;
      batch->failed_row = 0;
      if (!ask (exec, n_rows, error))
        return FALSE;
      gsize n_kept = read_answers (exec, texts, nulls, kept);
      if (!check_failure (exec, error))
        return FALSE;
      if (n_kept < n_rows)
        pl_batch_select (batch, kept, n_kept);
    }
  put_columns (exec, batch, texts, nulls);
  return TRUE;
}

gboolean
pl_exec_end (gconstpointer data, G_GNUC_UNUSED gpointer state, GError **error)
{
  const PlExecConfig *config = data;
  g_autofree char *fault = pl_child_pool_leave (config->pool);
  if (fault == NULL)
    return TRUE;
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "%s %s", config->command.shown, fault);
  return FALSE;
}
