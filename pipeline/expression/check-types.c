/* Casts are nodes of the tree; of literals they are folded at once. */
#include "check-types.h"
#include <stdarg.h>

#include "../base/error.h"
#include "../base/show.h"
#include "../table/parse.h"
#include "evaluate.h"
#include "text.h"

/* Longest part of a text shown in a message. */
#define SHOWN_BYTES 64

gboolean
pl_check_fail (PlCheck *check, const PlExpression *node, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  check->offset = node->offset;
  g_set_error_literal (check->error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, message);
  return FALSE;
}

gboolean
pl_check_fail_type (PlCheck *check, const PlExpression *node, const PlExpression *operand, PlTypeKind wanted,
                    const char *advice, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  PlTypeOrigin origin = operand != NULL ? pl_expression_origin (operand) : (PlTypeOrigin){0};
  check->offset = node->offset;
  g_propagate_error (check->error, pl_type_origin_error (origin, wanted, message, advice));
  return FALSE;
}

gboolean
pl_check_fold (PlCheck *check, PlExpression *node)
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

/* Of a text that stands for a timestamp nothing is cut off without a word: no row would be equal to it. */
static gboolean
refuse_fine (PlCheck *check, const PlExpression *literal)
{
  g_autofree char *shown = pl_show_some (literal->text_value.data, literal->text_value.length, SHOWN_BYTES);
  return pl_check_fail (check, literal,
                        "'%s' is finer than a timestamp, which has microseconds; write six decimals at most", shown);
}

static gboolean
is_fine_literal (const PlExpression *node)
{
  return node->kind == PL_NODE_LITERAL && node->type.kind == PL_STRING && !node->is_null
         && pl_timestamp_is_fine (node->text_value.data, node->text_value.length);
}

/* Wraps @slot into a cast to @type, unless it is of that type. */
gboolean
pl_check_cast (PlCheck *check, PlExpression **slot, PlType type, gboolean implicit)
{
  PlExpression *inner = *slot;
  gboolean lossless;
  if (pl_type_equal (inner->type, type))
    return TRUE;
  if (implicit && type.kind == PL_TIMESTAMP && is_fine_literal (inner))
    return refuse_fine (check, inner);
  g_assert (pl_cast_exists (inner->type, type, &lossless));
  PlExpression *node = pl_node_new (PL_NODE_CAST, inner->offset);
  pl_node_add (node, inner);
  node->implicit = implicit;
  node->target = node->type = type;
  node->guarded = inner->guarded || !lossless;
  node->checked = TRUE;
  *slot = node;
  return pl_check_fold (check, node);
}

/* A text written beside @beside, a date or timestamp, stands for one. */
static gboolean
read_time (PlCheck *check, PlExpression *literal, const PlExpression *beside)
{
  const PlType type = beside->type;
  if (literal->kind != PL_NODE_LITERAL || literal->type.kind != PL_STRING || literal->is_null
      || !pl_check_is_time (type))
    return TRUE;
  g_autoptr (PlArena) arena = pl_arena_new ();
  gsize failed = PL_NO_ROW;
  PlColumn *value = pl_kernel_cast (&literal->constant, type, FALSE, 1, arena, &failed);
  if (failed != PL_NO_ROW && type.kind == PL_DATE)
    value = pl_kernel_cast (&literal->constant, PL_TYPE (PL_TIMESTAMP), FALSE, 1, arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *shown = pl_show_some (literal->text_value.data, literal->text_value.length, SHOWN_BYTES);
      return pl_check_fail_type (check, literal, beside, PL_STRING,
                                 type.kind == PL_TIMESTAMP ? "write it as '2024-01-31' or '2024-01-31 12:30:00'"
                                                           : "write it as '2024-01-31'",
                                 "cannot read '%s' as a %s", shown, pl_type_name (type));
    }
  if (is_fine_literal (literal))
    return refuse_fine (check, literal);
  pl_node_set_constant (literal, value);
  return TRUE;
}

/* Each text is read as the first date or timestamp among @args, which a text in front of it becomes. */
gboolean
pl_check_read_times (PlCheck *check, PlExpression **args, guint n)
{
  guint first = 0;
  while (first < n && !pl_check_is_time (args[first]->type))
    first++;
  for (guint i = 0; i < n && first < n; i++)
    {
      if (!read_time (check, args[i], args[first]))
        return FALSE;
      if (i < first && pl_check_is_time (args[i]->type))
        first = i;
    }
  return TRUE;
}

/* What to write instead, when @text, a literal, stands beside a number: its digits without quotes. */
static char *
digits_advice (const PlExpression *text, const PlExpression *other)
{
  double number;
  char *end = NULL;
  if (text->kind != PL_NODE_LITERAL || text->type.kind != PL_STRING || text->text_value.length == 0
      || !pl_type_is_numeric (other->type))
    return NULL;
  number = g_ascii_strtod (text->string, &end);
  if (*end != '\0' || number != number)
    return NULL;
  g_autofree char *other_text = pl_expression_text (other);
  return g_strdup_printf ("write %s without quotes, or cast one side: cast(%s as string)", text->string, other_text);
}

/* Says what cannot be brought together, and why, if that is known of one of both: the text, or else the other one,
 * which may be text on other days. */
static gboolean
fail_types (PlCheck *check, const PlExpression *node, const char *verb, const PlExpression *a, const PlExpression *b)
{
  const PlExpression *text = b->type.kind == PL_STRING ? b : a, *other = text == b ? a : b;
  const gboolean is_text = text->type.kind == PL_STRING;
  const gboolean is_told = is_text && pl_expression_origin (text).teller != NULL;
  const char *type = pl_type_name (other->type);
  g_autofree char *advice = digits_advice (text, other);
  if (advice == NULL)
    {
      /* Of a literal it is clear what it is. */
      const gboolean turns = is_text && text->kind == PL_NODE_LITERAL;
      g_autofree char *cast = pl_expression_text (turns ? other : text);
      advice = g_strdup_printf ("cast one side, as in cast(%s as %s)", cast, turns ? "string" : type);
    }
  const PlTypeKind wanted = (PlTypeKind) (is_told ? other : text)->type.kind;
  return pl_check_fail_type (check, node, is_told ? text : other, wanted, advice, "cannot %s %s with %s", verb,
                             pl_type_name (a->type), pl_type_name (b->type));
}

/* Brings all of @args to the one type they meet in. */
gboolean
pl_check_unify (PlCheck *check, const PlExpression *node, const char *verb, PlExpression **args, guint n,
                PlType *common)
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
    if (!pl_check_cast (check, &args[i], *common, TRUE))
      return FALSE;
  return TRUE;
}

gboolean
pl_check_bool (PlCheck *check, PlExpression **slot, const char *where)
{
  if ((*slot)->type.kind == PL_NULL)
    return pl_check_cast (check, slot, PL_TYPE (PL_BOOL), TRUE);
  if ((*slot)->type.kind == PL_BOOL)
    return TRUE;
  g_autofree char *text = pl_expression_text (*slot);
  g_autofree char *advice
      = g_strdup_printf ("compare it, as in %s %s", text, pl_type_is_numeric ((*slot)->type) ? "!= 0" : "is not null");
  return pl_check_fail_type (check, *slot, *slot, PL_BOOL, advice, "%s needs a condition, and %s is %s", where, text,
                             pl_type_name ((*slot)->type));
}

gboolean
pl_check_string (PlCheck *check, PlExpression **slot, const char *where)
{
  if ((*slot)->type.kind == PL_STRING)
    return TRUE;
  if ((*slot)->type.kind == PL_NULL)
    return pl_check_cast (check, slot, PL_TYPE (PL_STRING), TRUE);
  g_autofree char *text = pl_expression_text (*slot);
  g_autofree char *advice = g_strdup_printf ("cast it: cast(%s as string)", text);
  return pl_check_fail_type (check, *slot, *slot, PL_STRING, advice, "%s needs a string, and %s is %s", where, text,
                             pl_type_name ((*slot)->type));
}
