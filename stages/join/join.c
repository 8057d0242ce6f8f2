/* join: rows of two inputs side by side.
 *
 * The right input is read first and kept, by key (PlBuildInput); rows of the left one ask as they pass, or where it is
 * on disk, when they pass for the second time. */
#include "../../pipeline/expression/widen.h"
#include "../../pipeline/keys/terms.h"
#include "../stage.h"
#include "ask.h"
#include "build.h"
#include "index.h"
#include "keys.h"
#include "lines.h"
#include "rest.h"

/* ---- configuration ---- */

static gboolean
join_configure (const PlSettings *settings, const PlStageInput *inputs, G_GNUC_UNUSED guint n_inputs, gpointer *configs,
                PlSchema **output, PlIssues *issues)
{
  PlJoin *join = pl_join_read (settings, inputs, issues);
  if (join == NULL)
    return FALSE;
  configs[0] = pl_join_part_new (join, PL_JOIN_ASKS);
  configs[1] = pl_join_part_new (join, PL_JOIN_RESTS);
  configs[2] = pl_join_part_new (join, PL_JOIN_BUILDS);
  *output = pl_schema_ref (join->output);
  pl_join_unref (join);
  return TRUE;
}

static void
join_prepare (gpointer data, const PlStageRun *run)
{
  ((PlJoinPart *) data)->join->n_copies = run->copies;
}

/* Which columns are wanted of an input's rows, whose columns are in the output as they are. */
static void
require_left (PlJoin *join, const guint8 *output_uses, guint8 *input_uses)
{
  const guint n = join->output->n_fields;
  g_free (join->asks_uses);
  join->asks_uses = g_memdup2 (output_uses, MAX (n, 1));
  for (guint i = 0; i < join->left->n_fields; i++)
    input_uses[i] |= pl_widen_require (join->left->fields[i].type, join->output->fields[i].type, output_uses[i]);
  pl_terms_require (join->keys[0], input_uses);
}

static void
require_right (PlJoin *join, const guint8 *output_uses, guint8 *input_uses)
{
  g_free (join->rest_uses);
  join->rest_uses = g_memdup2 (output_uses, MAX (join->output->n_fields, 1));
  for (guint i = 0; i < join->n_taken; i++)
    input_uses[join->taken[i]] |= output_uses[join->left->n_fields + i];
  for (guint i = 0; i < join->left->n_fields; i++)
    {
      if (join->filled[i] < 0 || output_uses[i] == PL_USE_NONE)
        continue;
      const PlExpression *key = ((const PlTerm *) join->keys[1]->pdata[join->filled[i]])->expression;
      pl_expression_require (key, input_uses,
                             pl_widen_require (pl_expression_type (key), join->output->fields[i].type, output_uses[i]));
    }
}

static void
join_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const PlJoinPart *part = data;
  if (part->role == PL_JOIN_ASKS)
    require_left (part->join, output_uses, input_uses);
  else
    require_right (part->join, output_uses, input_uses);
}

/* ---- rows ---- */

static gpointer
join_state_new (gconstpointer data)
{
  const PlJoinPart *part = data;
  return part->role == PL_JOIN_ASKS ? pl_join_ask_new (part->join) : NULL;
}

/* Whether evaluating @term may fail: a text may be too long for a key, too. */
static gboolean
term_may_fail (const PlTerm *term)
{
  return pl_expression_may_fail (term->expression) || pl_expression_type (term->expression).kind == PL_STRING;
}

static gboolean
join_may_fail (gconstpointer data)
{
  const PlJoinPart *part = data;
  const PlJoin *join = part->join;
  const GPtrArray *keys = join->keys[part->role == PL_JOIN_ASKS ? 0 : 1];
  for (guint k = 0; k < keys->len; k++)
    if (term_may_fail (keys->pdata[k]))
      return TRUE;
  for (guint i = 0; i < join->left->n_fields; i++)
    {
      const gint k = join->filled[i];
      const PlTerm *term = k >= 0 ? keys->pdata[k] : NULL;
      if (term != NULL && pl_widen_may_fail (pl_expression_type (term->expression), join->output->fields[i].type))
        return TRUE;
    }
  return FALSE;
}

static gboolean
join_expand (gconstpointer data, gpointer state, PlBatch *batch, PlEmit *emit, GError **error)
{
  const PlJoinPart *part = data;
  return part->role == PL_JOIN_ASKS ? pl_join_ask (part->join, state, batch, emit, error)
                                    : pl_join_rest (part->join, batch, emit, error);
}

static gboolean
join_gives_rest (gconstpointer data)
{
  return pl_join_has_rest (((const PlJoinPart *) data)->join);
}

static const PlSettingKey join_keys[] = {
    {"right", "name", NULL,
     "The source or stage whose rows are put beside those of `input`; they are read first and kept", TRUE},
    {"on", "columns", NULL,
     "What must be equal: names that both inputs have, or LEFT = RIGHT; either may be an expression. Needed but for "
     "how = cross",
     FALSE},
    {"how", "choice inner|left|right|full|semi|anti|cross", "inner",
     "Which rows come out: those with a match; all of the left, right or both inputs; those of the left one that have "
     "(semi) or have no (anti) match, alone; each beside each (cross)",
     FALSE},
    {"take", "columns", NULL,
     "Columns of the right input, each with `as NAME` where it is to be called otherwise; all but its keys when left "
     "out",
     FALSE},
    {"suffix", "text", "_right", "What is put behind the name of a column that the left input has, too", FALSE},
    {"validate", "choice 1:1|1:m|m:1|m:m", "m:m",
     "Where 1 stands, a key may be there once, in the left or the right input; else the run fails and names both rows",
     FALSE},
    {"null-keys", "choice ignore|match", "ignore", "Whether null equals null; by default it equals nothing", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_join = {
    .name = "join",
    .summary = "Puts rows of two sources or stages side by side",
    .description
    = "The rows of the left input (`input`, or the group above) come out in their order; for each the matches of "
      "`right` follow in the order of that one; rows of the right one that match nothing come last (how = right, full) "
      "with their keys in the left one's columns. Types of keys are brought together exactly: 1 equals 1.0 and 1.00, "
      "a date its midnight; null equals nothing. The right input is read first and kept, but for columns that nothing "
      "needs: so it should be the smaller one. Where the left input has been read before that, because both come from "
      "one source, its rows are kept, too.",
    .example = "[join with-airports]\ninput = flights\nright = airports\non = origin = iata\nhow = left\n"
               "take = city; country as origin_country\nvalidate = m:1\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_MULTIPLIED,
    .keys = join_keys,
    .configure_inputs = join_configure,
    .config_free = pl_join_part_free,
    .prepare = join_prepare,
    .require = join_require,
    .state_new = join_state_new,
    .state_free = pl_join_ask_free,
    .map = &(const PlMapStage){.expand = join_expand, .may_fail = join_may_fail, .ask = &pl_join_asking},
    .build = &(const PlBuildInput){.key = "right",
                                   .stage = &pl_stage_join_build,
                                   .gives_rest = join_gives_rest,
                                   .rest = pl_join_index_rest,
                                   .keys = &pl_stage_join_keys,
                                   .wants_keys = pl_join_index_wants_keys,
                                   .answer = pl_join_keys_answer,
                                   .is_on_disk = pl_join_index_is_on_disk,
                                   .save = pl_join_index_save,
                                   .load = pl_join_index_load},
};
