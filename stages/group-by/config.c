/* Keys and calls in, a configuration out: equal arguments and filters stand once, and calls that take the same share
 * their states. */
#include "config.h"
#include "owners.h"
#include "../functions/registry.h"
#include "../../pipeline/expression/check.h"
#include "../../pipeline/expression/lift.h"
#include "../../pipeline/expression/text.h"
#include "../aggregates/registry.h"
#include "../aggregates/values.h"
#include "../../pipeline/base/error.h"
#include "../../pipeline/keys/terms.h"

static void
group_call_clear (gpointer data)
{
  pl_aggregate_call_free (((PlGroupCall *) data)->call);
}

void
pl_group_config_free (gpointer data)
{
  PlGroupConfig *config = data;
  if (config == NULL)
    return;
  g_free (config->label);
  g_ptr_array_unref (config->keys);
  g_hash_table_unref (config->arg_texts);
  g_hash_table_unref (config->filter_texts);
  pl_key_layout_free (config->layout);
  g_array_unref (config->calls);
  g_array_unref (config->owners);
  g_ptr_array_unref (config->args);
  g_ptr_array_unref (config->filters);
  g_ptr_array_unref (config->lifted);
  g_ptr_array_unref (config->outputs);
  pl_expression_free (config->having);
  pl_schema_unref (config->inner);
  g_clear_pointer (&config->shown, pl_schema_unref);
  pl_schema_unref (config->output);
  pl_schema_unref (config->input);
  g_free (config);
}

PlGroupConfig *
pl_group_config_new (const char *label, PlSchema *input, GPtrArray *keys, PlGroupOrder order)
{
  PlGroupConfig *config = g_new0 (PlGroupConfig, 1);
  g_autofree PlType *types = g_new0 (PlType, keys->len + 1);
  config->label = g_strdup (label);
  config->input = pl_schema_ref (input);
  config->keys = keys;
  config->order = order;
  config->lifted = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_lifted_call_free);
  config->args = g_ptr_array_new ();
  config->arg_texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  config->filters = g_ptr_array_new ();
  config->filter_texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  config->calls = g_array_new (FALSE, TRUE, sizeof (PlGroupCall));
  g_array_set_clear_func (config->calls, group_call_clear);
  config->owners = g_array_new (FALSE, TRUE, sizeof (PlGroupCall));
  config->outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_expression_free);
  config->inner = pl_schema_new ();
  config->output = pl_schema_new ();
  for (guint k = 0; k < keys->len; k++)
    {
      const PlTerm *term = keys->pdata[k];
      const PlField field
          = {.type = pl_expression_type (term->expression), .origin = pl_expression_origin (term->expression)};
      types[k] = field.type;
      pl_schema_add_like (config->inner, term->name, &field);
      pl_schema_add_like (config->output, term->name, &field);
    }
  config->layout = pl_key_layout_new (types, keys->len);
  if (order == PL_GROUPS_BY_HASH)
    pl_key_layout_fix_seed (config->layout);
  return config;
}

/* Checks @expression against the input and adds it to @list unless an equal one is there.
 * Returns: its index, -1 with @error. */
static gint
add_shared (PlGroupConfig *config, GPtrArray *list, GHashTable *texts, PlExpression *expression, guint *offset,
            GError **error)
{
  g_autofree char *text = pl_expression_text (expression);
  if (!pl_expression_check (expression, config->input, pl_function_table (), offset, error))
    return -1;
  gpointer index;
  if (g_hash_table_lookup_extended (texts, text, NULL, &index))
    return GPOINTER_TO_INT (index);
  g_hash_table_insert (texts, g_steal_pointer (&text), GINT_TO_POINTER (list->len));
  g_ptr_array_add (list, expression);
  return (gint) list->len - 1;
}

static gboolean
bind_filter (PlGroupConfig *config, const PlLiftedCall *lifted, gint *index, guint *offset, GError **error)
{
  *index = -1;
  if (lifted->filter == NULL)
    return TRUE;
  *index = add_shared (config, config->filters, config->filter_texts, lifted->filter, offset, error);
  if (*index < 0)
    return FALSE;
  PlType type = pl_expression_type (config->filters->pdata[*index]);
  if (type.kind == PL_BOOL || type.kind == PL_NULL)
    return TRUE;
  *offset = lifted->offset;
  g_autofree char *message
      = g_strdup_printf ("the condition of a filter must be true or false, not of type %s", pl_type_name (type));
  g_propagate_error (
      error, pl_type_origin_error (pl_expression_origin (config->filters->pdata[*index]), PL_BOOL, message, NULL));
  return FALSE;
}

static gboolean
bind_call (PlGroupConfig *config, const PlLiftedCall *lifted, PlGroupCall *use, guint *offset, GError **error)
{
  const char *name = lifted->name;
  if (lifted->distinct && strcmp (name, "count") == 0 && lifted->args->len == 1)
    name = "nunique";
  else if (lifted->distinct)
    {
      *offset = lifted->offset;
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_EXPRESSION, "distinct works in count(distinct x) only, not in %s",
                   lifted->name);
      return FALSE;
    }
  /* More than there is room for no aggregate takes; pl_aggregate_call_new() says so. */
  for (guint a = 0; a < MIN (lifted->args->len, G_N_ELEMENTS (use->args)); a++)
    {
      gint index = add_shared (config, config->args, config->arg_texts, lifted->args->pdata[a], offset, error);
      if (index < 0)
        return FALSE;
      use->args[a] = (guint) index;
    }
  if (!bind_filter (config, lifted, &use->filter, offset, error))
    return FALSE;
  *offset = lifted->offset;
  use->call = pl_aggregate_call_new (pl_aggregate_find (name), lifted->label,
                                     (PlExpression *const *) lifted->args->pdata, lifted->args->len, error);
  return use->call != NULL;
}

gboolean
pl_group_config_add_call (PlGroupConfig *config, const PlLiftedCall *lifted, guint *offset, GError **error)
{
  PlGroupCall use = {NULL, {0}, -1, 0};
  gboolean bound = bind_call (config, lifted, &use, offset, error);
  g_array_append_val (config->calls, use);
  return bound;
}

void
pl_group_config_add_hidden (const PlGroupConfig *config, PlSchema *schema)
{
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlAggregateCall *call = g_array_index (config->calls, PlGroupCall, c).call;
      g_autofree char *name = pl_hidden_name (c);
      PlField field = {.type = PL_TYPE (PL_NULL)};
      if (call != NULL)
        field = (PlField){.type = call->result, .origin = call->origin};
      pl_schema_add_like (schema, name, &field);
    }
}

/* How many owners can be updated at once. */
static guint
count_joined (const GArray *owners)
{
  guint n = 1;
  for (; n < MIN (owners->len, PL_JOINED_MAX); n++)
    {
      const PlGroupCall *before = &g_array_index (owners, PlGroupCall, n - 1), *use = before + 1;
      const PlAggregate *aggregate = use->call->aggregate;
      if (aggregate->joins == NULL || aggregate->joins != before->call->aggregate->joins || before->filter >= 0
          || use->filter >= 0 || !aggregate->joins (before->call, use->call))
        break;
    }
  return n > 1 ? n : 0;
}

void
pl_group_config_lay_out (PlGroupConfig *config)
{
  PlGroupCall *calls = (PlGroupCall *) (gpointer) config->calls->data;
  const guint n = config->calls->len;
  g_autofree guint *owners = g_new (guint, n + 1);
  pl_group_find_owners (calls, n, owners);
  for (guint c = 0; c < n; c++)
    if (owners[c] == c)
      {
        calls[c].offset = config->n_payload * sizeof (guint64);
        config->n_payload += calls[c].call->state_size / sizeof (guint64);
        config->reads_positions = config->reads_positions || calls[c].call->aggregate->reads_positions;
        config->grows = config->grows
                        || (calls[c].call->aggregate->values != NULL && calls[c].call->aggregate->values->give != NULL);
        g_array_append_val (config->owners, calls[c]);
      }
  for (guint c = 0; c < n; c++)
    calls[c].offset = calls[owners[c]].offset;
  config->n_joined = count_joined (config->owners);
}

void
pl_group_config_require (const PlGroupConfig *config, guint8 *input_uses)
{
  pl_terms_require (config->keys, input_uses);
  for (guint f = 0; f < config->filters->len; f++)
    pl_expression_require (config->filters->pdata[f], input_uses, PL_USE_VALUE);
  for (guint c = 0; c < config->calls->len; c++)
    {
      const PlGroupCall *use = &g_array_index (config->calls, PlGroupCall, c);
      for (guint a = 0; a < use->call->n_args; a++)
        pl_expression_require (config->args->pdata[use->args[a]], input_uses, use->call->arg_uses[a]);
    }
}
