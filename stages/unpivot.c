/* unpivot: columns become rows, a row for each column and row.
 *
 *   id,a,b            id,name,value
 *   1,10,20     ─►    1,a,10
 *                     1,b,20
 *
 * The columns that are turned are made one type first, the whole batch at once; then rows are put together, some 2,048
 * at a time, column by column: cell i of the result comes from cell i / w of column i % w. */
#include "../pipeline/base/quantity.h"
#include "../pipeline/expression/widen.h"
#include "clause.h"
#include "growing.h"

typedef struct
{
  guint *kept; /* columns of the input that are repeated */
  guint n_kept;
  guint *turned; /* those that become rows, in the order of the input */
  guint n_turned;
  PlType *types; /* of those */
  PlText *names; /* and what stands for them in the column of names; owned */
  PlType type;   /* of the values */
  gboolean drops_nulls;
  guint8 value_uses; /* PlUse of the values */
  PlSchema *output;  /* kept, names, values */
} UnpivotConfig;

static void
unpivot_config_free (gpointer data)
{
  UnpivotConfig *config = data;
  for (guint j = 0; config->names != NULL && j < config->n_turned; j++)
    g_free ((char *) config->names[j].data);
  g_free (config->names);
  g_free (config->kept);
  g_free (config->turned);
  g_free (config->types);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_free (config);
}

/* Marks in @chosen the columns that the list of @spot names.
 * Returns: (transfer full): their indices, in the order written. */
static GArray *
read_list (PlSpot spot, const PlSchema *input, const guint8 *taken, guint8 *chosen)
{
  GArray *indices = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot.issues); i++)
    {
      const PlItem *item = g_ptr_array_index (items, i);
      spot.offset = item->offset;
      gint found = pl_clause_column (&spot, item->text, input);
      if (found < 0)
        continue;
      const char *name = input->fields[found].name;
      if (chosen[found])
        pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                       "column '%s' stands twice in '%s'", name, spot.setting->key);
      else if (taken[found])
        pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                       "column '%s' stands in 'keep', too; a column is kept or becomes rows", name);
      chosen[found] = TRUE;
      guint index = (guint) found;
      g_array_append_val (indices, index);
    }
  return indices;
}

/* Reads `keep` and `columns`. */
static void
read_columns (UnpivotConfig *config, const PlSpot *at, const PlSchema *input)
{
  PlSpot spot = *at;
  g_autofree guint8 *kept = g_new0 (guint8, input->n_fields + 1), *turned = g_new0 (guint8, input->n_fields + 1);
  g_autofree guint8 *none = g_new0 (guint8, input->n_fields + 1);
  g_autoptr (GArray) keep = NULL;
  if ((spot.setting = pl_settings_find (spot.settings, "keep")) != NULL)
    {
      keep = read_list (spot, input, none, kept);
      config->n_kept = keep->len;
      config->kept = g_memdup2 (keep->data, keep->len * sizeof (guint));
    }
  if ((spot.setting = pl_settings_find (spot.settings, "columns")) != NULL)
    g_array_unref (read_list (spot, input, kept, turned));
  config->turned = g_new (guint, input->n_fields + 1);
  for (guint i = 0; i < input->n_fields; i++)
    if (spot.setting != NULL ? turned[i] : !kept[i])
      config->turned[config->n_turned++] = i;
}

/* Adds the column that @key names, or else @name. */
static void
add_column (UnpivotConfig *config, const PlSpot *at, const char *key, const char *name, const PlField *like)
{
  const PlSetting *setting = pl_settings_find (at->settings, key);
  g_autofree char *given = setting != NULL ? pl_item_unquote (setting->value) : g_strdup (name);
  if (given[0] == '\0')
    pl_issues_add (at->issues, at->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "'%s' names no column", key);
  else if (pl_schema_find (config->output, given) >= 0)
    pl_issues_add (at->issues, at->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "the output has a column '%s' already; name this one otherwise: %s = other_name", given, key);
  else
    pl_schema_add_like (config->output, given, like);
}

static gboolean
is_plain (const char *text)
{
  return strpbrk (text, ",\"\r\n") == NULL;
}

/* Names and types of the columns that are turned. Returns: what their values become; it has no name. */
static PlField
describe_turned (UnpivotConfig *config, const PlSchema *input)
{
  config->types = g_new (PlType, config->n_turned + 1);
  config->names = g_new0 (PlText, config->n_turned + 1);
  PlField value = {.type = PL_TYPE (PL_NULL)};
  for (guint j = 0; j < config->n_turned; j++)
    {
      const PlField *field = &input->fields[config->turned[j]];
      config->types[j] = field->type;
      pl_field_join (&value, field);
      config->names[j] = (PlText){g_strdup (field->name), (guint32) strlen (field->name),
                                  is_plain (field->name) ? PL_TEXT_PLAIN : 0};
    }
  config->type = value.type;
  return value;
}

static void
read_drop_nulls (UnpivotConfig *config, const PlSpot *at)
{
  const PlSetting *setting = pl_settings_find (at->settings, "drop-nulls");
  GError *error = NULL;
  if (setting != NULL && !pl_parse_flag (setting->value, &config->drops_nulls, &error))
    pl_issues_take (at->issues, at->settings, setting, G_MAXUINT, error);
}

static gpointer
unpivot_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  UnpivotConfig *config = g_new0 (UnpivotConfig, 1);
  PlSpot spot = {settings, NULL, 0, issues};
  guint before = pl_issues_n_errors (issues);
  config->output = pl_schema_new ();
  read_columns (config, &spot, input);
  read_drop_nulls (config, &spot);
  PlField value = describe_turned (config, input);
  for (guint i = 0; i < config->n_kept; i++)
    pl_schema_add_like (config->output, input->fields[config->kept[i]].name, &input->fields[config->kept[i]]);
  add_column (config, &spot, "names-to", "name", &(const PlField){.type = PL_TYPE (PL_STRING)});
  add_column (config, &spot, "values-to", "value", &value);
  if (pl_issues_n_errors (issues) == before && config->n_turned == 0)
    pl_issues_add (issues, settings, pl_settings_find (settings, "keep"), G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "no column is left to become rows; keep fewer");
  if (pl_issues_n_errors (issues) == before)
    {
      *output = pl_schema_ref (config->output);
      return config;
    }
  unpivot_config_free (config);
  return NULL;
}

static void
unpivot_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  UnpivotConfig *config = data;
  for (guint i = 0; i < config->n_kept; i++)
    input_uses[config->kept[i]] |= output_uses[i];
  config->value_uses = output_uses[config->n_kept + 1];
  /* What is null must be known, too. */
  guint8 uses = config->drops_nulls && config->value_uses == PL_USE_NONE ? PL_USE_VALUE : config->value_uses;
  for (guint j = 0; j < config->n_turned; j++)
    input_uses[config->turned[j]] |= pl_widen_require (config->types[j], config->type, uses);
}

static gboolean
unpivot_may_fail (gconstpointer data)
{
  const UnpivotConfig *config = data;
  for (guint j = 0; j < config->n_turned; j++)
    if (pl_widen_may_fail (config->types[j], config->type))
      return TRUE;
  return FALSE;
}

/* Rows of the output while they are put together. */
typedef struct
{
  PlGrowing growing;
  guint32 columns[PL_BATCH_ROWS]; /* which of the turned columns: a row of the output each */
  const UnpivotConfig *config;
  const PlBatch *batch;
  PlColumn **turned; /* widened; NULL: nothing is wanted of the values */
  PlEmit *emit;
} Piece;

/* Copies cells of @width bytes; @part gives the array of a column, or NULL: zeros. */
#define INTERLEAVE(piece, width, out, part)                                                                            \
  for (gsize i = 0; i < (piece)->growing.n; i++)                                                                       \
    {                                                                                                                  \
      const guint8 *from = (const guint8 *) (piece)->turned[(piece)->columns[i]]->part;                                \
      if (from != NULL)                                                                                                \
        memcpy ((guint8 *) (out) + i * (width), from + (piece)->growing.rows[i] * (width), (width));                   \
      else                                                                                                             \
        memset ((guint8 *) (out) + i * (width), 0, (width));                                                           \
    }

static void
interleave_values (const Piece *piece, PlColumn *out)
{
  const gsize width = pl_type_width (out->type);
  out->values = pl_arena_alloc (piece->emit->arena, piece->growing.n * width + 1);
  switch (width)
    {
    case 1:
      INTERLEAVE (piece, 1, out->values, values);
      break;
    case 4:
      INTERLEAVE (piece, 4, out->values, values);
      break;
    case 8:
      INTERLEAVE (piece, 8, out->values, values);
      break;
    default:
      INTERLEAVE (piece, 16, out->values, values);
    }
}

/* Exact decimals beside floats: of columns that have none, the double stands for it. */
static void
interleave_exact (const Piece *piece, PlColumn *out)
{
  out->exact = pl_arena_new_array (piece->emit->arena, gint64, piece->growing.n);
  out->exact_scales = pl_arena_new_array (piece->emit->arena, guint8, piece->growing.n);
  INTERLEAVE (piece, 8, out->exact, exact);
  for (gsize i = 0; i < piece->growing.n; i++)
    {
      const PlColumn *from = piece->turned[piece->columns[i]];
      out->exact_scales[i] = from->exact == NULL          ? PL_SCALE_COMPUTED
                             : from->exact_scales != NULL ? from->exact_scales[piece->growing.rows[i]]
                                                          : from->exact_scale;
    }
}

static gboolean
any_has (const Piece *piece, gsize part)
{
  for (guint j = 0; j < piece->config->n_turned; j++)
    if (G_STRUCT_MEMBER (gpointer, piece->turned[j], part) != NULL)
      return TRUE;
  return FALSE;
}

static PlColumn *
interleave (const Piece *piece)
{
  PlColumn *out = pl_arena_alloc0 (piece->emit->arena, sizeof *out);
  out->type = piece->config->type;
  if (any_has (piece, G_STRUCT_OFFSET (PlColumn, nulls)))
    {
      out->nulls = pl_arena_alloc (piece->emit->arena, piece->growing.n);
      INTERLEAVE (piece, 1, out->nulls, nulls);
    }
  if (any_has (piece, G_STRUCT_OFFSET (PlColumn, values)))
    interleave_values (piece, out);
  if (any_has (piece, G_STRUCT_OFFSET (PlColumn, lexical)))
    {
      out->lexical = pl_arena_new_array (piece->emit->arena, PlText, piece->growing.n);
      INTERLEAVE (piece, sizeof (PlText), out->lexical, lexical);
    }
  if (any_has (piece, G_STRUCT_OFFSET (PlColumn, exact)))
    interleave_exact (piece, out);
  return out;
}

static PlColumn *
names_of (const Piece *piece)
{
  PlColumn *names = pl_column_new (piece->emit->arena, PL_TYPE (PL_STRING), piece->growing.n);
  for (gsize i = 0; i < piece->growing.n; i++)
    names->texts[i] = piece->config->names[piece->columns[i]];
  return names;
}

static gboolean
give_piece (PlGrowing *growing)
{
  const Piece *piece = (const Piece *) growing;
  const UnpivotConfig *config = piece->config;
  const PlBatch *batch = piece->batch;
  PlEmit *emit = piece->emit;
  PlBatch out;
  pl_batch_grow (&out, batch, config->output, growing->rows, growing->n, emit->arena);
  for (guint i = 0; i < config->n_kept; i++)
    if (batch->columns[config->kept[i]] != NULL)
      out.columns[i] = pl_column_gather (batch->columns[config->kept[i]], growing->rows, growing->n, emit->arena);
  out.columns[config->n_kept] = names_of (piece);
  if (config->value_uses != PL_USE_NONE)
    out.columns[config->n_kept + 1]
        = config->type.kind == PL_NULL ? pl_column_null (emit->arena, config->type, growing->n) : interleave (piece);
  return emit->give (emit, &out);
}

/* The columns that are turned, of one type, and with all parts that any of them has and that are wanted. */
static PlColumn **
widen_all (const UnpivotConfig *config, PlBatch *batch)
{
  PlColumn **turned = pl_arena_new_array (batch->arena, PlColumn *, config->n_turned);
  for (guint j = 0; j < config->n_turned; j++)
    {
      PlColumn *column = batch->columns[config->turned[j]];
      turned[j] = column;
      if (column == NULL)
        continue;
      turned[j] = pl_widen_column (column, config->type, batch->n_rows, batch->arena);
      if ((config->value_uses & PL_USE_TEXT) && config->type.kind != PL_STRING && turned[j]->lexical == NULL)
        turned[j] = pl_widen_print (turned[j], column, batch->n_rows, batch->arena);
    }
  return turned;
}

/* Whether cell @j of @row becomes a row. */
static inline gboolean
is_given (const Piece *piece, gsize row, guint j)
{
  return !piece->config->drops_nulls || !pl_column_is_null (piece->turned[j], row);
}

static guint
count_given (const Piece *piece, gsize row)
{
  guint n = 0;
  for (guint j = 0; j < piece->config->n_turned; j++)
    n += is_given (piece, row, j);
  return n;
}

static gboolean
unpivot_expand (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, PlEmit *emit, GError **error)
{
  const UnpivotConfig *config = data;
  PlMisfit misfit = {.row = G_MAXSIZE};
  for (guint j = 0; j < config->n_turned; j++)
    if (batch->columns[config->turned[j]] != NULL)
      pl_widen_seek (&misfit, batch, batch->columns[config->turned[j]], &batch->schema->fields[config->turned[j]],
                     config->type, config->value_uses);
  if (!pl_widen_fail (batch, &misfit, error))
    return FALSE;
  Piece piece;
  piece.growing.n = 0;
  piece.growing.give = give_piece;
  piece.config = config;
  piece.batch = batch;
  piece.turned = widen_all (config, batch);
  piece.emit = emit;
  for (guint32 row = 0; row < batch->n_rows; row++)
    {
      if (!pl_growing_begin (&piece.growing, config->drops_nulls ? count_given (&piece, row) : config->n_turned))
        return FALSE;
      for (guint32 j = 0; j < config->n_turned; j++)
        {
          gsize at;
          if (!is_given (&piece, row, j))
            continue;
          if (!pl_growing_add (&piece.growing, row, &at))
            return FALSE;
          piece.columns[at] = j;
        }
    }
  return pl_growing_flush (&piece.growing);
}

static const PlSettingKey unpivot_keys[] = {
    {"keep", "columns", NULL, "The columns that are repeated in each row that is made of a row", FALSE},
    {"columns", "columns", NULL, "The columns that become rows, in the order of the input; else all that are not kept",
     FALSE},
    {"names-to", "column", "name", "The column that says which column a value comes from", FALSE},
    {"values-to", "column", "value", "The column of the values", FALSE},
    {"drop-nulls", "flag", "false", "Whether values that are null are left out", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_unpivot = {
    .name = "unpivot",
    .summary = "Makes rows of columns: a row for each column and row",
    .description
    = "A wide table becomes a long one. Each row gives as many rows as there are `columns`, in the order of the input: "
      "the columns of `keep` are repeated, `names-to` gets the name of the column and `values-to` its value. Values "
      "have the narrowest type that holds those of all columns (int and float give float, or a decimal where floats "
      "have no room for the ints; int and text give text), and what passes through is written as it stood.",
    .example
    = "[unpivot long]\nkeep = station\ncolumns = january; february; march\nnames-to = month\nvalues-to = rain\n",
    .rows = PL_ROWS_MULTIPLIED,
    .keys = unpivot_keys,
    .configure = unpivot_configure,
    .config_free = unpivot_config_free,
    .require = unpivot_require,
    .map = &(const PlMapStage){.expand = unpivot_expand, .may_fail = unpivot_may_fail},
};
