/* Drafts → plan: every node configured in the order of the rows, then the uses of columns carried back from the sinks.
 *
 * A mistake in one group does not keep the others from being checked; of what takes the rows of a faulty one only the
 * syntax is, because the columns are not known. */
#include "plan.h"

#include <string.h>

#include "../base/seed.h"
#include "../csv/source-open.h"
#include "plan-graph.h"
#include "plan-paths.h"
#include "plan-memory.h"
#include "plan-run.h"
#include "plan-sink.h"
#include "plan-syntax.h"

#define PASSES_MAX 16

static void
node_free (gpointer data)
{
  PlNode *node = data;
  for (guint i = 0; node->configs != NULL && i < node->n_inputs; i++)
    if (node->configs[i] != NULL)
      node->stage->config_free (node->configs[i]);
  g_free (node->configs);
  g_free (node->inputs);
  g_free (node->keeps);
  pl_sink_free (node->sink);
  if (node->schema != NULL)
    pl_schema_unref (node->schema);
  g_ptr_array_unref (node->consumers);
  g_free (node->uses);
  g_free ((char *) node->label);
  g_free (node);
}

void
pl_plan_free (PlPlan *plan)
{
  if (plan == NULL)
    return;
  if (plan->nodes != NULL)
    g_ptr_array_unref (plan->nodes);
  g_free (plan->name);
  g_free (plan);
}

/* The last of @configs is that of the node which is asked. */
static void
give_configs (PlNode *node, gpointer *configs)
{
  if (node->asks != NULL)
    node->asks->configs[0] = g_steal_pointer (&configs[node->n_inputs]);
  node->configs = configs;
}

static void
configure_stage (PlNode *node, PlIssues *issues)
{
  const PlStage *stage = pl_stage_find (node->settings->kind);
  PlSchema *output = NULL;
  g_autofree gpointer *configs = g_new0 (gpointer, node->n_inputs + 1);
  gboolean ok;
  if (stage->configure_inputs == NULL)
    ok = (configs[0] = stage->configure (node->settings, node->inputs[0]->schema, &output, issues)) != NULL;
  else
    {
      g_autofree PlStageInput *inputs = g_new (PlStageInput, node->n_inputs);
      for (guint i = 0; i < node->n_inputs; i++)
        {
          const PlNode *input = node->inputs[i];
          inputs[i] = (PlStageInput){(input == node->asks ? input->inputs[0] : input)->settings->name, input->schema};
        }
      ok = stage->configure_inputs (node->settings, inputs, node->n_inputs, configs, &output, issues);
    }
  node->schema = output;
  if (!ok)
    return;
  node->stage = stage;
  give_configs (node, g_steal_pointer (&configs));
}

/* An input that is asked keeps its rows as they come; what of them and how, the stage that asks it will say. */
static void
set_asked (PlNode *node)
{
  node->stage = pl_stage_find (node->settings->kind)->build->stage;
  node->schema = pl_schema_ref (node->inputs[0]->schema);
  node->configs = g_new0 (gpointer, 1);
}

/* Whether the columns of all inputs are known. */
static gboolean
has_schemas (const PlNode *node)
{
  for (guint i = 0; i < node->n_inputs; i++)
    if (node->inputs[i]->schema == NULL)
      return FALSE;
  return node->n_inputs > 0;
}

static gboolean
have_decimal_commas (const GPtrArray *sources)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (sources, i);
      if (source == NULL || !source->dialect.decimal_comma)
        return FALSE;
    }
  return sources->len > 0;
}

/* A node without schema is one whose columns are not known, because it could not be configured. */
static PlNode *
node_new (const PlDraft *draft, GHashTable *node_of, const PlJob *job, GPtrArray *sources, gboolean to_terminal,
          PlIssues *issues)
{
  PlNode *node = g_new0 (PlNode, 1);
  node->kind = draft->kind;
  node->label = g_strdup (draft->label);
  node->settings = draft->group;
  node->n_inputs = draft->n_inputs;
  node->inputs = g_new (PlNode *, draft->n_inputs + 1);
  for (guint i = 0; i < draft->n_inputs; i++)
    node->inputs[i] = g_hash_table_lookup (node_of, draft->inputs[i]);
  node->consumers = g_ptr_array_new ();
  if (draft->asks != NULL && node->n_inputs > 0 && !draft->faulty)
    {
      node->asks = node->inputs[node->n_inputs - 1];
      node->asks->asker = node;
    }
  if (draft->kind == PL_NODE_SINK && !(draft->group != NULL && draft->group->faulty))
    node->sink = pl_sink_new (draft->group, job->folder, to_terminal, issues);
  if (node->sink != NULL)
    pl_sink_follow (node->sink, draft->group, have_decimal_commas (sources));
  if (draft->group != NULL && draft->group->faulty)
    return node;
  if (draft->kind == PL_NODE_SOURCE)
    {
      node->source = g_ptr_array_index (sources, draft->source);
      node->schema = node->source != NULL ? pl_schema_ref (node->source->schema) : NULL;
    }
  else if (!draft->faulty && has_schemas (node) && draft->kind == PL_NODE_SINK)
    {
      node->schema = pl_schema_ref (node->inputs[0]->schema);
      if (node->sink != NULL && draft->group != NULL)
        pl_sink_check (node->sink, draft->group, node->schema, issues);
    }
  else if (!draft->faulty && has_schemas (node) && draft->build_key != NULL)
    set_asked (node);
  else if (!draft->faulty && has_schemas (node))
    configure_stage (node, issues);
  else if (draft->kind == PL_NODE_STAGE && draft->build_key == NULL)
    pl_stage_check_syntax (draft->group, issues);
  return node;
}

/* One node per draft, in the same order. */
static GPtrArray *
configure_all (const GPtrArray *drafts, const PlJob *job, GPtrArray *sources, gboolean to_terminal, PlIssues *issues)
{
  GPtrArray *nodes = g_ptr_array_new_with_free_func (node_free);
  g_autoptr (GHashTable) node_of = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      PlNode *node = node_new (draft, node_of, job, sources, to_terminal, issues);
      g_hash_table_insert (node_of, draft, node);
      g_ptr_array_add (nodes, node);
    }
  pl_paths_check (job, nodes, issues);
  return nodes;
}

/* Reports what is wrong behind sources of which some (%NULL) cannot be opened. */
static void
check_the_rest (const PlJob *job, GPtrArray *sources, PlIssues *issues)
{
  PlRunSettings run = {0};
  pl_run_settings_init (&run, job, issues);
  pl_run_memory_init (&run, pl_job_group (job, "run"), issues);
  g_autoptr (GPtrArray) drafts = pl_graph_build (job, issues);
  g_ptr_array_unref (configure_all (drafts, job, sources, FALSE, issues));
}

/* Adds what a source failed with. A file that is missing is a mistake in the job like any other, where there is a job;
 * what is wrong inside of a file is told at the file's name, and of several files only the first. */
static void
report_source (const PlSettings *group, GError *reason, PlIssues *issues, GError **error)
{
  const PlSetting *path = pl_settings_find (group, "path");
  gboolean missing = g_error_matches (reason, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND)
                     || g_error_matches (reason, PL_IO_ERROR, PL_IO_ERROR_OPEN);
  if (missing && path != NULL && group->line > 0)
    pl_issues_take (issues, group, path, G_MAXUINT, reason);
  else if (error == NULL || *error != NULL)
    g_error_free (reason);
  else
    g_propagate_error (error, reason);
}

GPtrArray *
pl_plan_open_sources (const PlJob *job, PlIssues *issues, GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_source_free);
  gboolean success = TRUE;
  for (guint i = 0; i < job->groups->len; i++)
    {
      const PlSettings *group = g_ptr_array_index (job->groups, i);
      GError *reason = NULL;
      if (strcmp (group->kind, "source") != 0)
        continue;
      PlSource *source = group->faulty ? NULL : pl_source_open (group, job->folder, issues, &reason);
      success = success && source != NULL;
      g_ptr_array_add (sources, source);
      if (reason != NULL)
        report_source (group, reason, issues, error);
    }
  if (success)
    return g_steal_pointer (&sources);
  check_the_rest (job, sources, issues);
  return NULL;
}

/* Leaves out what reaches no sink, and links the rest. */
static void
keep_live (GPtrArray *nodes, const GPtrArray *drafts)
{
  for (guint i = drafts->len; i > 0; i--)
    if (!((const PlDraft *) g_ptr_array_index (drafts, i - 1))->live)
      g_ptr_array_remove_index (nodes, i - 1);
  for (guint i = 0; i < nodes->len; i++)
    {
      PlNode *node = g_ptr_array_index (nodes, i);
      node->index = i;
      node->uses = g_new0 (guint8, node->schema->n_fields);
      for (guint k = 0; k < node->n_inputs; k++)
        g_ptr_array_add (node->inputs[k]->consumers, node);
    }
}

/* Adds what @node needs of its input @k to that one's uses. */
static void
spread_to (const PlNode *node, PlNode *input, guint k)
{
  const guint n = input->schema->n_fields;
  g_autofree guint8 *needed = g_new0 (guint8, n + 1);
  if (node->kind == PL_NODE_STAGE)
    node->stage->require (node->configs[k], node->uses, needed);
  else if (n > 0)
    memcpy (needed, node->uses, n);
  for (guint j = 0; j < n; j++)
    input->uses[j] |= needed[j];
}

/* Fills in every node's uses, and those of @sources: nothing, where a source is not read. */
static void
spread_uses (const GPtrArray *nodes, const GPtrArray *sources)
{
  for (guint i = 0; i < sources->len; i++)
    {
      PlSource *source = g_ptr_array_index (sources, i);
      g_free (source->uses);
      source->uses = g_new0 (guint8, source->schema->n_fields);
    }
  for (guint i = nodes->len; i > 0; i--)
    {
      PlNode *node = g_ptr_array_index (nodes, i - 1);
      guint n_fields = node->schema->n_fields;
      if (node->kind == PL_NODE_SOURCE)
        {
          if (n_fields > 0)
            memcpy (node->source->uses, node->uses, n_fields);
          for (guint j = 0; j < n_fields; j++)
            if (node->source->uses[j] == PL_USE_NONE && node->source->readings[j].is_pinned
                && node->schema->fields[j].type.kind != PL_STRING)
              node->source->uses[j] = PL_USE_CHECK;
          continue;
        }
      for (guint j = 0; node->kind == PL_NODE_SINK && j < n_fields; j++)
        {
          const PlFormatOptions *options = &node->sink->format;
          node->uses[j] = (guint8) options->format->use (options, node->schema->fields[j].type);
        }
      for (guint k = 0; k < node->n_inputs; k++)
        spread_to (node, node->inputs[k], k);
    }
}

gboolean
pl_node_passes_on (const PlNode *node, guint k)
{
  return node->asks == NULL || k + 1 < node->n_inputs || node->stage->build->gives_rest (node->configs[k]);
}

/* While find_kept() goes over the nodes: by index of a node. */
typedef struct
{
  guint *first, *last; /* of its heads; what was kept is read when it is the turn of who kept it */
  guint *passes;       /* how often rows pass through it: by so many heads, each with the stages behind them */
  guint *foreign;      /* whether code of others makes its rows anew each time its heads are read */
} Ways;

static void
keep (PlNode *node, guint k)
{
  if (node->keeps == NULL)
    node->keeps = g_new0 (guint8, node->n_inputs);
  node->keeps[k] = TRUE;
}

/* Whether the rows of input @k, which is read as @ways say, wait for @node's turn. */
static gboolean
must_keep (const PlNode *node, guint k, const Ways *ways)
{
  const guint input = node->inputs[k]->index;
  const gboolean is_map = node->kind == PL_NODE_STAGE && node->stage->map != NULL;
  /* What is asked has been read before, and what goes on of it is read when it is the turn of who has asked. */
  if (node->asks == node->inputs[k])
    return FALSE;
  /* Rows that ask may be read twice (PlBuildInput.keys), and must be the same both times. */
  if (node->asks != NULL && (ways->first[input] <= node->asks->index || ways->foreign[input]))
    return TRUE;
  return (k > 0 && ways->first[input] <= ways->last[node->index]) || (is_map && ways->passes[input] > PASSES_MAX);
}

/* Sets which inputs' rows come too early. Rows of sources and of reduce stages, the heads, are read one after the other
 * in the order of the nodes; what lies between two stages of that kind passes through at once. So the rows of several
 * inputs come in their order where each one's heads are behind those of the one before; where they are not, they are
 * kept.
 *
 * An input that is asked must have been read to its end before the first head of who asks it; where it is not, rows are
 * kept. So they are where code of others stands between the head and who asks. What goes on of the input comes last.
 *
 * Stages behind a union are walked once a head. Where unions stand behind each other these become many, and all of them
 * would be walked for each: so behind a union of many heads rows are kept, too. */
static void
find_kept (const GPtrArray *nodes)
{
  const gsize n = nodes->len;
  g_autofree guint *memory = g_new0 (guint, 4 * n + 1);
  Ways ways = {memory, memory + n, memory + 2 * n, memory + 3 * n};
  for (guint i = 0; i < nodes->len; i++)
    {
      PlNode *node = g_ptr_array_index (nodes, i);
      ways.first[i] = ways.last[i] = i;
      ways.passes[i] = 1;
      if (node->kind == PL_NODE_SOURCE || (node->kind == PL_NODE_STAGE && node->stage->reduce != NULL))
        continue;
      ways.passes[i] = 0;
      ways.foreign[i] = node->kind == PL_NODE_STAGE && node->stage->code != PL_CODE_OURS;
      for (guint k = 0; k < node->n_inputs; k++)
        {
          const guint input = node->inputs[k]->index;
          const gboolean is_asked = node->asks == node->inputs[k];
          const gboolean kept = is_asked || must_keep (node, k, &ways);
          if (is_asked && !pl_node_passes_on (node, k))
            continue;
          if (kept && !is_asked)
            keep (node, k);
          if (k == 0)
            ways.first[i] = kept ? i : ways.first[input];
          ways.last[i] = kept ? i : ways.last[input];
          ways.passes[i] += kept ? 1 : ways.passes[input];
          ways.foreign[i] |= !kept && ways.foreign[input];
        }
    }
}

/* Where foreign code is to run: in worker processes, unless the job says otherwise. */
static void
isolate (PlPlan *plan, const PlJob *job)
{
  const PlSettings *group = pl_job_group (job, "run");
  gboolean is_said = group != NULL && pl_settings_find (group, "mode") != NULL;
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      if (node->kind == PL_NODE_STAGE && node->stage->code == PL_CODE_FOREIGN && !is_said)
        plan->run.mode = PL_MODE_PROCESSES;
    }
}

/* Rows of an exec stage or a plugin take long: there, small blocks spread better, and their ways do not count. */
static void
size_blocks (PlPlan *plan, const PlJob *job)
{
  if (plan->run.mode != PL_MODE_PROCESSES || pl_run_settings_say (pl_job_group (job, "run"), "block-size"))
    return;
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      if (node->kind == PL_NODE_STAGE && node->stage->code != PL_CODE_OURS)
        return;
    }
  plan->run.block_size = PL_DEFAULT_BLOCK_SIZE_OF_PROCESSES;
}

static void
prepare_stages (const PlPlan *plan)
{
  const PlRunSettings *run = &plan->run;
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      if (node->kind != PL_NODE_STAGE || node->stage->prepare == NULL)
        continue;
      guint threads = run->mode == PL_MODE_PROCESSES ? run->threads_per_process : 1;
      PlStageRun stage_run = {run->workers * threads, 1, 0};
      if (run->mode == PL_MODE_PROCESSES && node->stage->code != PL_CODE_OURS)
        stage_run = (PlStageRun){threads, run->workers, 0};
      if (run->mode == PL_MODE_PROCESSES)
        stage_run.copies = run->workers;
      for (guint k = 0; k < node->n_inputs; k++)
        node->stage->prepare (node->configs[k], &stage_run);
    }
}

PlPlan *
pl_plan_build (const PlJob *job, GPtrArray *sources, gboolean to_terminal, PlIssues *issues)
{
  g_autoptr (PlPlan) plan = g_new0 (PlPlan, 1);
  plan->name = g_strdup (job->name);
  pl_run_settings_init (&plan->run, job, issues);
  pl_run_memory_init (&plan->run, pl_job_group (job, "run"), issues);
  if (plan->run.has_seed)
    pl_hash_seed_set (plan->run.seed);
  g_autoptr (GPtrArray) drafts = pl_graph_build (job, issues);
  plan->nodes = configure_all (drafts, job, sources, to_terminal, issues);
  if (pl_issues_n_errors (issues) > 0)
    return NULL;
  keep_live (plan->nodes, drafts);
  find_kept (plan->nodes);
  isolate (plan, job);
  size_blocks (plan, job);
  pl_run_memory_fit (&plan->run, pl_job_group (job, "run"));
  prepare_stages (plan);
  spread_uses (plan->nodes, sources);
  return g_steal_pointer (&plan);
}
