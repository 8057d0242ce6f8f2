/* Resolves names, finds types, inserts casts, folds constants: bottom up, in place.
 *
 * Both operands of an operator are brought to one type by casts in the tree, so that kernels only know columns of equal
 * types. A node whose arguments are all literals becomes a literal itself, its mistakes reported here and not at the
 * first row. `guarded` marks what must not be evaluated for rows that do not reach it. */
#include "check.h"
#include <string.h>

#include "../base/error.h"
#include "../base/name.h"
#include "../base/suggest.h"
#include "../base/words.h"
#include "check-arithmetic.h"
#include "check-types.h"
#include "member.h"

static gboolean
check_column (PlCheck *check, PlExpression *node)
{
  node->field = pl_schema_find (check->schema, node->name);
  if (node->field >= 0)
    {
      node->type = check->schema->fields[node->field].type;
      node->origin = check->schema->fields[node->field].origin;
      return TRUE;
    }
  g_autofree const char **names = pl_schema_names (check->schema);
  const char *nearest = pl_name_nearest (node->name, names);
  check->offset = node->offset;
  if (nearest != NULL)
    {
      g_autofree char *suggestion = pl_name_suggest (nearest);
      g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown column '%s'; %s", node->name,
                   suggestion);
    }
  else if (node->quoted)
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME,
                 "unknown column \"%s\"; if it is meant as text, use single quotes for text: '%s'", node->name,
                 node->name);
  else
    {
      g_autofree char *all = pl_name_list (names);
      const guint n = g_strv_length ((char **) names);
      g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown column '%s'; there %s %s",
                   node->name, n == 1 ? "is" : "are",
                   n == 0   ? "no columns"
                   : n > 20 ? "more than 20, none of a name near it"
                            : all);
    }
  return FALSE;
}

/* Whether @node is a whole number in the text that is the same as a float. */
static gboolean
is_small_int (const PlExpression *node)
{
  const PlColumn *constant = node->kind == PL_NODE_LITERAL ? pl_expression_constant (node) : NULL;
  return constant != NULL && constant->ints[0] >= -PL_EXACT_INTS && constant->ints[0] <= PL_EXACT_INTS;
}

/* Whether what @node compares are whole numbers and floats, some of each: these are compared as they are, because as
 * floats large whole numbers would be others. */
static gboolean
has_ints_and_floats (const PlExpression *node)
{
  guint n_ints = 0, n_floats = 0, n_small = 0;
  for (guint i = 0; i < node->n_args; i++)
    if (node->args[i]->type.kind == PL_FLOAT)
      n_floats++;
    else if (node->args[i]->type.kind == PL_INT)
      *(is_small_int (node->args[i]) ? &n_small : &n_ints) += 1;
  return n_ints > 0 && n_floats > 0 && n_ints + n_small + n_floats == node->n_args;
}

/* Whether the items of @node, a list, are all known and so many that they are looked up, as values of one type. */
static gboolean
is_looked_up (const PlExpression *node)
{
  for (guint i = 1; i < node->n_args; i++)
    if (node->args[i]->kind != PL_NODE_LITERAL)
      return FALSE;
  return node->n_args > PL_SET_MIN_ITEMS;
}

static gboolean
check_compared (PlCheck *check, PlExpression *node)
{
  PlType common;
  node->type = PL_TYPE (PL_BOOL);
  if ((node->kind != PL_NODE_IN || !is_looked_up (node)) && has_ints_and_floats (node))
    return TRUE;
  return pl_check_read_times (check, node->args, node->n_args)
         && pl_check_unify (check, node, "compare", node->args, node->n_args, &common);
}

static gboolean
check_in (PlCheck *check, PlExpression *node)
{
  if (!check_compared (check, node))
    return FALSE;
  if (is_looked_up (node) && node->args[0]->type.kind != PL_NULL)
    node->set = pl_set_new (node->args + 1, node->n_args - 1);
  return TRUE;
}

static gboolean
check_concat (PlCheck *check, PlExpression *node)
{
  node->type = PL_TYPE (PL_STRING);
  node->guarded = TRUE;
  return pl_check_cast (check, &node->args[0], node->type, TRUE)
         && pl_check_cast (check, &node->args[1], node->type, TRUE);
}

static gboolean
check_like (PlCheck *check, PlExpression *node)
{
  node->type = PL_TYPE (PL_BOOL);
  node->guarded = TRUE;
  for (guint i = 0; i < node->n_args; i++)
    if (!pl_check_string (check, &node->args[i], "like"))
      return FALSE;
  return TRUE;
}

/* The results of a case stand at every second place, and the last. */
static gboolean
check_case (PlCheck *check, PlExpression *node)
{
  guint first = node->has_subject, n = node->n_args;
  PlType common;
  g_autofree PlExpression **group = g_new (PlExpression *, n);
  guint n_group = 0;
  for (guint i = first; i + 1 < n; i += 2)
    if (!node->has_subject && !pl_check_bool (check, &node->args[i], node->name != NULL ? "if" : "when"))
      return FALSE;
  if (node->has_subject)
    {
      group[n_group++] = node->args[0];
      for (guint i = 1; i + 1 < n; i += 2)
        group[n_group++] = node->args[i];
      gboolean good = pl_check_read_times (check, group, n_group)
                      && pl_check_unify (check, node, "compare", group, n_group, &common);
      node->args[0] = group[0];
      for (guint i = 1, g = 1; i + 1 < n; i += 2)
        node->args[i] = group[g++];
      if (!good)
        return FALSE;
    }
  n_group = 0;
  for (guint i = first + 1; i + 1 < n; i += 2)
    group[n_group++] = node->args[i];
  group[n_group++] = node->args[n - 1];
  gboolean good = pl_check_read_times (check, group, n_group)
                  && pl_check_unify (check, node, "give", group, n_group, &node->type);
  guint g = 0;
  for (guint i = first + 1; i + 1 < n; i += 2)
    node->args[i] = group[g++];
  node->args[n - 1] = group[g];
  node->guarded = TRUE;
  return good;
}

/* What does what a cast that there is not was meant for, behind "; ", or nothing. */
static const char *
advice_on_cast (PlType from, PlType to)
{
  if (pl_type_is_numeric (from) && to.kind == PL_TIMESTAMP)
    return from.kind == PL_INT ? "; date_add('second', x, '1970-01-01') takes it for seconds since 1970, "
                                 "strptime(cast(x as string), '%Y%m%d') for the digits of a date"
                               : "; date_add('second', cast(x as int), '1970-01-01') takes it for seconds since 1970";
  if (pl_type_is_numeric (from) && to.kind == PL_DATE)
    return from.kind == PL_INT ? "; date_add('day', x, cast('1970-01-01' as date)) takes it for days since 1970, "
                                 "strptime(cast(x as string), '%Y%m%d') for the digits of a date"
                               : "; date_add('day', cast(x as int), cast('1970-01-01' as date)) takes it for days "
                                 "since 1970";
  if (from.kind == PL_TIMESTAMP && pl_type_is_numeric (to))
    return "; date_diff('second', '1970-01-01', x) is its seconds since 1970, year(x) and others are its parts";
  if (from.kind == PL_DATE && pl_type_is_numeric (to))
    return "; date_diff('day', '1970-01-01', x) is its days since 1970, year(x) and others are its parts";
  return "";
}

static gboolean
check_cast (PlCheck *check, PlExpression *node)
{
  gboolean lossless;
  PlType from = node->args[0]->type;
  node->type = node->target;
  if (!pl_cast_exists (from, node->target, &lossless))
    return pl_check_fail (check, node, "cannot cast %s to %s%s", pl_type_name (from), pl_type_name (node->target),
                          advice_on_cast (from, node->target));
  node->guarded = !lossless && !node->try_cast;
  return TRUE;
}

static gboolean
find_function (PlCheck *check, PlExpression *node)
{
  node->function = check->functions->find (node->name);
  if (node->function != NULL)
    return TRUE;
  const char *advice = pl_words_advice (node->name), *nearest = pl_suggest (node->name, check->functions->names ());
  check->offset = node->offset;
  if (advice != NULL)
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown function '%s'; %s", node->name,
                 advice);
  else if (nearest != NULL)
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown function '%s'; did you mean '%s'?",
                 node->name, nearest);
  else
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown function '%s'; %s", node->name,
                 check->functions->hint);
  return FALSE;
}

/* Whether where the type of an argument comes from says why it is not @wanted: it is text, or that is, or it is numbers
 * where dates are. */
static gboolean
explains (PlType type, PlType wanted)
{
  const gboolean wants_time = wanted.kind == PL_DATE || wanted.kind == PL_TIMESTAMP;
  return (type.kind == PL_STRING) != (wanted.kind == PL_STRING) || (wants_time && pl_type_is_numeric (type));
}

/* Adds to what a function says of its arguments, which should be of @types, where the type of one comes from: of one
 * that is text before others. */
static void
explain_arguments (PlCheck *check, const PlExpression *node, const PlType *types)
{
  for (guint k = 0; k < 2 * node->n_args && g_error_matches (*check->error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE); k++)
    {
      const guint i = k % node->n_args;
      const PlType type = node->args[i]->type;
      const gboolean is_text = type.kind == PL_STRING;
      if (is_text != (k < node->n_args) || !explains (type, types[i])
          || pl_expression_origin (node->args[i]).teller == NULL)
        continue;
      g_auto (GStrv) parts = g_strsplit ((*check->error)->message, "; ", 2);
      /* No number is cast to a time. */
      const char *instead = advice_on_cast (type, types[i]);
      GError *told = pl_type_origin_error (pl_expression_origin (node->args[i]), (PlTypeKind) types[i].kind, parts[0],
                                           *instead != '\0' ? instead + strlen ("; ") : parts[1]);
      g_clear_error (check->error);
      g_propagate_error (check->error, told);
      return;
    }
}

static gboolean
check_call (PlCheck *check, PlExpression *node)
{
  const PlFunction *function = node->function;
  if (node->star || node->distinct || node->filter != NULL)
    return pl_check_fail (check, node, "%s is no aggregate: it takes no *, distinct or filter; call it as %s",
                          node->name, function->signature);
  gboolean open = function->max_args == 0 && function->min_args > 0;
  if (node->n_args < function->min_args || (!open && node->n_args > function->max_args))
    return pl_check_fail (check, node, "%s cannot take %u argument%s; call it as %s", node->name, node->n_args,
                          node->n_args == 1 ? "" : "s", function->signature);
  g_autofree PlType *types = g_new0 (PlType, node->n_args + 1);
  g_autofree const PlColumn **constants = g_new0 (const PlColumn *, node->n_args + 1);
  /* Elsewhere a text beside a date is a unit, a format, or a text. */
  if (function->one_type && !pl_check_read_times (check, node->args, node->n_args))
    return FALSE;
  for (guint i = 0; i < node->n_args; i++)
    {
      types[i] = node->args[i]->type;
      constants[i] = pl_expression_constant (node->args[i]);
    }
  check->offset = node->offset;
  if (!function->bind (function, types, constants, node->n_args, &node->type, &node->variant, check->error))
    {
      explain_arguments (check, node, types);
      return FALSE;
    }
  for (guint i = 0; i < node->n_args; i++)
    if (!pl_check_cast (check, &node->args[i], types[i], TRUE))
      return FALSE;
  node->guarded = TRUE;
  return TRUE;
}

static gboolean
check_kind (PlCheck *check, PlExpression *node)
{
  switch (node->kind)
    {
    case PL_NODE_LITERAL:
      return TRUE;
    case PL_NODE_COLUMN:
      return check_column (check, node);
    case PL_NODE_NEGATE:
      return pl_check_negate (check, node);
    case PL_NODE_NOT:
      node->type = PL_TYPE (PL_BOOL);
      return pl_check_bool (check, &node->args[0], "not");
    case PL_NODE_AND:
    case PL_NODE_OR:
      node->type = PL_TYPE (PL_BOOL);
      return pl_check_bool (check, &node->args[0], node->kind == PL_NODE_AND ? "and" : "or")
             && pl_check_bool (check, &node->args[1], node->kind == PL_NODE_AND ? "and" : "or");
    case PL_NODE_ARITHMETIC:
      return pl_check_arithmetic (check, node);
    case PL_NODE_CONCAT:
      return check_concat (check, node);
    case PL_NODE_IN:
      return check_in (check, node);
    case PL_NODE_COMPARE:
    case PL_NODE_BETWEEN:
      return check_compared (check, node);
    case PL_NODE_LIKE:
      return check_like (check, node);
    case PL_NODE_IS_NULL:
      node->type = PL_TYPE (PL_BOOL);
      return TRUE;
    case PL_NODE_CASE:
      return check_case (check, node);
    case PL_NODE_COALESCE:
      node->guarded = TRUE;
      return pl_check_read_times (check, node->args, node->n_args)
             && pl_check_unify (check, node, "give", node->args, node->n_args, &node->type);
    case PL_NODE_CAST:
      return check_cast (check, node);
    case PL_NODE_CALL:
      return check_call (check, node);
    }
  g_assert_not_reached ();
}

static gboolean
check_node (PlCheck *check, PlExpression *node)
{
  /* A misspelt function says more than what it makes of its arguments: those of an aggregate are other columns. */
  if (node->kind == PL_NODE_CALL && !find_function (check, node))
    return FALSE;
  for (guint i = 0; i < node->n_args; i++)
    if (!check_node (check, node->args[i]))
      return FALSE;
  if (!check_kind (check, node))
    return FALSE;
  for (guint i = 0; i < node->n_args; i++)
    node->guarded |= node->args[i]->guarded;
  node->checked = TRUE;
  return pl_check_fold (check, node);
}

gboolean
pl_expression_check (PlExpression *expression, PlSchema *schema, const PlFunctionTable *functions, guint *offset,
                     GError **error)
{
  GError *local_error = NULL;
  PlCheck check = {.schema = schema, .functions = functions, .error = &local_error};
  g_assert (!expression->checked);
  if (check_node (&check, expression))
    return TRUE;
  if (offset != NULL)
    *offset = check.offset;
  g_propagate_error (error, local_error);
  return FALSE;
}

gboolean
pl_expression_cast (PlExpression **expression, PlType type, GError **error)
{
  GError *local_error = NULL;
  PlCheck check = {.error = &local_error};
  gboolean lossless;
  if (!pl_cast_exists ((*expression)->type, type, &lossless))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "cannot cast %s to %s", pl_type_name ((*expression)->type),
                   pl_type_name (type));
      return FALSE;
    }
  const gboolean may_round = pl_cast_may_round ((*expression)->type, type);
  if (!pl_check_cast (&check, expression, type, lossless && !may_round))
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }
  (*expression)->exact = TRUE;
  (*expression)->guarded |= may_round;
  return TRUE;
}
