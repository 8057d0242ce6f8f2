/* Resolves names, settles types, inserts casts, folds constants: bottom up, in place.
 *
 * Both operands of an operator are brought to one type by casts in the tree, so that kernels only know columns of equal
 * types. A node whose arguments are all literals becomes a literal itself, its mistakes reported here and not at the
 * first row. `guarded` marks what must not be evaluated for rows that do not reach it. */
#include "check.h"
#include <string.h>

#include "../base/show.h"
#include "../base/suggest.h"
#include "evaluate.h"
#include "member.h"
#include "text.h"
#include "../base/error.h"

/* Longest part of a text shown in a message. */
#define SHOWN_BYTES 64

typedef struct
{
  PlSchema *schema;
  const PlFunctionTable *functions;
  guint offset;
  GError **error;
} Check;

static gboolean fail_at (Check *check, const PlExpression *node, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail_at (Check *check, const PlExpression *node, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  check->offset = node->offset;
  g_set_error_literal (check->error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, message);
  return FALSE;
}

static gboolean
fold (Check *check, PlExpression *node)
{
  if (node->n_args == 0)
    return TRUE;
  for (guint i = 0; i < node->n_args; i++)
    if (node->args[i]->kind != PL_NODE_LITERAL)
      return TRUE;
  g_autoptr (PlArena) arena = pl_arena_new ();
  PlColumn *value = pl_evaluate_constant (node, arena, check->error);
  if (value == NULL)
    {
      check->offset = node->offset;
      return FALSE;
    }
  pl_node_set_constant (node, value);
  return TRUE;
}

/* Wraps @slot into a cast to @type, unless it is of that type. */
static gboolean
coerce (Check *check, PlExpression **slot, PlType type, gboolean implicit)
{
  PlExpression *inner = *slot;
  gboolean lossless;
  if (pl_type_equal (inner->type, type))
    return TRUE;
  g_assert (pl_cast_exists (inner->type, type, &lossless));
  PlExpression *node = pl_node_new (PL_NODE_CAST, inner->offset);
  pl_node_add (node, inner);
  node->implicit = implicit;
  node->target = node->type = type;
  node->guarded = inner->guarded || !lossless;
  node->checked = TRUE;
  *slot = node;
  return fold (check, node);
}

static gboolean
is_time (PlType type)
{
  return type.kind == PL_DATE || type.kind == PL_TIMESTAMP;
}

/* A text written beside a date or timestamp stands for one. */
static gboolean
read_time (Check *check, PlExpression *literal, PlType beside)
{
  if (literal->kind != PL_NODE_LITERAL || literal->type.kind != PL_STRING || literal->is_null || !is_time (beside))
    return TRUE;
  g_autoptr (PlArena) arena = pl_arena_new ();
  gsize failed = PL_NO_ROW;
  PlColumn *value = pl_kernel_cast (&literal->constant, beside, FALSE, 1, arena, &failed);
  if (failed != PL_NO_ROW && beside.kind == PL_DATE)
    value = pl_kernel_cast (&literal->constant, PL_TYPE (PL_TIMESTAMP), FALSE, 1, arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *shown = pl_show_some (literal->text_value.data, literal->text_value.length, SHOWN_BYTES);
      return fail_at (check, literal, "cannot read '%s' as a %s; write it as '2024-01-31'%s", shown,
                      pl_type_name (beside), beside.kind == PL_TIMESTAMP ? " or '2024-01-31 12:30:00'" : "");
    }
  pl_node_set_constant (literal, value);
  return TRUE;
}

/* Each text is read as the first date or timestamp among @args, which a text in front of it becomes. */
static gboolean
read_times (Check *check, PlExpression **args, guint n)
{
  guint first = 0;
  while (first < n && !is_time (args[first]->type))
    first++;
  for (guint i = 0; i < n && first < n; i++)
    {
      if (!read_time (check, args[i], args[first]->type))
        return FALSE;
      if (i < first && is_time (args[i]->type))
        first = i;
    }
  return TRUE;
}

/* What to write instead, when a text stands beside a number: its digits without quotes, or a cast. */
static gboolean
fail_types (Check *check, const PlExpression *node, const char *verb, const PlExpression *a, const PlExpression *b)
{
  const PlExpression *text = b->type.kind == PL_STRING ? b : a, *other = text == b ? a : b;
  g_autofree char *other_text = pl_expression_text (other), *text_text = pl_expression_text (text);
  double number;
  char *end = NULL;
  if (text->kind == PL_NODE_LITERAL && text->type.kind == PL_STRING && text->text_value.length > 0
      && pl_type_is_numeric (other->type) && (number = g_ascii_strtod (text->string, &end), *end == '\0')
      && number == number)
    return fail_at (check, node, "cannot %s %s with %s; write %s without quotes, or cast one side: cast(%s as string)",
                    verb, pl_type_name (a->type), pl_type_name (b->type), text->string, other_text);
  return fail_at (check, node, "cannot %s %s with %s; cast one side, as in cast(%s as %s)", verb,
                  pl_type_name (a->type), pl_type_name (b->type), text_text, pl_type_name (other->type));
}

/* Brings all of @args to the one type they meet in. */
static gboolean
unify (Check *check, const PlExpression *node, const char *verb, PlExpression **args, guint n, PlType *common)
{
  PlExpression *widest = args[0];
  *common = args[0]->type;
  for (guint i = 1; i < n; i++)
    {
      PlType type;
      if (!pl_type_promote (*common, args[i]->type, &type))
        return fail_types (check, node, verb, widest, args[i]);
      if (!pl_type_equal (type, *common))
        widest = args[i];
      *common = type;
    }
  for (guint i = 0; i < n; i++)
    if (!coerce (check, &args[i], *common, TRUE))
      return FALSE;
  return TRUE;
}

static gboolean
require_bool (Check *check, PlExpression **slot, const char *where)
{
  if ((*slot)->type.kind == PL_NULL)
    return coerce (check, slot, PL_TYPE (PL_BOOL), TRUE);
  if ((*slot)->type.kind == PL_BOOL)
    return TRUE;
  g_autofree char *text = pl_expression_text (*slot);
  return fail_at (check, *slot, "%s needs a condition, and %s is %s; compare it, as in %s %s", where, text,
                  pl_type_name ((*slot)->type), text, pl_type_is_numeric ((*slot)->type) ? "!= 0" : "is not null");
}

static gboolean
require_string (Check *check, PlExpression **slot, const char *where)
{
  if ((*slot)->type.kind == PL_STRING)
    return TRUE;
  if ((*slot)->type.kind == PL_NULL)
    return coerce (check, slot, PL_TYPE (PL_STRING), TRUE);
  g_autofree char *text = pl_expression_text (*slot);
  return fail_at (check, *slot, "%s needs a string, and %s is %s; cast it: cast(%s as string)", where, text,
                  pl_type_name ((*slot)->type), text);
}

static gboolean
check_column (Check *check, PlExpression *node)
{
  node->field = pl_schema_find (check->schema, node->name);
  if (node->field >= 0)
    {
      node->type = check->schema->fields[node->field].type;
      return TRUE;
    }
  g_autofree const char **names = pl_schema_names (check->schema);
  const char *nearest = pl_suggest (node->name, names);
  check->offset = node->offset;
  if (nearest != NULL)
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown column '%s'; did you mean '%s'?",
                 node->name, nearest);
  else if (node->quoted)
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME,
                 "unknown column \"%s\"; if it is meant as text, use single quotes for text: '%s'", node->name,
                 node->name);
  else
    {
      g_autofree char *all = g_strjoinv (", ", (char **) names);
      g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown column '%s'; there %s %s",
                   node->name, check->schema->n_fields == 1 ? "is" : "are",
                   check->schema->n_fields == 0   ? "no columns"
                   : check->schema->n_fields > 20 ? "more than 20, none of a name near it"
                                                  : all);
    }
  return FALSE;
}

static gboolean
check_times (Check *check, PlExpression *node, gboolean *done)
{
  PlExpression **a = &node->args[0], **b = &node->args[1];
  gboolean minus = node->operation == PL_OP_SUBTRACT;
  *done = TRUE;
  if (!minus && node->operation != PL_OP_ADD)
    {
      *done = FALSE;
      return TRUE;
    }
  if (minus && !read_times (check, node->args, 2))
    return FALSE;
  if (minus && (*a)->type.kind == PL_DATE && (*b)->type.kind == PL_DATE)
    {
      node->type = PL_TYPE (PL_INT);
      return TRUE;
    }
  if (minus && is_time ((*a)->type) && is_time ((*b)->type))
    {
      PlType common;
      node->type = PL_TYPE (PL_FLOAT);
      return unify (check, node, "subtract", node->args, 2, &common);
    }
  if (!minus && (*b)->type.kind == PL_DATE)
    {
      PlExpression *left = *a;
      *a = *b;
      *b = left;
    }
  if ((*a)->type.kind == PL_DATE && ((*b)->type.kind == PL_INT || (*b)->type.kind == PL_NULL))
    {
      node->type = PL_TYPE (PL_DATE);
      node->guarded = TRUE;
      return coerce (check, b, PL_TYPE (PL_INT), TRUE);
    }
  *done = FALSE;
  return TRUE;
}

static gboolean
check_decimals (Check *check, PlExpression *node)
{
  PlType a = node->args[0]->type, b = node->args[1]->type;
  a = a.kind == PL_INT ? PL_TYPE_DECIMAL (19, 0) : a;
  b = b.kind == PL_INT ? PL_TYPE_DECIMAL (19, 0) : b;
  guint scale = MAX (a.scale, b.scale);
  guint whole = (guint) MAX (a.precision - a.scale, b.precision - b.scale);
  node->guarded = TRUE;
  if (node->operation == PL_OP_MULTIPLY)
    {
      if (a.scale + b.scale > 38)
        return fail_at (check, node, "%s * %s has more than 38 digits behind the point; cast one side to float",
                        pl_type_name (a), pl_type_name (b));
      node->type = PL_TYPE_DECIMAL ((guint8) MIN (38, a.precision + b.precision), (guint8) (a.scale + b.scale));
      return coerce (check, &node->args[0], a, TRUE) && coerce (check, &node->args[1], b, TRUE);
    }
  PlType common = PL_TYPE_DECIMAL ((guint8) MIN (38, whole + scale), (guint8) scale);
  node->type = node->operation == PL_OP_FLOOR_DIVIDE ? PL_TYPE_DECIMAL (38, 0)
               : node->operation == PL_OP_MODULO
                   ? common
                   : PL_TYPE_DECIMAL ((guint8) MIN (38, whole + scale + 1), (guint8) scale);
  return coerce (check, &node->args[0], common, TRUE) && coerce (check, &node->args[1], common, TRUE);
}

static gboolean
check_arithmetic (Check *check, PlExpression *node)
{
  gboolean done = FALSE;
  PlExpression **args = node->args;
  if ((is_time (args[0]->type) || is_time (args[1]->type)) && !check_times (check, node, &done))
    return FALSE;
  if (done)
    return TRUE;
  for (guint i = 0; i < 2; i++)
    {
      if (args[i]->type.kind == PL_NULL
          && !coerce (check, &args[i], pl_type_is_numeric (args[1 - i]->type) ? args[1 - i]->type : PL_TYPE (PL_INT),
                      TRUE))
        return FALSE;
    }
  PlType a = args[0]->type, b = args[1]->type;
  if (!pl_type_is_numeric (a) || !pl_type_is_numeric (b))
    return fail_at (check, node, "cannot apply %s to %s and %s; %s", pl_operator_text (node->operation),
                    pl_type_name (a), pl_type_name (b),
                    is_time (a) || is_time (b) ? "dates take + and - with whole days"
                    : node->operation == PL_OP_ADD && (a.kind == PL_STRING || b.kind == PL_STRING)
                        ? "join texts with ||, or cast to a number"
                        : "cast to a number first, as in cast(x as float)");
  if (a.kind == PL_FLOAT || b.kind == PL_FLOAT || node->operation == PL_OP_DIVIDE || node->operation == PL_OP_POWER)
    {
      node->type = PL_TYPE (PL_FLOAT);
      return coerce (check, &args[0], node->type, TRUE) && coerce (check, &args[1], node->type, TRUE);
    }
  if (a.kind == PL_DECIMAL || b.kind == PL_DECIMAL)
    return check_decimals (check, node);
  node->type = PL_TYPE (PL_INT);
  node->guarded = node->operation != PL_OP_MODULO;
  return TRUE;
}

static gboolean
check_negate (Check *check, PlExpression *node)
{
  if (node->args[0]->type.kind == PL_NULL && !coerce (check, &node->args[0], PL_TYPE (PL_INT), TRUE))
    return FALSE;
  node->type = node->args[0]->type;
  node->guarded = node->type.kind == PL_INT;
  return pl_type_is_numeric (node->type)
         || fail_at (check, node, "cannot negate %s; only numbers have a minus", pl_type_name (node->type));
}

static gboolean
check_compared (Check *check, PlExpression *node)
{
  PlType common;
  node->type = PL_TYPE (PL_BOOL);
  return read_times (check, node->args, node->n_args)
         && unify (check, node, "compare", node->args, node->n_args, &common);
}

static gboolean
check_in (Check *check, PlExpression *node)
{
  if (!check_compared (check, node))
    return FALSE;
  for (guint i = 1; i < node->n_args; i++)
    if (node->args[i]->kind != PL_NODE_LITERAL)
      return TRUE;
  if (node->n_args > PL_SET_MIN_ITEMS && node->args[0]->type.kind != PL_NULL)
    node->set = pl_set_new (node->args + 1, node->n_args - 1);
  return TRUE;
}

static gboolean
check_concat (Check *check, PlExpression *node)
{
  node->type = PL_TYPE (PL_STRING);
  node->guarded = TRUE;
  return coerce (check, &node->args[0], node->type, TRUE) && coerce (check, &node->args[1], node->type, TRUE);
}

static gboolean
check_like (Check *check, PlExpression *node)
{
  node->type = PL_TYPE (PL_BOOL);
  node->guarded = TRUE;
  for (guint i = 0; i < node->n_args; i++)
    if (!require_string (check, &node->args[i], "like"))
      return FALSE;
  return TRUE;
}

/* The results of a case stand at every second place, and the last. */
static gboolean
check_case (Check *check, PlExpression *node)
{
  guint first = node->has_subject, n = node->n_args;
  PlType common;
  g_autofree PlExpression **group = g_new (PlExpression *, n);
  guint n_group = 0;
  for (guint i = first; i + 1 < n; i += 2)
    if (!node->has_subject && !require_bool (check, &node->args[i], node->name != NULL ? "if" : "when"))
      return FALSE;
  if (node->has_subject)
    {
      group[n_group++] = node->args[0];
      for (guint i = 1; i + 1 < n; i += 2)
        group[n_group++] = node->args[i];
      gboolean good = read_times (check, group, n_group) && unify (check, node, "compare", group, n_group, &common);
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
  gboolean good = read_times (check, group, n_group) && unify (check, node, "give", group, n_group, &node->type);
  guint g = 0;
  for (guint i = first + 1; i + 1 < n; i += 2)
    node->args[i] = group[g++];
  node->args[n - 1] = group[g];
  node->guarded = TRUE;
  return good;
}

static gboolean
check_cast (Check *check, PlExpression *node)
{
  gboolean lossless;
  PlType from = node->args[0]->type;
  node->type = node->target;
  if (!pl_cast_exists (from, node->target, &lossless))
    return fail_at (check, node, "cannot cast %s to %s; cast it to string first, or use a function such as year(x)",
                    pl_type_name (from), pl_type_name (node->target));
  node->guarded = !lossless && !node->try_cast;
  return TRUE;
}

static gboolean
find_function (Check *check, PlExpression *node)
{
  node->function = check->functions->find (node->name);
  if (node->function != NULL)
    return TRUE;
  const char *nearest = pl_suggest (node->name, check->functions->names ());
  check->offset = node->offset;
  if (nearest != NULL)
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown function '%s'; did you mean '%s'?",
                 node->name, nearest);
  else
    g_set_error (check->error, PL_JOB_ERROR, PL_JOB_ERROR_UNKNOWN_NAME, "unknown function '%s'; %s", node->name,
                 check->functions->hint);
  return FALSE;
}

static gboolean
check_call (Check *check, PlExpression *node)
{
  const PlFunction *function = node->function;
  if (node->star || node->distinct || node->filter != NULL)
    return fail_at (check, node, "%s is no aggregate: it takes no *, distinct or filter; call it as %s", node->name,
                    function->signature);
  gboolean open = function->max_args == 0 && function->min_args > 0;
  if (node->n_args < function->min_args || (!open && node->n_args > function->max_args))
    return fail_at (check, node, "%s cannot take %u argument%s; call it as %s", node->name, node->n_args,
                    node->n_args == 1 ? "" : "s", function->signature);
  g_autofree PlType *types = g_new0 (PlType, node->n_args + 1);
  g_autofree const PlColumn **constants = g_new0 (const PlColumn *, node->n_args + 1);
  /* Elsewhere a text beside a date is a unit, a format, or a text. */
  if (function->one_type && !read_times (check, node->args, node->n_args))
    return FALSE;
  for (guint i = 0; i < node->n_args; i++)
    {
      types[i] = node->args[i]->type;
      constants[i] = pl_expression_constant (node->args[i]);
    }
  check->offset = node->offset;
  if (!function->bind (function, types, constants, node->n_args, &node->type, &node->variant, check->error))
    return FALSE;
  for (guint i = 0; i < node->n_args; i++)
    if (!coerce (check, &node->args[i], types[i], TRUE))
      return FALSE;
  node->guarded = TRUE;
  return TRUE;
}

static gboolean
check_kind (Check *check, PlExpression *node)
{
  switch (node->kind)
    {
    case PL_NODE_LITERAL:
      return TRUE;
    case PL_NODE_COLUMN:
      return check_column (check, node);
    case PL_NODE_NEGATE:
      return check_negate (check, node);
    case PL_NODE_NOT:
      node->type = PL_TYPE (PL_BOOL);
      return require_bool (check, &node->args[0], "not");
    case PL_NODE_AND:
    case PL_NODE_OR:
      node->type = PL_TYPE (PL_BOOL);
      return require_bool (check, &node->args[0], node->kind == PL_NODE_AND ? "and" : "or")
             && require_bool (check, &node->args[1], node->kind == PL_NODE_AND ? "and" : "or");
    case PL_NODE_ARITHMETIC:
      return check_arithmetic (check, node);
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
      return read_times (check, node->args, node->n_args)
             && unify (check, node, "give", node->args, node->n_args, &node->type);
    case PL_NODE_CAST:
      return check_cast (check, node);
    case PL_NODE_CALL:
      return check_call (check, node);
    }
  g_assert_not_reached ();
}

static gboolean
check_node (Check *check, PlExpression *node)
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
  return fold (check, node);
}

gboolean
pl_expression_check (PlExpression *expression, PlSchema *schema, const PlFunctionTable *functions, guint *offset,
                     GError **error)
{
  GError *local_error = NULL;
  Check check = {.schema = schema, .functions = functions, .error = &local_error};
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
  Check check = {.error = &local_error};
  gboolean lossless;
  if (!pl_cast_exists ((*expression)->type, type, &lossless))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "cannot cast %s to %s", pl_type_name ((*expression)->type),
                   pl_type_name (type));
      return FALSE;
    }
  if (coerce (&check, expression, type, lossless))
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}
