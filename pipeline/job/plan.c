/* Drafts → plan: every node configured in the order of the rows, then the uses of columns carried back from the sinks.
 *
 * A mistake in one group does not keep the others from being checked; of what takes the rows of a faulty one only the syntax is, because
 * the columns are not known. */
#include "plan.h"

#include <string.h>

#include "../base/seed.h"
#include "job-private.h"
#include "plan-private.h"
#include "../csv/source-open.h"

static void
node_free (gpointer data)
{
  PlNode *node = data;
  if (node->stage != NULL && node->config != NULL)
    node->stage->config_free (node->config);
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

static void
configure_stage (PlNode *node, PlIssues *issues)
{
  const PlStage *stage = pl_stage_find (node->settings->kind);
  PlSchema *output = NULL;
  gpointer config = stage->configure (node->settings, node->input->schema, &output, issues);
  node->schema = output;
  if (config == NULL)
    return;
  node->stage = stage;
  node->config = config;
}

/* A node without schema is one whose columns are not known, because it could not be configured. */
static PlNode *
node_new (const PlDraft *draft, PlNode *input, const PlJob *job, GPtrArray *sources, gboolean to_terminal,
          PlIssues *issues)
{
  PlNode *node = g_new0 (PlNode, 1);
  node->kind = draft->kind;
  node->label = g_strdup (draft->label);
  node->settings = draft->group;
  node->input = input;
  node->consumers = g_ptr_array_new ();
  if (draft->kind == PL_NODE_SINK && !(draft->group != NULL && draft->group->faulty))
    node->sink = pl_sink_new (draft->group, job->folder, to_terminal, issues);
  if (draft->group != NULL && draft->group->faulty)
    return node;
  if (draft->kind == PL_NODE_SOURCE)
    {
      node->source = g_ptr_array_index (sources, draft->source);
      node->schema = node->source != NULL ? pl_schema_ref (node->source->schema) : NULL;
    }
  else if (!draft->faulty && input->schema != NULL && draft->kind == PL_NODE_SINK)
    {
      node->schema = pl_schema_ref (input->schema);
      if (node->sink != NULL && draft->group != NULL)
        pl_sink_check (node->sink, draft->group, node->schema, issues);
    }
  else if (!draft->faulty && input->schema != NULL)
    configure_stage (node, issues);
  else if (draft->kind == PL_NODE_STAGE)
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
      PlNode *input = draft->input != NULL ? g_hash_table_lookup (node_of, draft->input) : NULL;
      PlNode *node = node_new (draft, input, job, sources, to_terminal, issues);
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
  g_autoptr (GPtrArray) drafts = pl_graph_build (job, issues);
  g_ptr_array_unref (configure_all (drafts, job, sources, FALSE, issues));
}

/* Adds what a source failed with. A file that is missing is a mistake in the job like any other, where there is a job; what is wrong inside of a file
 * is told by the file's place, and of several files only the first. */
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
      if (node->input != NULL)
        g_ptr_array_add (node->input->consumers, node);
    }
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
          continue;
        }
      guint n_inputs = node->input->schema->n_fields;
      g_autofree guint8 *needed = g_new0 (guint8, n_inputs);
      if (node->kind == PL_NODE_STAGE)
        node->stage->require (node->config, node->uses, needed);
      else
        for (guint j = 0; j < n_fields; j++)
          {
            const PlFormatOptions *options = &node->sink->format;
            needed[j] = node->uses[j] = (guint8) options->format->use (options, node->schema->fields[j].type);
          }
      for (guint j = 0; j < n_inputs; j++)
        node->input->uses[j] |= needed[j];
    }
}

/* Whether the rows of @node come from a reduce stage: then the main process's own threads work on them. */
static gboolean
is_behind_reduce (const PlNode *node)
{
  for (const PlNode *input = node->input; input != NULL; input = input->input)
    if ((input->kind == PL_NODE_STAGE && input->stage->reduce != NULL)
        || (input->kind == PL_NODE_SOURCE && input->source->limit != G_MAXUINT64))
      return TRUE;
  return FALSE;
}

/* Where foreign code is to run: in worker processes, unless the job says otherwise. */
static void
isolate (PlPlan *plan, const PlJob *job, PlIssues *issues)
{
  const PlSettings *group = pl_job_group (job, "run");
  gboolean is_said = group != NULL && pl_settings_find (group, "mode") != NULL;
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      if (node->kind != PL_NODE_STAGE || !node->stage->is_foreign)
        continue;
      if (!is_said)
        plan->run.mode = PL_MODE_PROCESSES;
      if (plan->run.mode == PL_MODE_PROCESSES && is_behind_reduce (node))
        pl_issues_add (issues, node->settings, NULL, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                       "[%s] stands behind a stage that needs all rows (or a source with a limit), where no worker "
                       "processes run; put it in front of that, or set mode = threads in [run] to trust it",
                       node->label);
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
      if (node->kind == PL_NODE_STAGE
          && (node->stage->is_foreign || (node->stage->map != NULL && node->stage->map->end != NULL)))
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
      PlStageRun stage_run = {run->workers * threads, 1};
      if (run->mode == PL_MODE_PROCESSES && !is_behind_reduce (node))
        stage_run = (PlStageRun){threads, run->workers};
      node->stage->prepare (node->config, &stage_run);
    }
}

PlPlan *
pl_plan_build (const PlJob *job, GPtrArray *sources, gboolean to_terminal, PlIssues *issues)
{
  g_autoptr (PlPlan) plan = g_new0 (PlPlan, 1);
  plan->name = g_strdup (job->name);
  pl_run_settings_init (&plan->run, job, issues);
  if (plan->run.has_seed)
    pl_hash_seed_set (plan->run.seed);
  g_autoptr (GPtrArray) drafts = pl_graph_build (job, issues);
  plan->nodes = configure_all (drafts, job, sources, to_terminal, issues);
  if (pl_issues_n_errors (issues) > 0)
    return NULL;
  keep_live (plan->nodes, drafts);
  isolate (plan, job, issues);
  if (pl_issues_n_errors (issues) > 0)
    return NULL;
  size_blocks (plan, job);
  prepare_stages (plan);
  spread_uses (plan->nodes, sources);
  return g_steal_pointer (&plan);
}
