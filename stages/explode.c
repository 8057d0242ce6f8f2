/* explode: a text of several parts becomes as many rows.
 *
 *   id,tags        id,tags
 *   1,a;b     ─►   1,a
 *                  1,b
 *
 * Columns of other types are taken as the text that stands in the input: so a file in which no text has a separator,
 * and whose column is a number therefore, gives the same columns as others. */
#include "../pipeline/base/quantity.h"
#include "../pipeline/expression/widen.h"
#include "clause.h"
#include "growing.h"

typedef struct
{
  guint column;
  PlType type; /* of the input's */
  char *separator;
  gsize separator_length;
  gboolean drops_nulls;
  gboolean has_positions; /* as the last column of the output */
  gboolean gives_parts, gives_positions;
  PlSchema *input, *output;
} ExplodeConfig;

static void
explode_config_free (gpointer data)
{
  ExplodeConfig *config = data;
  g_free (config->separator);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_clear_pointer (&config->input, pl_schema_unref);
  g_free (config);
}

/* Blanks at the edges need quotes: '; '. */
static char *
unquote (const char *text)
{
  const gsize n = strlen (text);
  const gboolean is_quoted = n >= 2 && (text[0] == '\'' || text[0] == '"') && text[n - 1] == text[0];
  return is_quoted ? g_strndup (text + 1, n - 2) : g_strdup (text);
}

static void
read_separator (ExplodeConfig *config, const PlSpot *spot)
{
  const PlSetting *setting = pl_settings_find (spot->settings, "separator");
  config->separator = unquote (setting != NULL ? setting->value : ";");
  config->separator_length = strlen (config->separator);
  if (config->separator_length == 0)
    pl_issues_add (spot->issues, spot->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "a separator has at least one character; one with blanks at its edges needs quotes: '; '");
}

/* Adds a column to the output; @setting: (nullable): what names it. */
static void
add_column (const ExplodeConfig *config, const PlSpot *spot, const PlSetting *setting, const char *name,
            const PlField *like)
{
  if (name[0] == '\0')
    pl_issues_add (spot->issues, spot->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE, "'%s' names no column",
                   setting->key);
  else if (pl_schema_find (config->output, name) >= 0)
    pl_issues_add (spot->issues, spot->settings, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "the output has a column '%s' already; name this one otherwise", name);
  else
    pl_schema_add_like (config->output, name, like);
}

/* The parts stand where the texts stood; the input's other names come first, so that they are known to be taken. */
static void
make_output (ExplodeConfig *config, const PlSpot *spot)
{
  const PlSchema *input = config->input;
  const PlSetting *as = pl_settings_find (spot->settings, "as");
  const PlSetting *position_as = pl_settings_find (spot->settings, "position-as");
  g_autofree char *name = as != NULL ? pl_item_unquote (as->value) : g_strdup (input->fields[config->column].name);
  const gint taken = pl_schema_find (input, name);
  config->output = pl_schema_new ();
  for (guint i = 0; i < input->n_fields; i++)
    if (i != config->column)
      pl_schema_add_like (config->output, input->fields[i].name, &input->fields[i]);
    else if (taken >= 0 && (guint) taken != config->column)
      pl_issues_add (spot->issues, spot->settings, as, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                     "the output has a column '%s' already; name this one otherwise", name);
    else
      add_column (config, spot, as, name, &(const PlField){.type = PL_TYPE (PL_STRING)});
  config->has_positions = position_as != NULL;
  if (position_as == NULL)
    return;
  g_autofree char *position = pl_item_unquote (position_as->value);
  add_column (config, spot, position_as, position, &(const PlField){.type = PL_TYPE (PL_INT)});
}

static gpointer
explode_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  ExplodeConfig *config = g_new0 (ExplodeConfig, 1);
  PlSpot spot = {settings, pl_settings_find (settings, "column"), 0, issues};
  const PlSetting *drop_nulls = pl_settings_find (settings, "drop-nulls");
  const guint before = pl_issues_n_errors (issues);
  GError *error = NULL;
  config->input = pl_schema_ref (input);
  read_separator (config, &spot);
  if (drop_nulls != NULL && !pl_parse_flag (drop_nulls->value, &config->drops_nulls, &error))
    pl_issues_take (issues, settings, drop_nulls, G_MAXUINT, error);
  const gint found = pl_clause_column (&spot, spot.setting->value, input);
  if (found >= 0)
    {
      config->column = (guint) found;
      config->type = input->fields[found].type;
      make_output (config, &spot);
    }
  if (pl_issues_n_errors (issues) == before)
    {
      *output = pl_schema_ref (config->output);
      return config;
    }
  explode_config_free (config);
  return NULL;
}

static void
explode_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  ExplodeConfig *config = data;
  for (guint i = 0; i < config->input->n_fields; i++)
    if (i != config->column)
      input_uses[i] |= output_uses[i];
  config->gives_parts = output_uses[config->column] != PL_USE_NONE;
  config->gives_positions = config->has_positions && output_uses[config->input->n_fields] != PL_USE_NONE;
  /* How many parts there are must be known in any case. */
  input_uses[config->column] |= pl_widen_require (config->type, PL_TYPE (PL_STRING), PL_USE_VALUE);
}

static gboolean
explode_may_fail (G_GNUC_UNUSED gconstpointer data)
{
  return FALSE;
}

/* Rows of the output while they are put together. */
typedef struct
{
  PlGrowing growing;
  PlText parts[PL_BATCH_ROWS];
  guint8 nulls[PL_BATCH_ROWS];
  gint64 positions[PL_BATCH_ROWS];
  const ExplodeConfig *config;
  const PlBatch *batch;
  PlEmit *emit;
} Piece;

static gboolean
give_piece (PlGrowing *growing)
{
  const Piece *piece = (const Piece *) growing;
  const ExplodeConfig *config = piece->config;
  const PlBatch *batch = piece->batch;
  PlArena *arena = piece->emit->arena;
  const gsize n = growing->n;
  PlBatch out;
  pl_batch_grow (&out, batch, config->output, growing->rows, n, arena);
  for (guint i = 0; i < config->input->n_fields; i++)
    if (i != config->column && batch->columns[i] != NULL)
      out.columns[i] = pl_column_gather (batch->columns[i], growing->rows, n, arena);
  if (config->gives_parts)
    {
      PlColumn *parts = out.columns[config->column] = pl_column_new (arena, PL_TYPE (PL_STRING), n);
      memcpy (parts->texts, piece->parts, n * sizeof *piece->parts);
      parts->nulls = memcpy (pl_arena_alloc (arena, n), piece->nulls, n);
    }
  if (config->gives_positions)
    {
      PlColumn *positions = out.columns[config->input->n_fields] = pl_column_new (arena, PL_TYPE (PL_INT), n);
      memcpy (positions->ints, piece->positions, n * sizeof *piece->positions);
      positions->nulls = pl_arena_alloc (arena, n);
      for (gsize i = 0; i < n; i++)
        positions->nulls[i] = piece->positions[i] == 0;
    }
  return piece->emit->give (piece->emit, &out);
}

/* Where the part that begins at @at ends. */
static const char *
part_end (const ExplodeConfig *config, const char *at, const char *end)
{
  const char *found = memmem (at, (gsize) (end - at), config->separator, config->separator_length);
  return found != NULL ? found : end;
}

static gsize
count_parts (const ExplodeConfig *config, const PlText *text)
{
  const char *at = text->data, *end = text->data + text->length;
  for (gsize n = 0;;)
    {
      const char *part = at;
      at = part_end (config, part, end);
      n += !config->drops_nulls || at > part;
      if (at == end)
        return n;
      at += config->separator_length;
    }
}

/* @position: 0: a null that is no part of anything. */
static gboolean
add_part (Piece *piece, guint32 row, PlText part, gint64 position)
{
  gsize at;
  if (part.length == 0 && piece->config->drops_nulls)
    return TRUE;
  if (!pl_growing_add (&piece->growing, row, &at))
    return FALSE;
  piece->parts[at] = part;
  piece->nulls[at] = part.length == 0;
  piece->positions[at] = position;
  return TRUE;
}

static gboolean
add_parts (Piece *piece, guint32 row, const PlText *text)
{
  const ExplodeConfig *config = piece->config;
  const char *at = text->data, *end = text->data + text->length;
  if (!pl_growing_begin (&piece->growing, count_parts (config, text)))
    return FALSE;
  for (gint64 position = 1;; position++)
    {
      const char *part = at;
      at = part_end (config, part, end);
      if (!add_part (piece, row, (PlText){part, (guint32) (at - part), text->flags}, position))
        return FALSE;
      if (at == end)
        return TRUE;
      at += config->separator_length;
    }
}

static gboolean
explode_expand (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, PlEmit *emit,
                G_GNUC_UNUSED GError **error)
{
  const ExplodeConfig *config = data;
  const PlColumn *texts
      = pl_widen_column (batch->columns[config->column], PL_TYPE (PL_STRING), batch->n_rows, batch->arena);
  Piece piece;
  piece.growing.n = 0;
  piece.growing.give = give_piece;
  piece.config = config;
  piece.batch = batch;
  piece.emit = emit;
  for (guint32 row = 0; row < batch->n_rows; row++)
    if (pl_column_is_null (texts, row)
            ? !pl_growing_begin (&piece.growing, 1) || !add_part (&piece, row, (PlText){.data = ""}, 0)
            : !add_parts (&piece, row, &texts->texts[row]))
      return FALSE;
  return pl_growing_flush (&piece.growing);
}

static const PlSettingKey explode_keys[] = {
    {"column", "column", NULL, "The column whose texts are split", TRUE},
    {"separator", "text", ";", "What stands between parts; in quotes where it begins or ends with a blank", FALSE},
    {"as", "column", NULL, "Another name for the column of parts; it stands where the texts stood", FALSE},
    {"position-as", "column", NULL, "A last column: which part of its text each row has, from 1", FALSE},
    {"drop-nulls", "flag", "false", "Whether nulls and empty parts are left out", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_explode = {
    .name = "explode",
    .summary = "Makes rows of texts that have several parts: a row for each part",
    .description
    = "Each row is repeated for every part of its text in `column`, in their order, with the part in the text's place. "
      "A part is what stands between separators, blanks included; `trim()` behind it takes them away. An empty part is "
      "null, as an empty field is, and a null gives one row with a null. Numbers and dates are taken as they are "
      "written, so a column whose texts happen to have one part each may have any type; parts are texts.",
    .example = "[explode tags]\ncolumn = tags\nseparator = |\nas = tag\n",
    .rows = PL_ROWS_MULTIPLIED,
    .keys = explode_keys,
    .configure = explode_configure,
    .config_free = explode_config_free,
    .require = explode_require,
    .map = &(const PlMapStage){.expand = explode_expand, .may_fail = explode_may_fail},
};
