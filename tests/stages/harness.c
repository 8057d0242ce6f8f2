/* Runs one stage over rows from text: see harness.h. */
#include "harness.h"
#include "../../pipeline/job/job.h"
#include "../../pipeline/base/settings.h"
#include "../../pipeline/rows/rows.h"
#include "../../stages/stage.h"

typedef struct
{
  PlTask task;
  gpointer data;
} TaskCall;

static void
run_task (gpointer index, gpointer user_data)
{
  TaskCall *call = user_data;
  call->task (GPOINTER_TO_UINT (index) - 1, call->data);
}

static void
run_threads (G_GNUC_UNUSED PlParallel *self, guint n_tasks, PlTask task, gpointer data)
{
  TaskCall call = {task, data};
  GThreadPool *pool = g_thread_pool_new (run_task, &call, 4, TRUE, NULL);
  for (guint i = 0; i < n_tasks; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
}

PlParallel *
pl_harness_threads (void)
{
  static PlParallel threads = {4, run_threads};
  return &threads;
}

/* The job that has just this group, in the reader of job files: so mistakes have the lines, columns and words that
 * users see. */
static PlJob *
read_job (const char *kind, const char *settings, PlIssues *issues)
{
  const PlOverrides none = {0};
  g_autofree char *text = g_strdup_printf ("[%s x]\n%s\n", kind, settings);
  return pl_job_parse (text, strlen (text), "job.ini", ".", &none, issues);
}

/* Takes away what the stage did not ask for. */
static void
apply_uses (PlBatch *batch, const guint8 *uses)
{
  for (guint c = 0; c < batch->schema->n_fields; c++)
    {
      PlColumn *column = batch->columns[c];
      if (uses[c] == PL_USE_NONE)
        {
          batch->columns[c] = NULL;
          continue;
        }
      if (!(uses[c] & PL_USE_TEXT))
        column->lexical = NULL;
      if (!(uses[c] & PL_USE_EXACT))
        column->exact = NULL;
      if (!(uses[c] & PL_USE_VALUE) && column->type.kind == PL_FLOAT)
        column->floats = NULL;
    }
}

typedef struct
{
  const PlStage *stage;
  gpointer config;
  PlSchema *output;
  PlArena *arena;
  GString *out;
  GError *error;
} Run;

/* Takes what a growing stage makes. */
typedef struct
{
  PlEmit emit;
  Run *run;
} Taker;

static gboolean
take_batch (PlEmit *emit, PlBatch *batch)
{
  Run *run = ((Taker *) emit)->run;
  g_assert (batch->schema == run->output && batch->n_rows > 0 && batch->n_rows <= PL_BATCH_ROWS);
  pl_harness_print (batch, run->out);
  pl_arena_reset (emit->arena);
  return TRUE;
}

static void
expand (Run *run, gpointer state, PlBatch *batch)
{
  g_autoptr (PlArena) arena = pl_arena_new ();
  Taker taker = {{arena, take_batch}, run};
  const gboolean ok = run->stage->map->expand (run->config, state, batch, &taker.emit, &run->error);
  g_assert (ok == (run->error == NULL));
}

static void
process (Run *run, gpointer state, PlBatch *batch)
{
  if (!run->stage->map->process (run->config, state, batch, &run->error))
    return;
  g_assert (batch->schema == run->output);
  pl_harness_print (batch, run->out);
}

static void
run_map (Run *run, const PlBatch *all, PlSplit split)
{
  gpointer state = run->stage->state_new != NULL ? run->stage->state_new (run->config) : NULL;
  for (gsize first = 0; first < all->n_rows && run->error == NULL; first += split.batch_rows)
    {
      PlBatch batch;
      pl_batch_copy (&batch, all);
      pl_batch_slice (&batch, first, MIN (split.batch_rows, all->n_rows - first));
      if (run->stage->map->expand != NULL)
        expand (run, state, &batch);
      else
        process (run, state, &batch);
    }
  if (run->stage->state_free != NULL)
    run->stage->state_free (state);
}

gboolean
pl_harness_read (PlRows *rows, gsize n, PlBatch *batch)
{
  PlPiece piece;
  if (!pl_piece_open (rows, 0, &piece, NULL))
    return FALSE;
  gboolean ok = pl_piece_next (rows, &piece, n, batch, NULL) && batch->n_rows == n;
  pl_piece_close (rows, &piece);
  return ok;
}

static void
read_piece (Run *run, PlRows *rows, guint64 index, guint batch_rows, guint64 *n_rows)
{
  PlPiece piece;
  if (!pl_piece_open (rows, index, &piece, &run->error))
    return;
  while (!piece.ended && run->error == NULL)
    {
      PlBatch batch;
      pl_batch_init (&batch, rows->schema, run->arena);
      if (!pl_piece_next (rows, &piece, MIN (batch_rows, PL_BATCH_ROWS), &batch, &run->error))
        break;
      g_assert (batch.n_rows <= batch_rows && batch.offsets == NULL);
      *n_rows += batch.n_rows;
      pl_harness_print (&batch, run->out);
    }
  pl_piece_close (rows, &piece);
}

static void
read_rows (Run *run, PlRows *rows, guint batch_rows)
{
  guint64 n_rows = 0;
  for (guint64 index = 0; index < rows->n_pieces && run->error == NULL; index++)
    {
      g_assert (index * PL_PIECE_ROWS == n_rows || rows->n_rows == PL_ROWS_UNKNOWN || rows->pieces_vary);
      g_assert (run->error != NULL || pl_rows_before (rows, index) == n_rows);
      read_piece (run, rows, index, batch_rows, &n_rows);
    }
  g_assert (run->error != NULL || rows->n_rows == PL_ROWS_UNKNOWN || rows->n_rows == n_rows);
}

static gpointer
through_the_wire (Run *run, gpointer state)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  run->stage->reduce->save (run->config, state, &buffer);
  run->stage->state_free (state);
  PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  gpointer loaded = run->stage->reduce->load (run->config, &cursor);
  g_assert (loaded != NULL && cursor.offset == cursor.length);
  return loaded;
}

/* Puts a state on disk, when it is its turn. */
static void
spill_state (Run *run, gpointer state, guint turn, PlSplit split)
{
  const PlReduceStage *reduce = run->stage->reduce;
  if (split.spill > 0 && turn % split.spill == 0 && reduce->spill != NULL && run->error == NULL)
    g_assert (reduce->spill (run->config, state, &run->error));
}

/* As the main process does with what worker processes hand over piece by piece. */
static void
merge_states (Run *run, gpointer *states, guint n, guint into, PlSplit split)
{
  for (guint s = 0; s < n; s++)
    if (s != into && run->stage->reduce->merge (run->config, states[into], states[s]))
      {
        run->stage->state_free (states[s]);
        states[s] = run->stage->state_new (run->config);
        spill_state (run, states[into], s, split);
      }
}

static void
run_reduce (Run *run, const PlBatch *all, PlSplit split)
{
  gpointer *states = g_new0 (gpointer, split.n_states);
  for (guint s = 0; s < split.n_states; s++)
    states[s] = run->stage->state_new (run->config);
  guint turn = 0;
  for (gsize first = 0; first < all->n_rows && run->error == NULL; first += split.batch_rows)
    {
      PlBatch batch;
      pl_batch_copy (&batch, all);
      pl_batch_slice (&batch, first, MIN (split.batch_rows, all->n_rows - first));
      gpointer state = states[turn++ % split.n_states];
      run->stage->reduce->consume (run->config, state, &batch, &run->error);
      if (!split.wire)
        spill_state (run, state, turn, split);
    }
  for (guint s = 0; s < split.n_states && split.wire; s++)
    states[s] = through_the_wire (run, states[s]);
  if (split.merge && run->stage->reduce->merge != NULL && run->error == NULL)
    merge_states (run, states, split.n_states, split.threads ? split.n_states - 1 : 0, split);
  if (run->error == NULL)
    {
      PlParallel *parallel = split.threads ? pl_harness_threads () : pl_parallel_serial ();
      PlRows *rows = run->stage->reduce->finish (run->config, states, split.n_states, parallel, &run->error);
      if (rows != NULL)
        read_rows (run, rows, split.batch_rows);
      pl_rows_free (rows);
    }
  for (guint s = 0; s < split.n_states; s++)
    run->stage->state_free (states[s]);
  g_free (states);
}

/* ---- trees ---- */

/* States that are saved, loaded, merged and put on disk in any way that there is. */
typedef struct
{
  Run *run;
  GRand *random;
  GPtrArray *states;
  gboolean never_spills;
  GHashTable *spilled; /* a set */
} Tree;

static guint
pick (const Tree *tree, guint n)
{
  return (guint) g_rand_int_range (tree->random, 0, (gint32) MAX (n, 1));
}

static void
tree_wire (Tree *tree, guint s)
{
  gpointer *state = &tree->states->pdata[s];
  for (guint n = g_hash_table_contains (tree->spilled, *state) ? 0 : pick (tree, 3); n > 0; n--)
    *state = through_the_wire (tree->run, *state);
}

static void
tree_spill (Tree *tree, guint s)
{
  gpointer state = tree->states->pdata[s];
  if (tree->never_spills || tree->run->stage->reduce->spill == NULL || tree->run->error != NULL)
    return;
  g_assert (tree->run->stage->reduce->spill (tree->run->config, state, &tree->run->error));
  g_hash_table_add (tree->spilled, state);
}

static void
tree_merge (Tree *tree, guint into, guint from)
{
  const PlReduceStage *reduce = tree->run->stage->reduce;
  gpointer state = tree->states->pdata[from];
  if (into == from || reduce->merge == NULL || g_hash_table_contains (tree->spilled, state)
      || !reduce->merge (tree->run->config, tree->states->pdata[into], state))
    return;
  tree->run->stage->state_free (state);
  g_ptr_array_remove_index_fast (tree->states, from);
}

static void
tree_feed (Tree *tree, const PlBatch *all)
{
  for (gsize first = 0, n; first < all->n_rows && tree->run->error == NULL; first += n)
    {
      const guint s = pick (tree, tree->states->len), most = 1 + pick (tree, 8);
      PlBatch batch;
      n = MIN (most, all->n_rows - first);
      pl_batch_copy (&batch, all);
      pl_batch_slice (&batch, first, n);
      tree->run->stage->reduce->consume (tree->run->config, tree->states->pdata[s], &batch, &tree->run->error);
      if (pick (tree, 4) == 0)
        tree_wire (tree, s);
      if (pick (tree, 30) == 0)
        tree_spill (tree, s);
    }
}

/* All rows, as one batch. */
static void
feed_whole (Run *run, const PlBatch *all, gpointer state)
{
  PlBatch batch;
  pl_batch_copy (&batch, all);
  run->stage->reduce->consume (run->config, state, &batch, &run->error);
}

/* What is known before the end of where the rows that are needed end. */
static void
print_enough (Run *run, const GPtrArray *states)
{
  const PlReduceStage *reduce = run->stage->reduce;
  guint64 position;
  if (reduce->satisfied != NULL && run->error == NULL
      && reduce->satisfied (run->config, states->pdata, states->len, &position, &run->error))
    g_string_append_printf (run->out, "enough at position %" G_GUINT64_FORMAT "\n", position);
}

/* Returns: (transfer full) (nullable): what all states come to. */
static PlRows *
grow_tree (Tree *tree, const PlBatch *all, guint seed)
{
  Run *run = tree->run;
  const guint n_states = seed == 0 ? 1 : 1 + pick (tree, 6);
  for (guint s = 0; s < n_states; s++)
    g_ptr_array_add (tree->states, run->stage->state_new (run->config));
  if (seed > 0)
    tree_feed (tree, all);
  else
    feed_whole (run, all, tree->states->pdata[0]);
  for (guint turn = run->error == NULL && seed > 0 ? 5 * n_states : 0; turn > 0; turn--)
    {
      const guint s = pick (tree, tree->states->len), other = pick (tree, tree->states->len);
      if (pick (tree, 2) == 0)
        tree_wire (tree, s);
      else if (pick (tree, 8) == 0)
        tree_spill (tree, s);
      else
        tree_merge (tree, s, other);
    }
  print_enough (run, tree->states);
  if (run->error != NULL)
    return NULL;
  PlParallel *parallel = pick (tree, 2) == 0 ? pl_harness_threads () : pl_parallel_serial ();
  return run->stage->reduce->finish (run->config, tree->states->pdata, tree->states->len, parallel, &run->error);
}

static Tree
tree_new (Run *run, guint seed, gboolean never_spills)
{
  return (Tree){run, g_rand_new_with_seed (seed), g_ptr_array_new (), never_spills, g_hash_table_new (NULL, NULL)};
}

static void
tree_clear (Tree *tree)
{
  for (guint s = 0; s < tree->states->len; s++)
    tree->run->stage->state_free (tree->states->pdata[s]);
  g_ptr_array_unref (tree->states);
  g_hash_table_unref (tree->spilled);
  g_rand_free (tree->random);
}

static void
run_tree (Run *run, const PlBatch *all, guint seed)
{
  Tree tree = tree_new (run, seed, FALSE);
  PlRows *rows = grow_tree (&tree, all, seed);
  if (rows != NULL)
    read_rows (run, rows, 1 + pick (&tree, 20));
  pl_rows_free (rows);
  tree_clear (&tree);
}

/* Gives the rows of @left, which ask what the states of @right have become. */
static void
run_asking (Run *run, gpointer *configs, const PlBatch *left, const PlBatch *right, guint seed)
{
  Run build = {.stage = run->stage->build->stage, .config = configs[2], .arena = run->arena, .out = run->out};
  Tree tree = tree_new (&build, seed, TRUE);
  PlRows *index = grow_tree (&tree, right, seed);
  g_assert_no_error (build.error);
  gpointer state = run->stage->state_new (configs[0]);
  PlBatch batch;
  pl_batch_copy (&batch, left);
  run->stage->map->ask->attach (state, index);
  run->config = configs[0];
  expand (run, state, &batch);
  run->stage->state_free (state);
  pl_rows_free (index);
  tree_clear (&tree);
}

static char *
format_issues (PlIssues *issues)
{
  GString *out = g_string_new (NULL);
  const GPtrArray *list = pl_issues_list (issues);
  for (guint i = 0; i < list->len; i++)
    {
      const PlIssue *issue = list->pdata[i];
      g_string_append_printf (out, "%u:%u: %s\n", issue->line, issue->column, issue->error->message);
    }
  return g_string_free (out, FALSE);
}

/* @tree: a seed; -1: as @split says */
static char *
run_stage (const char *kind, const char *settings_text, const char *rows, PlSplit split, gint64 tree)
{
  Run run = {.stage = pl_stage_find (kind), .arena = pl_arena_new ()};
  PlIssues *issues = pl_issues_new ();
  PlJob *job = read_job (kind, settings_text, issues);
  PlSettings *settings = g_ptr_array_index (job->groups, 0);
  PlSchema *input;
  PlBatch *batch = pl_harness_batch (rows, &input, run.arena);
  char *result;
  split.n_states = MAX (split.n_states, 1);
  split.batch_rows = split.batch_rows == 0 ? 3 : split.batch_rows;
  if (!settings->faulty)
    run.config = run.stage->configure (settings, input, &run.output, issues);
  g_assert ((run.config != NULL) == (pl_issues_n_errors (issues) == 0));
  if (run.config == NULL)
    {
      result = format_issues (issues);
      g_clear_pointer (&run.output, pl_schema_unref);
    }
  else
    {
      g_autofree guint8 *output_uses = g_new (guint8, run.output->n_fields),
                        *uses = g_new0 (guint8, input->n_fields + 1);
      run.out = g_string_new (NULL);
      for (guint i = 0; i < run.output->n_fields; i++)
        {
          output_uses[i] = PL_USE_TEXT | PL_USE_VALUE;
          g_string_append_printf (run.out, "%s%s", run.output->fields[i].name,
                                  i + 1 < run.output->n_fields ? "," : "\n");
        }
      run.stage->require (run.config, output_uses, uses);
      apply_uses (batch, uses);
      if (run.stage->map != NULL)
        run_map (&run, batch, split);
      else if (tree >= 0)
        run_tree (&run, batch, (guint) tree);
      else
        run_reduce (&run, batch, split);
      result = g_string_free (run.out, FALSE);
      if (run.error != NULL)
        {
          g_free (result);
          result = g_strdup_printf ("error: %s", run.error->message);
          g_error_free (run.error);
        }
      run.stage->config_free (run.config);
      pl_schema_unref (run.output);
    }
  pl_issues_free (issues);
  pl_job_free (job);
  pl_schema_unref (input);
  pl_arena_free (run.arena);
  return result;
}

char *
pl_harness_run (const char *kind, const char *settings, const char *rows, PlSplit split)
{
  return run_stage (kind, settings, rows, split, -1);
}

char *
pl_harness_run_tree (const char *kind, const char *settings, const char *rows, guint seed)
{
  return run_stage (kind, settings, rows, (PlSplit){0}, seed);
}

char *
pl_harness_run_splits (const char *kind, const char *settings, const char *rows)
{
  static const PlSplit splits[] = {
      {1, 3, FALSE, FALSE, FALSE, 0}, {1, PL_BATCH_ROWS, FALSE, FALSE, FALSE, 0},
      {2, 1, FALSE, FALSE, FALSE, 0}, {3, 2, FALSE, TRUE, FALSE, 0},
      {3, 1, TRUE, FALSE, FALSE, 0},  {7, 1, TRUE, TRUE, FALSE, 0},
      {3, 1, TRUE, FALSE, TRUE, 0},   {5, 2, TRUE, TRUE, TRUE, 0},
      {2, 1, FALSE, FALSE, FALSE, 1}, {3, 1, FALSE, TRUE, FALSE, 4},
      {4, 1, TRUE, FALSE, TRUE, 1},   {7, 1, TRUE, TRUE, TRUE, 2},
  };
  char *first = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (splits); i++)
    {
      char *result = pl_harness_run (kind, settings, rows, splits[i]);
      if (first == NULL)
        first = result;
      else if (strcmp (first, result) != 0)
        {
          char *report = g_strdup_printf ("split %u differs:\n%s--- instead of\n%s", i, result, first);
          g_free (first);
          g_free (result);
          return report;
        }
      else
        g_free (result);
    }
  return first;
}

char *
pl_harness_ask_tree (const char *kind, const char *settings, const char *left, const char *right, guint seed)
{
  Run run = {.stage = pl_stage_find (kind), .arena = pl_arena_new (), .out = g_string_new (NULL)};
  PlIssues *issues = pl_issues_new ();
  PlJob *job = read_job (kind, settings, issues);
  PlStageInput inputs[] = {{.name = "left"}, {.name = "right"}};
  PlBatch *batches[]
      = {pl_harness_batch (left, &inputs[0].schema, run.arena), pl_harness_batch (right, &inputs[1].schema, run.arena)};
  gpointer configs[3] = {NULL};
  g_assert (run.stage->configure_inputs (job->groups->pdata[0], inputs, 2, configs, &run.output, issues));
  g_autofree guint8 *uses = g_malloc (run.output->n_fields + 1);
  g_autofree guint8 *left_uses = g_new0 (guint8, inputs[0].schema->n_fields + 1);
  g_autofree guint8 *rest_uses = g_new0 (guint8, inputs[1].schema->n_fields + 1);
  g_autofree guint8 *right_uses = g_new0 (guint8, inputs[1].schema->n_fields + 1);
  memset (uses, PL_USE_TEXT | PL_USE_VALUE, run.output->n_fields);
  run.stage->require (configs[0], uses, left_uses);
  run.stage->require (configs[1], uses, rest_uses);
  run.stage->build->stage->require (configs[2], rest_uses, right_uses);
  run_asking (&run, configs, batches[0], batches[1], seed);
  g_assert_no_error (run.error);
  for (guint c = 0; c < 3; c++)
    (c < 2 ? run.stage : run.stage->build->stage)->config_free (configs[c]);
  pl_schema_unref (run.output);
  for (guint i = 0; i < 2; i++)
    pl_schema_unref (inputs[i].schema);
  pl_issues_free (issues);
  pl_job_free (job);
  pl_arena_free (run.arena);
  return g_string_free (run.out, FALSE);
}
