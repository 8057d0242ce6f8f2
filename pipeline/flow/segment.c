/* Cuts a plan into segments: see segment.h for the picture. */
#include "segment.h"

typedef struct
{
  const PlStage *stage;
  gpointer config;
  PlSchema *schema;
  PlSettings *settings;
  char *label;
} Implied;

static void
implied_free (gpointer data)
{
  Implied *implied = data;
  if (implied->config != NULL)
    implied->stage->config_free (implied->config);
  g_clear_pointer (&implied->schema, pl_schema_unref);
  pl_settings_free (implied->settings);
  g_free (implied->label);
  g_free (implied);
}

static void
step_free (gpointer data)
{
  PlStep *step = data;
  g_free (step->children);
  g_free (step);
}

PlSegment *
pl_segment_new (PlSource *source)
{
  PlSegment *segment = g_new0 (PlSegment, 1);
  segment->source = source;
  segment->steps = g_ptr_array_new_with_free_func (step_free);
  segment->node = -1;
  if (source != NULL)
    {
      segment->schema = source->schema;
      segment->label = source->name;
    }
  return segment;
}

void
pl_segment_free (PlSegment *segment)
{
  if (segment == NULL)
    return;
  g_ptr_array_unref (segment->steps);
  g_free (segment->roots);
  g_free (segment);
}

void
pl_segments_free (PlSegments *segments)
{
  if (segments == NULL)
    return;
  g_ptr_array_unref (segments->list);
  g_ptr_array_unref (segments->implied);
  g_free (segments);
}

static PlStep *
add_step (PlSegment *segment)
{
  PlStep *step = g_new0 (PlStep, 1);
  step->index = segment->steps->len;
  step->node = -1;
  step->feeds = PL_NO_SEGMENT;
  g_ptr_array_add (segment->steps, step);
  return step;
}

/* Adds what takes @node's batches, down to reduce stages and sinks. */
static PlStep **
add_consumers (PlSegments *segments, PlSegment *segment, const PlNode *node, PlStep **step_of_node, guint *n)
{
  *n = node->consumers->len;
  PlStep **children = g_new (PlStep *, MAX (*n, 1));
  for (guint i = 0; i < *n; i++)
    {
      const PlNode *consumer = g_ptr_array_index (node->consumers, i);
      PlStep *step = children[i] = add_step (segment);
      step->label = consumer->label;
      step->node = (gint) consumer->index;
      step->schema = consumer->schema;
      step_of_node[consumer->index] = step;
      if (consumer->kind == PL_NODE_SINK)
        {
          step->sink = consumer->sink;
          step->output = segments->n_outputs++;
          continue;
        }
      step->stage = consumer->stage;
      step->config = consumer->config;
      if (step->stage->map != NULL)
        step->children = add_consumers (segments, segment, consumer, step_of_node, &step->n_children);
    }
  return children;
}

static PlSegment *
add_segment (PlSegments *segments, const PlNode *input, PlSource *source)
{
  PlSegment *segment = pl_segment_new (source);
  segment->index = segments->list->len;
  segment->label = input->label;
  segment->node = (gint) input->index;
  segment->schema = input->schema;
  g_ptr_array_add (segments->list, segment);
  return segment;
}

/* The segment that keeps the first rows of a limited source. */
static void
add_limit (PlSegments *segments, const PlNode *node)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  PlSegment *segment = add_segment (segments, node, node->source);
  Implied *implied = g_new0 (Implied, 1);
  g_autofree char *rows = g_strdup_printf ("%" G_GUINT64_FORMAT, node->source->limit);
  implied->stage = pl_stage_find ("limit");
  implied->settings = pl_settings_new ("limit", node->source->name, "", 0);
  implied->label = g_strdup (node->label);
  pl_settings_add (implied->settings, "rows", FALSE, rows, "", 0, 0);
  implied->config = implied->stage->configure (implied->settings, node->schema, &implied->schema, issues);
  g_assert (implied->config != NULL);
  g_autofree guint8 *needed = g_new0 (guint8, node->schema->n_fields);
  implied->stage->require (implied->config, node->uses, needed);
  g_ptr_array_add (segments->implied, implied);

  PlStep *step = add_step (segment);
  step->stage = implied->stage;
  step->config = implied->config;
  step->schema = implied->schema;
  step->label = implied->label;
  step->feeds = segment->index + 1;
  segment->roots = g_new (PlStep *, 1);
  segment->roots[0] = step;
  segment->n_roots = 1;
}

static void
find_satisfiable (PlSegment *segment)
{
  gboolean ends = FALSE, all = TRUE;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->map != NULL && step->n_children > 0)
        continue;
      ends = TRUE;
      all = all && step->stage != NULL && step->stage->reduce != NULL && step->stage->reduce->satisfied != NULL;
    }
  segment->satisfiable = ends && all;
}

/* Whether a map stage of @segment may fail at a row or refuse it, or a sink that must do without quotes. */
static gboolean
has_something_to_say (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->map != NULL
          && (step->stage->map->may_fail == NULL || step->stage->map->may_fail (step->config)))
        return TRUE;
      if (step->sink != NULL && step->sink->format.quoting == PL_QUOTING_NONE)
        return TRUE;
    }
  return FALSE;
}

/* Follows the rows of sources through stages that keep them as they are. A segment comes behind those that feed it: so whose rows they are is found
 * from the first on, and for whom they are kept from the last on. */
static void
find_origins (const PlSegments *segments)
{
  for (guint i = segments->list->len; i-- > 0;)
    {
      PlSegment *segment = g_ptr_array_index (segments->list, i);
      for (guint j = 0; j < segment->steps->len; j++)
        {
          const PlStep *step = g_ptr_array_index (segment->steps, j);
          if (step->feeds == PL_NO_SEGMENT || !step->stage->reduce->keeps_origins)
            continue;
          const PlSegment *fed = g_ptr_array_index (segments->list, step->feeds);
          segment->keeps_origins |= fed->keeps_origins || has_something_to_say (fed);
        }
    }
  for (guint i = 0; i < segments->list->len; i++)
    {
      PlSegment *segment = g_ptr_array_index (segments->list, i);
      const PlSegment *origin = segment->source != NULL ? segment : segment->origin;
      for (guint j = 0; origin != NULL && j < segment->steps->len; j++)
        {
          const PlStep *step = g_ptr_array_index (segment->steps, j);
          if (step->feeds == PL_NO_SEGMENT || !step->stage->reduce->keeps_origins)
            continue;
          PlSegment *fed = g_ptr_array_index (segments->list, step->feeds);
          fed->origin = origin;
        }
    }
}

PlSegments *
pl_segments_new (const PlPlan *plan)
{
  PlSegments *segments = g_new0 (PlSegments, 1);
  segments->list = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_segment_free);
  segments->implied = g_ptr_array_new_with_free_func (implied_free);
  g_autofree PlStep **step_of_node = g_new0 (PlStep *, plan->nodes->len);

  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      gboolean is_source = node->kind == PL_NODE_SOURCE;
      gboolean is_reduce = node->kind == PL_NODE_STAGE && node->stage->reduce != NULL;
      if ((!is_source && !is_reduce) || node->consumers->len == 0)
        continue;
      gboolean limited = is_source && node->source->limit != G_MAXUINT64;
      if (limited)
        add_limit (segments, node);
      PlSegment *segment = add_segment (segments, node, is_source && !limited ? node->source : NULL);
      if (is_reduce)
        step_of_node[node->index]->feeds = segment->index;
      segment->roots = add_consumers (segments, segment, node, step_of_node, &segment->n_roots);
    }
  for (guint i = 0; i < segments->list->len; i++)
    find_satisfiable (g_ptr_array_index (segments->list, i));
  find_origins (segments);
  return segments;
}

const char *
pl_segment_foreign (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->is_foreign)
        return step->label;
    }
  return NULL;
}

/* What is implied (a source's limit) belongs to its input. */
static PlLease *
lease_of (const PlPlan *plan, PlBudget *budget, gint node)
{
  return pl_budget_lease (budget, ((const PlNode *) g_ptr_array_index (plan->nodes, (guint) node))->label);
}

void
pl_segments_lease (PlSegments *segments, const PlPlan *plan, PlBudget *budget)
{
  for (guint i = 0; i < segments->list->len; i++)
    {
      PlSegment *segment = g_ptr_array_index (segments->list, i);
      segment->lease = lease_of (plan, budget, segment->node);
      for (guint j = 0; j < segment->steps->len; j++)
        {
          PlStep *step = g_ptr_array_index (segment->steps, j);
          step->lease = step->node >= 0 ? lease_of (plan, budget, step->node) : segment->lease;
        }
    }
}
