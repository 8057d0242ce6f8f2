/* row-number: the number of each row, in the order of the input, over all rows or within groups.
 *
 * A row's number needs all rows before it, hence a reduce stage. What a worker keeps is the least that does: of
 * rows without groups no number, as a row's place in the result is one; with groups the number of each row's group
 * in the worker's own table, and numbers are counted when the rows of all workers stand in order. Where nothing of
 * a row is wanted but its number, rows are only counted. */
#include "../clause.h"
#include "../../pipeline/groups/find.h"
#include "../../pipeline/groups/merge.h"
#include "../../pipeline/groups/table.h"
#include "../../pipeline/keys/terms.h"
#include "../../pipeline/memory/big-array.h"
#include "../../pipeline/memory/leased.h"
#include "../../pipeline/rows/wire.h"
#include "../../pipeline/sorting/in-order.h"
#include "../../pipeline/table/parse.h"
#include "spill.h"

/* A start up to here is no more than any number of rows away from what an int holds. */
#define SAFE_START (G_MAXINT64 >> 1)

/* ---- configuration ---- */

static void
number_config_free (gpointer data)
{
  PlNumbering *config = data;
  pl_sourced_clear (&config->sourced);
  pl_row_groups_clear (&config->grouping);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_free (config);
}

/* The input's columns and the number. */
static PlSchema *
add_number (const PlSchema *input, const char *name, const PlSpot *spot)
{
  if (*name == '\0')
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'as' is empty; name the column of the numbers");
  else if (pl_schema_find (input, name) >= 0)
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "the input has a column '%s' already; name the numbers otherwise, with 'as = other_name'", name);
  PlSchema *output = pl_schema_new ();
  for (guint i = 0; i < input->n_fields; i++)
    pl_schema_add_like (output, input->fields[i].name, &input->fields[i]);
  pl_schema_add (output, name, PL_TYPE (PL_INT));
  return output;
}

static void
read_start (PlNumbering *config, const PlSpot *spot)
{
  config->start = 1;
  if (spot->setting != NULL && !pl_parse_int (spot->setting->value, strlen (spot->setting->value), &config->start))
    pl_issues_add (spot->issues, spot->settings, spot->setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'%s' is no whole number of 64 bits; write one, as in 'start = 0'", spot->setting->value);
}

static gpointer
number_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  const guint before = pl_issues_n_errors (issues);
  PlSpot spot = {settings, pl_settings_find (settings, "as"), 0, issues};
  PlNumbering *config = g_new0 (PlNumbering, 1);
  g_autofree char *name = pl_item_unquote (spot.setting != NULL ? spot.setting->value : "n");
  *output = add_number (input, name, &spot);
  config->output = pl_schema_ref (*output);
  spot.setting = pl_settings_find (settings, "start");
  read_start (config, &spot);
  spot.setting = pl_settings_find (settings, "by");
  pl_sourced_init (&config->sourced, input);
  pl_row_groups_init (&config->grouping, spot.setting != NULL ? pl_clause_terms (&spot, input, 0) : pl_terms_new (),
                      input, FALSE);
  if (pl_issues_n_errors (issues) == before)
    return config;
  number_config_free (config);
  return NULL;
}

static void
number_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  PlNumbering *config = data;
  const guint n = config->sourced.schema->n_fields;
  pl_sourced_require (&config->sourced, output_uses, input_uses);
  pl_row_groups_require (&config->grouping, output_uses, input_uses);
  config->numbers = output_uses[n] != PL_USE_NONE || config->start > SAFE_START;
  config->rows = FALSE;
  for (guint i = 0; i < n; i++)
    config->rows |= output_uses[i] != PL_USE_NONE;
}

/* Whether rows are kept whatever is known of them. */
static gboolean
keeps_all (const PlNumbering *config)
{
  return config->rows || pl_numbering_has_groups (config);
}

/* ---- one worker ---- */

static gpointer
number_state_new (gconstpointer data)
{
  return pl_number_state_new (data);
}

static void
number_state_free (gpointer state)
{
  pl_number_state_free (state);
}

/* Room for the groups of @n more rows. Returns: where they go. */
static guint32 *
reserve_groups (PlNumberState *state, guint64 n)
{
  const guint64 n_stored = pl_store_n_rows (state->store);
  if (n_stored + n > state->capacity)
    {
      const gsize capacity = pl_leased_more (state->capacity, n_stored + n, sizeof *state->groups);
      state->groups
          = pl_big_resize (state->groups, state->capacity * sizeof *state->groups, capacity * sizeof *state->groups);
      state->capacity = capacity;
    }
  return state->groups + n_stored;
}

static gboolean
number_consume (gconstpointer data, gpointer state_data, PlBatch *batch, GError **error)
{
  const PlNumbering *config = data;
  PlNumberState *state = state_data;
  const GPtrArray *terms = config->grouping.terms;
  if (batch->n_rows == 0)
    return TRUE;
  if (pl_numbering_has_groups (config))
    {
      const guint32 *groups = pl_row_groups_find (&state->lookup, batch, NULL, error);
      if (groups == NULL)
        return FALSE;
      memcpy (reserve_groups (state, batch->n_rows), groups, batch->n_rows * sizeof *groups);
    }
  else
    {
      /* Whether a run fails at a key must not depend on what reads the numbers. */
      PlColumn **keys = pl_arena_new_array (batch->arena, PlColumn *, terms->len + 1);
      if (!pl_terms_evaluate (terms, batch, keys, error))
        return FALSE;
    }
  if (keeps_all (config) || batch->originate != NULL)
    pl_sourced_append (&config->sourced, state->store, batch, 0, batch->n_rows);
  state->n_rows += batch->n_rows;
  return TRUE;
}

static gboolean
number_spill (G_GNUC_UNUSED gconstpointer data, gpointer state, GError **error)
{
  return pl_number_spill (state, error);
}

static void
number_save (gconstpointer data, gpointer state_data, PlBuffer *buffer)
{
  const PlNumberState *state = state_data;
  pl_buffer_put_u64 (buffer, state->n_rows);
  pl_store_save (state->store, buffer);
  if (!pl_numbering_has_groups (data))
    return;
  pl_group_table_save (state->table, buffer);
  pl_buffer_append (buffer, state->groups, state->n_rows * sizeof *state->groups);
}

/* Of each row the number of a group that there is. */
static gboolean
load_groups (PlNumberState *state, PlCursor *cursor)
{
  if (!pl_group_table_load (state->table, cursor))
    return FALSE;
  const gsize bytes = state->n_rows * sizeof *state->groups;
  const void *groups = bytes > 0 ? pl_cursor_get_raw (cursor, bytes) : NULL;
  if (bytes == 0 || groups == NULL)
    return bytes == 0;
  reserve_groups (state, 0);
  memcpy (state->groups, groups, bytes);
  for (guint64 row = 0; row < state->n_rows; row++)
    cursor->failed |= state->groups[row] >= state->table->n_groups;
  return !cursor->failed;
}

static gpointer
number_load (gconstpointer data, PlCursor *cursor)
{
  PlNumberState *state = number_state_new (data);
  state->n_rows = pl_cursor_get_u64 (cursor);
  if (pl_store_load (state->store, cursor))
    {
      const guint64 n_stored = pl_store_n_rows (state->store);
      cursor->failed |= n_stored > state->n_rows || (n_stored < state->n_rows && keeps_all (data));
      if (!cursor->failed && (!pl_numbering_has_groups (data) || load_groups (state, cursor)))
        return state;
    }
  cursor->failed = TRUE;
  number_state_free (state);
  return NULL;
}

/* Adds to @into the groups of the rows of @from, by their numbers in its table. */
static void
merge_groups (PlNumberState *into, const PlNumberState *from)
{
  const gsize n_groups = from->table->n_groups;
  const guint64 n = pl_store_n_rows (from->store);
  pl_leased_auto guint32 *same = pl_leased (g_new (guint32, n_groups + 1));
  pl_group_table_unify ((PlGroupTable *[]){into->table, from->table}, 2, pl_parallel_serial ());
  for (gsize first = 0; first < n_groups; first += PL_BATCH_ROWS)
    pl_group_table_find_keys (into->table, from->table, first, MIN (n_groups - first, PL_BATCH_ROWS), same + first);
  guint32 *groups = reserve_groups (into, n);
  for (guint64 row = 0; row < n; row++)
    groups[row] = same[from->groups[row]];
}

static gboolean
number_merge (gconstpointer data, gpointer into_data, gpointer from_data)
{
  PlNumberState *into = into_data, *from = from_data;
  if (from->spill != NULL || into->table->n_groups + from->table->n_groups >= G_MAXUINT32)
    return FALSE;
  if (pl_numbering_has_groups (data))
    merge_groups (into, from);
  pl_store_add (into->store, from->store);
  into->n_rows += from->n_rows;
  return TRUE;
}

/* ---- all workers ---- */

typedef struct
{
  PlRows rows;
  PlRows *kept; /* of a store, whose pieces are ours; NULL: rows were only counted */
  gint64 start;
  gint64 *numbers; /* of each row; NULL: they go on from @start */
  gsize bytes;     /* of @numbers */
} NumberRows;

static gboolean
number_rows_next (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  const NumberRows *rows = (const NumberRows *) self;
  const guint n_fields = self->schema->n_fields - 1;
  PlPiece from = *piece;
  guint64 first;
  batch->n_rows = n = pl_piece_advance (piece, self->n_rows, n, &first);
  if (rows->kept != NULL)
    {
      PlBatch kept;
      pl_batch_init (&kept, rows->kept->schema, batch->arena);
      if (!pl_piece_next (rows->kept, &from, n, &kept, error))
        {
          batch->failed_row = kept.failed_row;
          return FALSE;
        }
      batch->origins = kept.origins;
      memcpy (batch->columns, kept.columns, n_fields * sizeof *kept.columns);
    }
  PlColumn *column = batch->columns[n_fields] = pl_column_new (batch->arena, PL_TYPE (PL_INT), n);
  for (gsize i = 0; i < n; i++)
    column->ints[i] = rows->numbers != NULL ? rows->numbers[first + i] : rows->start + (gint64) (first + i);
  return TRUE;
}

static void
number_rows_free (PlRows *self)
{
  NumberRows *rows = (NumberRows *) self;
  pl_rows_free (rows->kept);
  pl_big_free (rows->numbers, rows->bytes);
  pl_schema_unref (self->schema);
  g_free (rows);
}

/* Which group of all workers each worker's groups are: of group g of worker s at @same[starts[s] + g]. Of those
 * with one key the first worker's stands for all. */
typedef struct
{
  guint64 *starts;
  guint64 *same;
} Groups;

static void
meet_groups (guint owner, guint source, const guint32 *into, const guint32 *from, gsize n, gpointer data)
{
  const Groups *groups = data;
  for (gsize i = 0; i < n; i++)
    groups->same[groups->starts[source] + from[i]] = groups->starts[owner] + into[i];
}

/* Returns: how many groups there are, of all workers. */
static guint64
unite_groups (PlNumberState *const *states, guint n_states, Groups *groups, PlParallel *parallel)
{
  g_autofree PlGroupTable **tables = g_new (PlGroupTable *, n_states);
  guint64 n = 0;
  groups->starts = g_new (guint64, n_states);
  for (guint s = 0; s < n_states; s++)
    {
      tables[s] = states[s]->table;
      groups->starts[s] = n;
      n += tables[s]->n_groups;
    }
  groups->same = g_new (guint64, MAX (n, 1));
  for (guint64 i = 0; i < n; i++)
    groups->same[i] = i;
  PlGroupIds ids;
  pl_group_table_unify (tables, n_states, parallel);
  pl_group_merge (tables, n_states, meet_groups, groups, parallel, &ids);
  pl_group_ids_clear (&ids);
  return n;
}

/* Fills in the numbers of @rows, which stand in the order of @items. Those that are too large are none, and said
 * so later. Returns: the rows of the largest group. */
static guint64
count_rows (PlNumberState *const *states, guint n_states, const PlSortItem *items, guint64 n, NumberRows *rows,
            PlParallel *parallel)
{
  Groups groups;
  const guint64 n_groups = unite_groups (states, n_states, &groups, parallel);
  g_autofree guint64 *counts = g_new0 (guint64, MAX (n_groups, 1));
  guint64 most = 0;
  for (guint64 i = 0; i < n; i++)
    {
      const guint s = pl_in_order_store (items[i].id);
      const guint32 group = states[s]->groups[pl_in_order_row (items[i].id)];
      const guint64 count = counts[groups.same[groups.starts[s] + group]]++;
      rows->numbers[i] = (gint64) ((guint64) rows->start + count);
      most = MAX (most, count + 1);
    }
  g_free (groups.starts);
  g_free (groups.same);
  return most;
}

/* Puts all rows in order, with their numbers. Returns: the rows of the largest group; without groups, all. */
static guint64
keep_rows (const PlNumbering *config, PlNumberState *const *states, guint n_states, guint64 n, NumberRows *rows,
           PlParallel *parallel)
{
  PlStore **stores = g_new (PlStore *, n_states);
  guint64 most = n;
  for (guint s = 0; s < n_states; s++)
    stores[s] = states[s]->store;
  PlSortItem *items = pl_in_order_all (stores, n_states, &n, parallel);
  if (pl_numbering_has_groups (config))
    {
      rows->bytes = n * sizeof *rows->numbers;
      rows->numbers = pl_big_resize (NULL, 0, rows->bytes);
      most = count_rows (states, n_states, items, n, rows, parallel);
    }
  for (guint s = 0; s < n_states; s++)
    states[s]->store = NULL;
  PlRows *kept = pl_in_order_rows (config->sourced.stored, stores, n_states, items, 0, n);
  rows->kept = pl_sourced_rows (&config->sourced, kept);
  return most;
}

static PlRows *
number_finish (gconstpointer data, gpointer *states_data, guint n_states, PlParallel *parallel, GError **error)
{
  const PlNumbering *config = data;
  PlNumberState **states = (PlNumberState **) states_data;
  guint64 n = 0, n_kept = 0;
  gboolean has_spilled = FALSE;
  for (guint s = 0; s < n_states; s++)
    {
      n += states[s]->n_rows;
      n_kept += states[s]->n_spilled + pl_store_n_rows (states[s]->store);
      has_spilled |= states[s]->spill != NULL;
    }
  if (has_spilled && n_kept == n)
    return pl_number_rows_spilled (config, states, n_states, parallel, error);
  NumberRows *rows = g_new0 (NumberRows, 1);
  rows->rows = (PlRows){
      .schema = pl_schema_ref (config->output),
      .n_rows = n,
      .n_pieces = pl_rows_pieces (n),
      .next = number_rows_next,
      .free = number_rows_free,
  };
  rows->start = config->start;
  guint64 most = n;
  /* Rows that say where they come from are of no use where others, of another input, do not, and only their number
   * is wanted. */
  if (n_kept == n)
    most = keep_rows (config, states, n_states, n, rows, parallel);
  if (pl_numbers_fit (config, most, error))
    return &rows->rows;
  number_rows_free (&rows->rows);
  return NULL;
}

static const PlSettingKey number_keys[] = {
    {"as", "column", "n", "The new column, behind the others; the input must have none of that name", FALSE},
    {"start", "whole number", "1", "The number of the first row", FALSE},
    {"by", "columns", NULL,
     "Groups, each of which is numbered from `start` on: columns or expressions; null is a group of its own", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_row_number = {
    .name = "row-number",
    .summary = "Adds a column with the number of each row",
    .description
    = "Rows are numbered in the order of the input, which they keep: the first one is `start`, and each that follows "
      "one more; with `by`, within its group. The numbers are those of the rows that get there, not of lines of a "
      "file, and are the same for any number of workers.",
    .example = "[row-number visits]\nby = customer\nas = visit\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_KEPT,
    .keys = number_keys,
    .configure = number_configure,
    .config_free = number_config_free,
    .require = number_require,
    .state_new = number_state_new,
    .state_free = number_state_free,
    .reduce = &(const PlReduceStage){.keeps_origins = TRUE,
                                     .consume = number_consume,
                                     .spill = number_spill,
                                     .save = number_save,
                                     .load = number_load,
                                     .merge = number_merge,
                                     .finish = number_finish},
};
