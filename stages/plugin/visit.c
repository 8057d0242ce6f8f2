/* A plugin sees values where they stand; results are made in the batch's arena and looked through, because what a
 * plugin writes is not our own: a flag that is neither 0 nor 1, or a text that is not UTF-8, must not travel on. */
#include "visit.h"
#include "../../pipeline/base/arena.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/table/calendar.h"

G_STATIC_ASSERT (sizeof (PlPluginText) == sizeof (PlText));
G_STATIC_ASSERT (G_STRUCT_OFFSET (PlPluginText, length) == G_STRUCT_OFFSET (PlText, length));
G_STATIC_ASSERT (sizeof (PlPluginDecimal) == sizeof (PlInt128));

/* What a plugin sees of a batch, and what only we do. */
typedef struct
{
  PlPluginBatch shown; /* first */
  PlBatch *batch;
  char **messages; /* (nullable): per row that failed, in the batch's arena */
} Visit;

static void *
visit_allocate (PlPluginBatch *shown, size_t size)
{
  return pl_arena_alloc (((Visit *) shown)->batch->arena, size);
}

static int
visit_fail (PlPluginBatch *shown, size_t row, const char *message)
{
  Visit *visit = (Visit *) shown;
  PlArena *arena = visit->batch->arena;
  g_autofree char *words = pl_plugin_words (message);
  row = MIN (row, shown->n_rows - 1);
  if (visit->messages == NULL)
    visit->messages = pl_arena_alloc0 (arena, sizeof (char *) * shown->n_rows);
  if (visit->messages[row] == NULL)
    visit->messages[row] = pl_arena_copy (arena, words, strlen (words));
  return 1;
}

static const void *
all_values (const PlColumn *column, gsize n_rows, PlArena *arena)
{
  return column->type.kind == PL_NULL ? pl_arena_alloc0 (arena, sizeof (PlText) * n_rows) : column->values;
}

static const guint8 *
all_nulls (const PlColumn *column, gsize n_rows, PlArena *arena)
{
  if (column->type.kind != PL_NULL)
    return column->nulls;
  return memset (pl_arena_alloc (arena, n_rows), 1, n_rows);
}

/* One more than the largest decimal of so many digits. */
static PlInt128
decimal_limit (guint precision)
{
  PlInt128 limit = 1;
  while (precision-- > 0)
    limit *= 10;
  return limit;
}

/* What is wrong with row @row of a result. Flags are made 0 or 1. */
static const char *
find_wrong (PlColumn *column, gsize row, PlInt128 limit)
{
  const PlText *text;
  switch (column->type.kind)
    {
    case PL_BOOL:
      column->bools[row] = column->bools[row] != 0;
      return NULL;
    case PL_STRING:
      text = &column->texts[row];
      if (text->length > 0 && (text->data == NULL || !g_utf8_validate_len (text->data, text->length, NULL)))
        return "a text that is not UTF-8";
      column->texts[row] = (PlText){text->length > 0 ? text->data : "", text->length, 0};
      return NULL;
    case PL_DECIMAL:
      return column->decimals[row] >= limit || column->decimals[row] <= -limit ? "a decimal out of its range" : NULL;
    case PL_DATE:
      return column->dates[row] < PL_DATE_MIN || column->dates[row] > PL_DATE_MAX ? "a date that is none" : NULL;
    case PL_TIMESTAMP:
      return column->ints[row] < PL_TIMESTAMP_MIN || column->ints[row] > PL_TIMESTAMP_MAX ? "a timestamp that is none"
                                                                                          : NULL;
    default:
      return NULL;
    }
}

/* Looks a result through. */
static void
check_result (Visit *visit, PlColumn *column, const char *name)
{
  PlInt128 limit = decimal_limit (column->type.precision);
  gsize n_rows = visit->shown.n_rows, n_nulls = 0;
  for (gsize row = 0; row < n_rows; row++)
    {
      column->nulls[row] = column->nulls[row] != 0;
      n_nulls += column->nulls[row];
      const char *wrong = column->nulls[row] ? NULL : find_wrong (column, row, limit);
      if (column->nulls[row] && column->type.kind == PL_STRING)
        column->texts[row] = (PlText){"", 0, 0};
      if (wrong == NULL)
        continue;
      g_autofree char *message = g_strdup_printf ("it gave %s for column '%s'", wrong, name);
      visit->shown.fail (&visit->shown, row, message);
    }
  if (n_nulls == 0)
    column->nulls = NULL;
}

static void
begin_visit (const PlPluginConfig *config, Visit *visit, PlBatch *batch, PlColumn **results)
{
  guint n = config->input->n_fields, n_added = config->added->n_fields;
  PlPluginColumn *inputs = pl_arena_alloc0 (batch->arena, sizeof *inputs * (n + 1));
  PlPluginResult *shown = pl_arena_alloc0 (batch->arena, sizeof *shown * (n_added + 1));
  for (guint i = 0; i < n; i++)
    if (config->needed[i])
      inputs[i] = (PlPluginColumn){all_nulls (batch->columns[i], batch->n_rows, batch->arena),
                                   all_values (batch->columns[i], batch->n_rows, batch->arena)};
  for (guint i = 0; i < n_added; i++)
    {
      PlType type = config->added->fields[i].type;
      results[i] = pl_column_new (batch->arena, type, batch->n_rows);
      memset (results[i]->values, 0, pl_type_width (type) * batch->n_rows);
      pl_column_add_nulls (results[i], batch->arena, batch->n_rows);
      shown[i] = (PlPluginResult){results[i]->nulls, results[i]->values};
    }
  *visit = (Visit){
      .shown = {
          .size = sizeof visit->shown,
          .n_inputs = n,
          .n_results = n_added,
          .n_rows = batch->n_rows,
          .inputs = inputs,
          .results = shown,
          .allocate = visit_allocate,
          .fail = visit_fail,
      },
      .batch = batch,
  };
}

/* Maps the batch once. Returns: %FALSE with messages. */
static gboolean
map (const PlPluginConfig *config, void *state, Visit *visit, PlBatch *batch, PlColumn **results)
{
  begin_visit (config, visit, batch, results);
  if (config->descriptor->map (state, &visit->shown) != 0 && visit->messages == NULL)
    visit->shown.fail (&visit->shown, 0, "it does not say what is wrong");
  for (guint i = 0; i < config->added->n_fields; i++)
    check_result (visit, results[i], config->added->fields[i].name);
  return visit->messages == NULL;
}

/* Takes the rows with messages out of @batch. Returns: %FALSE with @error when one of them is a failure. */
static gboolean
refuse (const PlPluginConfig *config, const Visit *visit, PlBatch *batch, GError **error)
{
  gsize n = 0;
  guint32 *kept = pl_arena_new_array (batch->arena, guint32, batch->n_rows);
  for (gsize row = 0; row < batch->n_rows; row++)
    {
      if (visit->messages[row] == NULL)
        {
          kept[n++] = (guint32) row;
          continue;
        }
      g_autofree char *reason = g_strdup_printf ("[%s]: %s", config->label, visit->messages[row]);
      if (batch->refuse == NULL || !batch->refuse (batch, row, reason, batch->locate_data))
        return pl_batch_fail (batch, row, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "%s", reason);
    }
  pl_batch_select (batch, kept, n);
  return TRUE;
}

gboolean
pl_plugin_map (const PlPluginConfig *config, void *state, PlBatch *batch, PlColumn **results, GError **error)
{
  Visit visit;
  /* When rows are refused the others are mapped again: a map that failed may have left them open. */
  while (batch->n_rows > 0 && !map (config, state, &visit, batch, results))
    if (!refuse (config, &visit, batch, error))
      return FALSE;
  if (batch->n_rows == 0)
    for (guint i = 0; i < config->added->n_fields; i++)
      results[i] = pl_column_null (batch->arena, config->added->fields[i].type, 0);
  return TRUE;
}
