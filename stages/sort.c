/* sort: all rows in the order of one or more expressions.
 *
 * A worker keeps its rows in runs (sorting/runs.h); in the end all runs become one order of addresses
 * (sorting/order.h), and rows are gathered when they are read (sorting/sorted-rows.c). The order of the input breaks
 * ties, which makes the order stable for any number of workers. */
#include "clause.h"
#include "stage.h"
#include "../pipeline/sorting/order.h"
#include "../pipeline/sorting/sorted-rows.h"
#include "../pipeline/keys/terms.h"
#include "../pipeline/expression/expression.h"
#include "../pipeline/sorting/runs-spill.h"
#include "../pipeline/sorting/runs-wire.h"

typedef struct
{
  PlSchema *schema;
  GPtrArray *terms; /* of PlTerm * */
  PlSortOrder *orders;
  guint8 *uses; /* of the output, which say what of a row is kept */
  PlSortShape shape;
} SortConfig;

static void
sort_config_free (gpointer data)
{
  SortConfig *config = data;
  pl_schema_unref (config->schema);
  g_ptr_array_unref (config->terms);
  g_free (config->orders);
  g_free (config->uses);
  g_free (config->shape.fields);
  g_free (config->shape.tail);
  g_free (config);
}

/* The field of a line that @term is, or -1. */
static gint
term_field (const SortConfig *config, const PlTerm *term)
{
  gint column = pl_expression_column (term->expression);
  for (guint f = 0; config->shape.lines && f < config->shape.n_fields; f++)
    if ((gint) config->shape.fields[f] == column)
      return config->schema->fields[column].type.kind == PL_STRING ? (gint) f : -1;
  return -1;
}

/* Which rows can be lines, and which keys need not be kept. */
static void
find_shape (SortConfig *config)
{
  PlSortShape *shape = &config->shape;
  g_free (shape->fields);
  g_free (shape->tail);
  *shape = (PlSortShape){config->schema, config->orders, config->uses, .n_terms = config->terms->len};
  shape->fields = g_new (guint, config->schema->n_fields + 1);
  shape->tail = g_new (guint, shape->n_terms);
  for (guint i = 0; i < config->schema->n_fields; i++)
    if (config->uses[i] != PL_USE_NONE)
      shape->fields[shape->n_fields++] = i;
  shape->lines = shape->n_fields > 0;
  for (guint i = 0; i < config->schema->n_fields; i++)
    shape->lines &= (config->uses[i] & ~PL_USE_TEXT) == 0 || config->schema->fields[i].type.kind == PL_STRING;
  shape->n_head = shape->n_terms;
  while (shape->n_head > 1 && term_field (config, config->terms->pdata[shape->n_head - 1]) >= 0)
    shape->n_head--;
  for (guint t = shape->n_head; t < shape->n_terms; t++)
    shape->tail[t - shape->n_head] = (guint) term_field (config, config->terms->pdata[t]);
  const PlTerm *first = config->terms->pdata[0];
  shape->rests = shape->n_head > 1 || !pl_sort_key_is_short (pl_expression_type (first->expression));
}

static gpointer
sort_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  *output = pl_schema_ref (input);
  guint before = pl_issues_n_errors (issues);
  PlSpot spot = {settings, pl_settings_find (settings, "by"), 0, issues};
  if (*spot.setting->value == '\0')
    {
      pl_issues_add (issues, settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                     "nothing to sort by; write 'by = column' or 'by = a; b desc'");
      return NULL;
    }
  SortConfig *config = g_new0 (SortConfig, 1);
  config->schema = pl_schema_ref (input);
  config->uses = g_new0 (guint8, input->n_fields + 1);
  config->terms = pl_clause_terms (&spot, input, PL_TERMS_ORDERED);
  config->orders = pl_terms_orders (config->terms);
  if (pl_issues_n_errors (issues) != before)
    {
      sort_config_free (config);
      return NULL;
    }
  find_shape (config);
  return config;
}

static void
sort_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  SortConfig *config = data;
  for (guint i = 0; i < config->schema->n_fields; i++)
    {
      config->uses[i] = output_uses[i];
      input_uses[i] |= output_uses[i];
    }
  pl_terms_require (config->terms, input_uses);
  find_shape (config);
}

/* ---- one worker ---- */

typedef struct
{
  PlSortRuns *runs;
  PlSpill *spill; /* (nullable): rows that are not in memory any more */
} SortState;

static gpointer
sort_state_new (gconstpointer data)
{
  const SortConfig *config = data;
  SortState *state = g_new0 (SortState, 1);
  state->runs = pl_sort_runs_new (&config->shape);
  return state;
}

static void
sort_state_free (gpointer data)
{
  SortState *state = data;
  if (state == NULL)
    return;
  pl_sort_runs_free (state->runs);
  pl_spill_free (state->spill);
  g_free (state);
}

static gboolean
sort_consume (gconstpointer data, gpointer state, PlBatch *batch, GError **error)
{
  const SortConfig *config = data;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, config->terms->len);
  if (!pl_terms_evaluate (config->terms, batch, columns, error))
    return FALSE;
  pl_sort_runs_add (((SortState *) state)->runs, batch, columns);
  return TRUE;
}

static gboolean
sort_spill (G_GNUC_UNUSED gconstpointer data, gpointer state_data, GError **error)
{
  SortState *state = state_data;
  if (state->spill == NULL)
    state->spill = pl_spill_new ();
  return pl_sort_runs_spill (state->runs, state->spill, error);
}

static void
sort_save (G_GNUC_UNUSED gconstpointer data, gpointer state, PlBuffer *buffer)
{
  pl_sort_runs_save (((SortState *) state)->runs, buffer);
}

static gpointer
sort_load (gconstpointer data, PlCursor *cursor)
{
  SortState *state = sort_state_new (data);
  if (pl_sort_runs_load (state->runs, cursor))
    return state;
  sort_state_free (state);
  return NULL;
}

static gboolean
sort_merge (G_GNUC_UNUSED gconstpointer data, gpointer into, gpointer from)
{
  pl_sort_runs_merge (((SortState *) into)->runs, ((SortState *) from)->runs);
  return TRUE;
}

/* ---- all workers ---- */

static PlSpill *
spill_rest (gpointer state_data, GError **error)
{
  SortState *state = state_data;
  const gboolean ok = pl_sort_runs_bytes (state->runs) == 0 || sort_spill (NULL, state, error);
  return ok ? g_steal_pointer (&state->spill) : NULL;
}

static PlRows *
finish_spilled (const SortConfig *config, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  GPtrArray *spills = pl_spill_rest (spill_rest, states, n_states, parallel, error);
  PlSpillOrder *order = spills != NULL ? pl_spill_order_new (spills, PL_SPILL_PIECE, NULL, error) : NULL;
  return order != NULL ? pl_sort_rows_spilled (&config->shape, order) : NULL;
}

static PlRows *
sort_finish (gconstpointer data, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  const SortConfig *config = data;
  gboolean has_spilled = FALSE;
  for (guint s = 0; s < n_states; s++)
    has_spilled |= ((SortState *) states[s])->spill != NULL;
  if (has_spilled)
    return finish_spilled (config, states, n_states, parallel, error);
  PlSortRuns **runs = g_new (PlSortRuns *, n_states);
  for (guint s = 0; s < n_states; s++)
    runs[s] = g_steal_pointer (&((SortState *) states[s])->runs);
  guint64 n = 0;
  guint64 *addresses = pl_sort_order (&config->shape, runs, n_states, parallel, &n, NULL);
  return pl_sort_rows (&config->shape, runs, n_states, addresses, n);
}

static const PlSettingKey sort_keys[] = {
    {"by", "columns", NULL, "What to order by, most important first; each item may end in 'desc' and in 'nulls first'",
     TRUE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_sort = {
    .name = "sort",
    .summary = "Orders the rows",
    .description
    = "`by` lists columns or expressions, most important first. An item is ascending unless it ends in `desc`. Rows "
      "that are equal keep the order of the input. Texts are ordered by their bytes. NaN comes after the numbers "
      "and nulls after everything, also with `desc`; `nulls first` puts nulls in front.",
    .example = "[sort worst]\nby = mean_delay desc; route\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_KEPT,
    .keys = sort_keys,
    .configure = sort_configure,
    .config_free = sort_config_free,
    .require = sort_require,
    .state_new = sort_state_new,
    .state_free = sort_state_free,
    .reduce = &(const PlReduceStage){.consume = sort_consume,
                                     .spill = sort_spill,
                                     .save = sort_save,
                                     .load = sort_load,
                                     .merge = sort_merge,
                                     .finish = sort_finish},
};
