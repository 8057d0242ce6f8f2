/* group-by: one row per distinct key.
 *
 *   configure  job file ─► calls, keys ─► configuration                                  (lines.c, config.c)
 *   consume    batch ─► arguments, keys ─► group numbers ─► update() of every aggregate  (consume.c, state.c)
 *   merge      a state ─► into another one                                               (absorb.c)
 *   spill      a state ─► groups on disk, in order                                       (spill.c)
 *   finish     states ─► merged in place ─► order ─► rows, finalised as they are read    (merged.c, order.c, rows.c)
 *              or groups on disk ─► merged as they are read ─► rows                      (gather.c, placed.c,
 * spilled.c)
 */
#include "absorb.h"
#include "consume.h"
#include "lines.h"
#include "../stage.h"
#include "rows.h"
#include "spill.h"
#include "spilled.h"

static const PlSettingKey group_keys[] = {
    {"by", "columns", NULL, "The keys: columns, or 'expression as name'; without it, all rows are one group", FALSE},
    {"order", "choice key|appearance|any", "key",
     "The order of the output: by the keys, by each group's first row, or whatever is cheapest (the same on every run)",
     FALSE},
    {"having", "expression", NULL, "A condition on the output row; aggregate calls may stand in it", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

static gpointer
group_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  PlGroupConfig *config = pl_group_lines_read (settings, group_keys, input, issues);
  if (config != NULL)
    *output = pl_schema_ref (config->output);
  return config;
}

static void
group_require (gpointer config, G_GNUC_UNUSED const guint8 *output_uses, guint8 *input_uses)
{
  pl_group_config_require (config, input_uses);
}

static gpointer
group_state_new (gconstpointer config)
{
  return pl_group_state_new (config);
}

static void
group_state_free (gpointer state)
{
  pl_group_state_free (state);
}

static gboolean
group_consume (G_GNUC_UNUSED gconstpointer config, gpointer state, PlBatch *batch, GError **error)
{
  return pl_group_state_consume (state, batch, error);
}

static void
group_save (G_GNUC_UNUSED gconstpointer config, gpointer state, PlBuffer *buffer)
{
  pl_group_state_unscatter (state);
  pl_group_state_save (state, buffer);
}

static gpointer
group_load (gconstpointer config, PlCursor *cursor)
{
  PlGroupState *state = pl_group_state_new (config);
  if (pl_group_state_load (state, cursor))
    return state;
  pl_group_state_free (state);
  return NULL;
}

static gboolean
group_merge (G_GNUC_UNUSED gconstpointer config, gpointer into, gpointer from)
{
  return pl_group_state_absorb (into, from);
}

static gboolean
group_spill (G_GNUC_UNUSED gconstpointer config, gpointer state, GError **error)
{
  return pl_group_state_spill (state, error);
}

static PlRows *
group_finish (gconstpointer config, gpointer *states, guint n_states, PlParallel *parallel, GError **error)
{
  gboolean has_spilled = FALSE;
  for (guint s = 0; s < n_states; s++)
    has_spilled |= ((PlGroupState *) states[s])->spill != NULL;
  if (has_spilled)
    return pl_group_rows_spilled (config, (PlGroupState **) states, n_states, parallel, error);
  PlGroupState **taken = g_new (PlGroupState *, n_states);
  for (guint s = 0; s < n_states; s++)
    taken[s] = g_steal_pointer (&states[s]);
  return pl_group_rows_new (config, taken, n_states, parallel);
}

const PlStage pl_stage_group_by = {
    .name = "group-by",
    .summary = "One row per distinct key, with aggregates",
    .description
    = "Each line is `column = expression` with aggregate calls in it: count(), sum(x), mean(x), quantile(x, 0.95), "
      "count(distinct x), count(distinct x, y) of rows in which neither is null, or arithmetic on them such as "
      "max(x) - min(x). `filter (where …)` behind a call restricts the rows it sees. Around the calls only keys may be "
      "used, and columns of lines above. Aggregates skip nulls; null is a key like others, "
      "all NaN are one key. Without `by` there is one row, even when the input is empty.\n\n"
      "The output is ordered by the keys, nulls last. `order = appearance` keeps the order in which keys first occur.",
    .example = "[group-by by-route]\nby = origin; year(date) as year\nflights = count()\nmean_delay = mean(delay)\n"
               "late = count() filter (where delay > 15)\nhaving = flights >= 10\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_AGGREGATED,
    .keys = group_keys,
    .free_keys = "a column: name = expression with aggregate calls",
    .configure = group_configure,
    .config_free = pl_group_config_free,
    .require = group_require,
    .state_new = group_state_new,
    .state_free = group_state_free,
    .reduce = &(const PlReduceStage){.consume = group_consume,
                                     .spill = group_spill,
                                     .save = group_save,
                                     .load = group_load,
                                     .merge = group_merge,
                                     .finish = group_finish},
};
