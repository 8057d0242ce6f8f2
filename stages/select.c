/* select: which columns go on, in which order, under which names and as which types.
 *
 * Nothing but pointers moves unless a type changes; a cast is the expression layer's own, so that what `types` and
 * `cast()` both take is the same value; `types` never rounds. */
#include "../pipeline/base/seed.h"
#include "clause.h"
#include "../pipeline/expression/check.h"
#include "../pipeline/expression/evaluate.h"

typedef struct
{
  guint source;       /* input column */
  PlExpression *cast; /* (nullable): the column as another type */
  gboolean is_typed;  /* while configuring: `types` has named it */
} Pick;

typedef struct
{
  GArray *picks; /* of Pick, one an output column */
  PlSchema *output;
} SelectConfig;

/* While configuring: the output as it comes together. */
typedef struct
{
  PlSchema *input;
  GArray *picks;       /* of Pick */
  GPtrArray *names;    /* (owned) of char *: of the output columns */
  GHashTable *indices; /* those names → index; of equal ones the first */
} Draft;

static void
pick_clear (gpointer data)
{
  pl_expression_free (((Pick *) data)->cast);
}

static void
select_config_free (gpointer data)
{
  SelectConfig *config = data;
  g_array_unref (config->picks);
  g_clear_pointer (&config->output, pl_schema_unref);
  g_free (config);
}

/* @name: (transfer full) */
static void
draft_add_name (Draft *draft, char *name)
{
  if (!g_hash_table_contains (draft->indices, name))
    g_hash_table_insert (draft->indices, name, GUINT_TO_POINTER (draft->names->len));
  g_ptr_array_add (draft->names, name);
}

static void
draft_add (Draft *draft, guint source, const char *name)
{
  Pick pick = {source, NULL, FALSE};
  g_array_append_val (draft->picks, pick);
  draft_add_name (draft, g_strdup (name));
}

static gint
draft_find (const Draft *draft, const char *name)
{
  gpointer index;
  return g_hash_table_lookup_extended (draft->indices, name, NULL, &index) ? GPOINTER_TO_INT (index) : -1;
}

/* Adds the issue of two output columns with one name. */
static void
complain_twice (const PlSpot *spot, const char *name)
{
  pl_issues_add (spot->issues, spot->settings, spot->setting, spot->offset, PL_JOB_ERROR_BAD_VALUE,
                 "column '%s' appears twice in the output; rename one of them: \"%s as other_name\"", name, name);
}

static void
read_columns (PlSpot spot, Draft *draft)
{
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  if (items->len == 0)
    pl_issues_add (spot.issues, spot.settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'columns' is empty; name the columns to keep");
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot.issues); i++)
    {
      PlItem *item = items->pdata[i];
      spot.offset = item->offset;
      g_autofree char *text = g_strdup (item->text);
      guint name_offset = 0;
      g_autofree char *alias = pl_clause_take_alias (text, &name_offset);
      gint source = pl_clause_column (&spot, text, draft->input);
      if (source < 0)
        continue;
      const char *name = alias != NULL ? alias : draft->input->fields[source].name;
      if (alias != NULL)
        spot.offset += name_offset;
      if (draft_find (draft, name) >= 0)
        complain_twice (&spot, name);
      else
        draft_add (draft, (guint) source, name);
    }
}

static void
read_drop (PlSpot spot, Draft *draft)
{
  g_autofree gboolean *dropped = g_new0 (gboolean, draft->input->n_fields + 1);
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  guint n_left = draft->input->n_fields;
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot.issues); i++)
    {
      PlItem *item = items->pdata[i];
      spot.offset = item->offset;
      gint source = pl_clause_column (&spot, item->text, draft->input);
      if (source >= 0 && !dropped[source])
        {
          dropped[source] = TRUE;
          n_left--;
        }
    }
  if (n_left == 0)
    pl_issues_add (spot.issues, spot.settings, spot.setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'drop' leaves no column; keep at least one");
  for (guint i = 0; i < draft->input->n_fields; i++)
    if (!dropped[i])
      draft_add (draft, i, draft->input->fields[i].name);
}

/* All renames at once, so that `a as b; b as a` swaps two names. */
static void
read_rename (PlSpot spot, Draft *draft)
{
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  g_autoptr (GPtrArray) renamed = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < draft->names->len; i++)
    g_ptr_array_add (renamed, g_strdup (draft->names->pdata[i]));
  guint before = pl_issues_n_errors (spot.issues);
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot.issues); i++)
    {
      PlItem *item = items->pdata[i];
      spot.offset = item->offset;
      g_autofree char *text = g_strdup (item->text);
      guint name_offset = 0;
      g_autofree char *alias = pl_clause_take_alias (text, &name_offset);
      if (alias == NULL)
        {
          pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                         "'%s' gives no new name; write 'old as new'", item->text);
          continue;
        }
      if (pl_clause_column (&spot, text, draft->input) < 0)
        continue;
      g_autofree char *name = pl_item_unquote (text);
      gint index = draft_find (draft, name);
      if (index < 0)
        {
          pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                         "column '%s' is dropped and cannot be renamed", name);
          continue;
        }
      if (strcmp (renamed->pdata[index], name) != 0)
        {
          pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                         "column '%s' is named twice", name);
          continue;
        }
      g_free (renamed->pdata[index]);
      renamed->pdata[index] = g_steal_pointer (&alias);
    }
  g_hash_table_remove_all (draft->indices);
  g_ptr_array_unref (draft->names);
  draft->names = g_ptr_array_new_with_free_func (g_free);
  spot.offset = G_MAXUINT;
  for (guint i = 0; i < renamed->len; i++)
    {
      if (pl_issues_n_errors (spot.issues) == before && draft_find (draft, renamed->pdata[i]) >= 0)
        complain_twice (&spot, renamed->pdata[i]);
      draft_add_name (draft, g_strdup (renamed->pdata[i]));
    }
}

/* The last ':' outside quotes and parentheses; the types have none. */
static char *
find_colon (char *text)
{
  char *colon = strrchr (text, ':');
  const char *quote = strrchr (text, '"');
  return colon != NULL && (quote == NULL || quote < colon) ? colon : NULL;
}

static PlExpression *
cast_to (const PlSpot *spot, PlSchema *input, guint source, PlType type)
{
  g_autoptr (GString) text = g_string_new ("\"");
  for (const char *p = input->fields[source].name; *p != '\0'; p++)
    g_string_append (g_string_append_c (text, *p), *p == '"' ? "\"" : "");
  g_string_append_c (text, '"');
  g_autoptr (PlExpression) expression = pl_clause_expression (spot, text->str, input);
  GError *error = NULL;
  if (expression == NULL)
    return NULL;
  if (!pl_expression_cast (&expression, type, &error))
    {
      pl_issues_take (spot->issues, spot->settings, spot->setting, spot->offset, error);
      return NULL;
    }
  return g_steal_pointer (&expression);
}

static void
read_types (PlSpot spot, Draft *draft)
{
  g_autoptr (GPtrArray) items = pl_items_split (spot.setting->value, ';');
  for (guint i = 0; i < items->len && !pl_issues_are_enough (spot.issues); i++)
    {
      PlItem *item = items->pdata[i];
      spot.offset = item->offset;
      g_autofree char *text = g_strdup (item->text);
      char *colon = find_colon (text);
      if (colon == NULL)
        {
          pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                         "'%s' gives no type; write 'column:type'", text);
          continue;
        }
      *colon = '\0';
      PlType type;
      GError *error = NULL;
      char *type_name = g_strchug (colon + 1);
      if (!pl_type_parse (type_name, &type, &error))
        {
          pl_issues_take (spot.issues, spot.settings, spot.setting,
                          spot.offset + (guint) g_utf8_strlen (item->text, type_name - text), error);
          continue;
        }
      g_autofree char *name = pl_item_unquote (g_strchomp (text));
      gint index = draft_find (draft, name);
      if (index < 0)
        {
          /* Reported against the output's names, which are what `types` speaks of. */
          g_autoptr (PlSchema) names = pl_schema_new ();
          for (guint k = 0; k < draft->names->len; k++)
            pl_schema_add (names, draft->names->pdata[k], PL_TYPE (PL_NULL));
          pl_clause_column (&spot, text, names);
          continue;
        }
      Pick *pick = &g_array_index (draft->picks, Pick, index);
      if (pick->is_typed)
        pl_issues_add (spot.issues, spot.settings, spot.setting, spot.offset, PL_JOB_ERROR_BAD_VALUE,
                       "column '%s' is named twice", name);
      else if (!pl_type_equal (draft->input->fields[pick->source].type, type))
        pick->cast = cast_to (&spot, draft->input, pick->source, type);
      pick->is_typed = TRUE;
    }
}

static gpointer
select_configure (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues)
{
  guint before = pl_issues_n_errors (issues);
  const PlSetting *columns = pl_settings_find (settings, "columns"), *drop = pl_settings_find (settings, "drop");
  const PlSetting *rename = pl_settings_find (settings, "rename"), *types = pl_settings_find (settings, "types");
  Draft draft = {input, g_array_new (FALSE, FALSE, sizeof (Pick)), g_ptr_array_new_with_free_func (g_free),
                 g_hash_table_new (pl_name_hash, g_str_equal)};
  g_array_set_clear_func (draft.picks, pick_clear);
  if (columns == NULL && drop == NULL && rename == NULL && types == NULL)
    pl_issues_add (issues, settings, NULL, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "nothing to select; add 'columns', 'drop', 'rename' or 'types'");
  if (columns != NULL && (drop != NULL || rename != NULL))
    pl_issues_add (issues, settings, drop != NULL ? drop : rename, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                   "'columns' already says it all; remove '%s'%s", drop != NULL ? "drop" : "rename",
                   drop != NULL ? "" : " and write 'old as new' in 'columns'");
  PlSpot spot = {settings, columns, 0, issues};
  if (columns != NULL)
    read_columns (spot, &draft);
  else if ((spot.setting = drop) != NULL)
    read_drop (spot, &draft);
  else
    for (guint i = 0; i < input->n_fields; i++)
      draft_add (&draft, i, input->fields[i].name);
  if (columns == NULL && (spot.setting = rename) != NULL)
    read_rename (spot, &draft);
  if ((spot.setting = types) != NULL && pl_issues_n_errors (issues) == before)
    read_types (spot, &draft);

  SelectConfig *config = g_new0 (SelectConfig, 1);
  config->picks = draft.picks;
  config->output = pl_schema_new ();
  for (guint i = 0; i < draft.picks->len; i++)
    {
      const Pick *pick = &g_array_index (draft.picks, Pick, i);
      if (pick->cast != NULL)
        pl_schema_add (config->output, draft.names->pdata[i], pl_expression_type (pick->cast));
      else
        pl_schema_add_like (config->output, draft.names->pdata[i], &input->fields[pick->source]);
    }
  g_hash_table_unref (draft.indices);
  g_ptr_array_unref (draft.names);
  if (pl_issues_n_errors (issues) != before)
    {
      select_config_free (config);
      return NULL;
    }
  *output = pl_schema_ref (config->output);
  return config;
}

static void
select_require (gpointer data, const guint8 *output_uses, guint8 *input_uses)
{
  const SelectConfig *config = data;
  for (guint i = 0; i < config->picks->len; i++)
    {
      const Pick *pick = &g_array_index (config->picks, Pick, i);
      if (pick->cast != NULL)
        pl_expression_require (pick->cast, input_uses, PL_USE_VALUE);
      else
        input_uses[pick->source] |= output_uses[i];
    }
}

static gboolean
select_may_fail (gconstpointer data)
{
  const SelectConfig *config = data;
  for (guint i = 0; i < config->picks->len; i++)
    {
      const PlExpression *cast = g_array_index (config->picks, Pick, i).cast;
      if (cast != NULL && pl_expression_may_fail (cast))
        return TRUE;
    }
  return FALSE;
}

static gboolean
select_process (gconstpointer data, G_GNUC_UNUSED gpointer state, PlBatch *batch, GError **error)
{
  const SelectConfig *config = data;
  PlColumn **columns = pl_arena_new_array (batch->arena, PlColumn *, config->picks->len);
  for (guint i = 0; i < config->picks->len; i++)
    {
      const Pick *pick = &g_array_index (config->picks, Pick, i);
      columns[i]
          = pick->cast != NULL ? pl_expression_evaluate (pick->cast, batch, error) : batch->columns[pick->source];
      if (pick->cast != NULL && columns[i] == NULL)
        return FALSE;
    }
  batch->columns = columns;
  batch->schema = config->output;
  return TRUE;
}

static const PlSettingKey select_keys[] = {
    {"columns", "columns", NULL, "The columns to keep, in this order; 'b as c' renames one", FALSE},
    {"drop", "columns", NULL, "The columns to leave out, instead of 'columns'", FALSE},
    {"rename", "columns", NULL, "New names for columns that stay in their places: 'old as new'", FALSE},
    {"types", "types", NULL,
     "New types, by the new names: 'price:decimal(18,2)'; a value that they cannot hold stops the run", FALSE},
    {NULL, NULL, NULL, NULL, FALSE},
};

const PlStage pl_stage_select = {
    .name = "select",
    .summary = "Keeps, drops, reorders, renames and retypes columns",
    .description
    = "`columns` lists what goes on, in order; `drop` lists what does not. `rename` gives new names and leaves "
      "everything else as it is. `types` casts: numbers to text, text to dates, floats to decimals; a value that "
      "the new type cannot hold as it is (2.7 as int, a time of day as date) stops the run and is named with its "
      "file and line. Items are separated by semicolons; a name with spaces stands in double quotes.",
    .example = "[select report]\ncolumns = origin; dest as destination; \"Air Time\" as air_time\n"
               "types = air_time:decimal(8,1)\n",
    .takes_slices = TRUE,
    .rows = PL_ROWS_KEPT,
    .keys = select_keys,
    .configure = select_configure,
    .config_free = select_config_free,
    .require = select_require,
    .map = &(const PlMapStage){.process = select_process, .may_fail = select_may_fail},
};
