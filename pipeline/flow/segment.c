/* Cuts a plan into segments: see segment.h for the picture. */
#include "segment.h"
#include "segment-hash.h"

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
  step->feeds = step->asks = PL_NO_SEGMENT;
  g_ptr_array_add (segment->steps, step);
  return step;
}

/* While cutting: where things are, by index of the plan's nodes. */
typedef struct
{
  PlSegments *segments;
  guint *fed;     /* the segment that reads the node's rows: of reduce stages */
  guint **kept;   /* per input of a node: the segment that reads the rows kept of it */
  guint *outputs; /* of sinks: which of the plan's, from 1; 0: not met yet */
} Cutting;

static void
set_stage (PlStep *step, const PlStage *stage, gconstpointer config, PlSchema *schema, const char *label)
{
  step->stage = stage;
  step->config = config;
  step->schema = schema;
  step->label = label;
}

/* Adds a stage that keeps the first @n rows of @node. */
static PlStep *
add_limit (PlSegments *segments, PlSegment *segment, const PlNode *node, guint64 n)
{
  g_autoptr (PlIssues) issues = pl_issues_new ();
  Implied *implied = g_new0 (Implied, 1);
  g_autofree char *rows = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  implied->stage = pl_stage_find ("limit");
  implied->settings = pl_settings_new ("limit", node->settings->name, "", 0);
  implied->label = g_strdup (node->label);
  pl_settings_add (implied->settings, n != G_MAXUINT64 ? "rows" : "offset", FALSE, n != G_MAXUINT64 ? rows : "0", "", 0,
                   0);
  implied->config = implied->stage->configure (implied->settings, node->schema, &implied->schema, issues);
  g_assert (implied->config != NULL);
  g_autofree guint8 *needed = g_new0 (guint8, node->schema->n_fields + 1);
  implied->stage->require (implied->config, node->uses, needed);
  g_ptr_array_add (segments->implied, implied);
  PlStep *step = add_step (segment);
  set_stage (step, implied->stage, implied->config, implied->schema, implied->label);
  return step;
}

static PlStep **add_consumers (Cutting *cutting, PlSegment *segment, const PlNode *node, guint *n);

static guint
input_index (const PlNode *node, const PlNode *input)
{
  guint k = 0;
  while (node->inputs[k] != input)
    k++;
  return k;
}

/* Adds what @consumer does with the rows of its input @k, down to reduce stages and sinks. */
static PlStep *
add_node (Cutting *cutting, PlSegment *segment, const PlNode *consumer, guint k)
{
  PlStep *step = add_step (segment);
  step->node = (gint) consumer->index;
  if (consumer->kind == PL_NODE_SINK)
    {
      guint *output = &cutting->outputs[consumer->index];
      if (*output == 0)
        *output = ++cutting->segments->n_outputs;
      step->sink = consumer->sink;
      step->schema = consumer->schema;
      step->label = consumer->label;
      step->output = *output - 1;
      return step;
    }
  set_stage (step, consumer->stage, consumer->configs[k], consumer->schema, consumer->label);
  step->input = k;
  if (step->stage->map != NULL)
    step->children = add_consumers (cutting, segment, consumer, &step->n_children);
  return step;
}

static PlStep **
add_consumers (Cutting *cutting, PlSegment *segment, const PlNode *node, guint *n)
{
  *n = node->consumers->len;
  PlStep **children = g_new (PlStep *, MAX (*n, 1));
  for (guint i = 0; i < *n; i++)
    {
      const PlNode *consumer = g_ptr_array_index (node->consumers, i);
      guint k = input_index (consumer, node);
      if (consumer->keeps == NULL || !consumer->keeps[k])
        {
          children[i] = add_node (cutting, segment, consumer, k);
          continue;
        }
      children[i] = add_limit (cutting->segments, segment, node, G_MAXUINT64);
      children[i]->keeper = consumer;
      children[i]->input = k;
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
  segment->uses = input->uses;
  g_ptr_array_add (segments->list, segment);
  return segment;
}

/* The segment that keeps the first rows of a limited source. */
static void
add_limited (PlSegments *segments, const PlNode *node)
{
  PlSegment *segment = add_segment (segments, node, node->source);
  PlStep *step = add_limit (segments, segment, node, node->source->limit);
  step->feeds = segment->index + 1;
  segment->roots = g_new (PlStep *, 1);
  segment->roots[0] = step;
  segment->n_roots = 1;
}

/* The segments that read what was kept of the inputs of @node. */
static void
add_kept (Cutting *cutting, const PlNode *node)
{
  cutting->kept[node->index] = g_new0 (guint, node->n_inputs);
  for (guint k = 0; k < node->n_inputs; k++)
    {
      if (!node->keeps[k])
        continue;
      PlSegment *segment = add_segment (cutting->segments, node->inputs[k], NULL);
      cutting->kept[node->index][k] = segment->index;
      segment->roots = g_new (PlStep *, 1);
      segment->roots[0] = add_node (cutting, segment, node, k);
      segment->n_roots = 1;
    }
}

/* The segment that reads what goes on of the rows that @node has asked, and before which they are gone. */
static void
add_asked (Cutting *cutting, const PlNode *node)
{
  const guint k = node->n_inputs - 1;
  PlSegment *segment = add_segment (cutting->segments, node->asks, NULL);
  cutting->fed[node->asks->index] = segment->index;
  segment->roots = g_new (PlStep *, 1);
  if (!pl_node_passes_on (node, k))
    return;
  segment->roots[0] = add_node (cutting, segment, node, k);
  segment->n_roots = 1;
}

/* Returns: the segment of the index that @step asks: PL_NO_SEGMENT where it has only its rows to pass on. */
static guint
asked_by (const Cutting *cutting, const PlPlan *plan, const PlStep *step)
{
  const PlNode *node = g_ptr_array_index (plan->nodes, (guint) step->node);
  return node->inputs[step->input] == node->asks ? PL_NO_SEGMENT : cutting->fed[node->asks->index];
}

/* Links reduce stages with the segments they feed; of those of several segments the last one ends the stage. */
static void
link_segments (const Cutting *cutting, const PlPlan *plan)
{
  const GPtrArray *list = cutting->segments->list;
  g_autofree gboolean *ended = g_new0 (gboolean, list->len + 1);
  for (guint i = list->len; i-- > 0;)
    {
      const PlSegment *segment = g_ptr_array_index (list, i);
      for (guint j = 0; j < segment->steps->len; j++)
        {
          PlStep *step = g_ptr_array_index (segment->steps, j);
          if (step->keeper != NULL)
            step->feeds = cutting->kept[step->keeper->index][step->input];
          else if (step->stage != NULL && step->stage->reduce != NULL && step->node >= 0)
            step->feeds = cutting->fed[step->node];
          else if (step->stage != NULL && step->stage->build != NULL)
            step->asks = asked_by (cutting, plan, step);
          if (step->feeds == PL_NO_SEGMENT)
            continue;
          step->goes_on = ended[step->feeds];
          ended[step->feeds] = TRUE;
        }
    }
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

/* Whether a stage of @segment may fail at a row or refuse it, or a sink that must do without quotes. Of reduce stages
 * those that keep rows as they are have nothing to say; others compute keys and arguments. */
static gboolean
has_something_to_say (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->map != NULL
          && (step->stage->map->may_fail == NULL || step->stage->map->may_fail (step->config)))
        return TRUE;
      if (step->stage != NULL && step->stage->reduce != NULL && !step->stage->reduce->keeps_origins)
        return TRUE;
      if (step->sink != NULL && step->sink->format.quoting == PL_QUOTING_NONE)
        return TRUE;
    }
  return FALSE;
}

/* Whether the rows that @step takes are read again as they are, each with where it comes from. */
static gboolean
passes_origins (const PlStep *step)
{
  return step->feeds != PL_NO_SEGMENT && step->stage->reduce->keeps_origins;
}

/* Follows the rows of sources through stages that keep them as they are. A segment comes behind those that feed it: so
 * whose rows they are is found from the first on, and for whom they are kept from the last on. Rows of several sources
 * are nobody's. */
static void
find_origins (const PlSegments *segments)
{
  g_autofree gboolean *mixed = g_new0 (gboolean, segments->list->len + 1);
  for (guint i = segments->list->len; i-- > 0;)
    {
      PlSegment *segment = g_ptr_array_index (segments->list, i);
      for (guint j = 0; j < segment->steps->len; j++)
        {
          const PlStep *step = g_ptr_array_index (segment->steps, j);
          if (!passes_origins (step))
            continue;
          const PlSegment *fed = g_ptr_array_index (segments->list, step->feeds);
          segment->keeps_origins |= fed->keeps_origins || has_something_to_say (fed);
        }
    }
  for (guint i = 0; i < segments->list->len; i++)
    {
      PlSegment *segment = g_ptr_array_index (segments->list, i);
      if (mixed[i])
        segment->origin = NULL;
      const PlSegment *origin = segment->source != NULL ? segment : segment->origin;
      for (guint j = 0; j < segment->steps->len; j++)
        {
          const PlStep *step = g_ptr_array_index (segment->steps, j);
          if (!passes_origins (step))
            continue;
          PlSegment *fed = g_ptr_array_index (segments->list, step->feeds);
          mixed[step->feeds] = mixed[step->feeds] || origin == NULL || (fed->origin != NULL && fed->origin != origin);
          fed->origin = origin;
        }
    }
}

static void
cut (Cutting *cutting, const PlPlan *plan)
{
  PlSegments *segments = cutting->segments;
  for (guint i = 0; i < plan->nodes->len; i++)
    {
      const PlNode *node = g_ptr_array_index (plan->nodes, i);
      gboolean is_source = node->kind == PL_NODE_SOURCE;
      gboolean is_reduce = node->kind == PL_NODE_STAGE && node->stage->reduce != NULL;
      if (node->asker == NULL)
        cutting->fed[i] = PL_NO_SEGMENT;
      if (node->keeps != NULL)
        add_kept (cutting, node);
      if (node->asks != NULL)
        add_asked (cutting, node);
      if (node->asker != NULL)
        continue;
      if ((!is_source && !is_reduce) || node->consumers->len == 0)
        continue;
      gboolean limited = is_source && node->source->limit != G_MAXUINT64;
      if (limited)
        add_limited (segments, node);
      PlSegment *segment = add_segment (segments, node, is_source && !limited ? node->source : NULL);
      if (is_reduce)
        cutting->fed[i] = segment->index;
      segment->roots = add_consumers (cutting, segment, node, &segment->n_roots);
    }
}

PlSegments *
pl_segments_new (const PlPlan *plan)
{
  PlSegments *segments = g_new0 (PlSegments, 1);
  const guint n = plan->nodes->len;
  segments->list = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_segment_free);
  segments->implied = g_ptr_array_new_with_free_func (implied_free);
  g_autofree guint *fed = g_new0 (guint, n + 1), *outputs = g_new0 (guint, n + 1);
  g_autofree guint **kept = g_new0 (guint *, n + 1);
  Cutting cutting = {segments, fed, kept, outputs};
  cut (&cutting, plan);
  link_segments (&cutting, plan);
  for (guint i = 0; i < n; i++)
    g_free (kept[i]);
  for (guint i = 0; i < segments->list->len; i++)
    {
      PlSegment *segment = g_ptr_array_index (segments->list, i);
      find_satisfiable (segment);
      segment->hash = pl_segment_hash (segment, plan);
    }
  find_origins (segments);
  return segments;
}

/* Returns: (nullable): the first step that runs code as foreign as @least. */
static const PlStep *
find_code (const PlSegment *segment, PlStageCode least)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->code >= least)
        return step;
    }
  return NULL;
}

const char *
pl_segment_foreign (const PlSegment *segment)
{
  const PlStep *step = find_code (segment, PL_CODE_FOREIGN);
  return step != NULL ? step->label : NULL;
}

gboolean
pl_segment_is_remote (const PlSegment *segment)
{
  return segment->source != NULL || find_code (segment, PL_CODE_PROGRAM) != NULL;
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
