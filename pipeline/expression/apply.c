/* Kernels compute; here a row that fails gets its message, which shows the values that met. */
#include "apply.h"

#include <math.h>
#include <string.h>

#include "../base/error.h"
#include "../base/show.h"
#include "../table/calendar.h"
#include "../table/looks.h"
#include "../table/print.h"
#include "member.h"

/* Longest part of a value shown in a message. */
#define SHOWN_BYTES 60

/* A value as it is named in messages: texts in quotes, and cut. */
static char *
show (PlValue value, gsize row)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  PlColumn column = *value.column;
  column.lexical = NULL;
  gsize index = pl_value_row (value, row);
  if (pl_column_is_null (&column, index))
    return g_strdup ("null");
  pl_print_value (&buffer, &column, index);
  g_autofree char *shown = pl_show_some (buffer.data, buffer.length, SHOWN_BYTES);
  return column.type.kind == PL_STRING ? g_strconcat ("'", shown, "'", NULL) : g_steal_pointer (&shown);
}

/* Two scalars meet where a list or a range holds something else beside them. */
static PlColumn *
compare (PlOperator operation, PlValue a, PlValue b, PlFrame *frame)
{
  if (a.scalar && b.scalar)
    a = pl_value_of (pl_value_expand (a, frame->n, frame->arena));
  return pl_kernel_compare (operation, a, b, frame->n, frame->arena);
}

static PlValue
apply_in (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  PlValue value = args[0], found = {NULL, FALSE};
  if (node->set != NULL)
    found.column = pl_set_find (node->set, pl_value_expand (value, frame->n, frame->arena), frame->n, frame->arena);
  for (guint i = 1; i < node->n_args && node->set == NULL; i++)
    {
      PlColumn *equal = compare (PL_OP_EQUAL, value, args[i], frame);
      found = pl_value_of (
          found.column == NULL ? equal : pl_kernel_logic (FALSE, found, pl_value_of (equal), frame->n, frame->arena));
    }
  return node->negated ? pl_value_of (pl_kernel_not (found.column, frame->n, frame->arena)) : found;
}

static PlValue
apply_between (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  PlValue value = args[0];
  PlColumn *above = compare (PL_OP_GREATER_EQUAL, value, args[1], frame);
  PlColumn *below = compare (PL_OP_LESS_EQUAL, value, args[2], frame);
  PlColumn *inside = pl_kernel_logic (TRUE, pl_value_of (above), pl_value_of (below), frame->n, frame->arena);
  return pl_value_of (node->negated ? pl_kernel_not (inside, frame->n, frame->arena) : inside);
}

static PlValue
apply_is_null (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  PlValue value = args[0];
  PlColumn *out = pl_column_new (frame->arena, PL_TYPE (PL_BOOL), frame->n);
  const guint8 *nulls = value.scalar ? NULL : value.column->nulls;
  guint8 *restrict bools = out->bools, flip = node->negated != FALSE;
  if (nulls == NULL)
    memset (bools, (pl_value_is_null (value, 0) ? 1 : 0) ^ flip, frame->n);
  else
    for (gsize i = 0; i < frame->n; i++)
      bools[i] = nulls[i] ^ flip;
  return pl_value_of (out);
}

/* date ± days, date - date in days, timestamp - timestamp in seconds. */
static PlValue
apply_times (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  PlValue a = args[0], b = args[1];
  const PlColumn *x = pl_value_expand (a, frame->n, frame->arena), *y = pl_value_expand (b, frame->n, frame->arena);
  PlColumn *out = pl_column_new (frame->arena, node->type, frame->n);
  gsize failed = PL_NO_ROW;
  out->nulls = pl_nulls_or (pl_value_of ((PlColumn *) x), pl_value_of ((PlColumn *) y), frame->n, frame->arena);
  for (gsize i = 0; i < frame->n; i++)
    if (node->type.kind == PL_INT)
      out->ints[i] = (gint64) x->dates[i] - y->dates[i];
    else if (node->type.kind == PL_FLOAT)
      out->floats[i] = (double) (x->ints[i] - y->ints[i]) / 1e6;
    else
      {
        PlInt128 day
            = node->operation == PL_OP_ADD ? (PlInt128) x->dates[i] + y->ints[i] : (PlInt128) x->dates[i] - y->ints[i];
        gboolean good = day >= PL_DATE_MIN && day <= PL_DATE_MAX;
        out->dates[i] = good ? (gint32) day : 0;
        if (!good && failed == PL_NO_ROW && !(out->nulls != NULL && out->nulls[i]))
          failed = i;
      }
  if (failed != PL_NO_ROW)
    {
      g_autofree char *left = show (a, failed), *right = show (b, failed);
      pl_frame_fail (frame, failed,
                     g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "%s %s %s is outside the years 0001 to 9999",
                                  left, pl_operator_text (node->operation), right));
    }
  return pl_value_of (out);
}

static PlValue
apply_arithmetic (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  gsize failed;
  PlValue a = args[0], b = args[1];
  PlColumn *out = pl_kernel_arithmetic (node->operation, node->type, a, b, frame->n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *x = show (a, failed), *y = show (b, failed);
      pl_frame_fail (frame, failed,
                     g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW,
                                  "%s %s %s is beyond %s; cast one side to float", x,
                                  pl_operator_text (node->operation), y,
                                  node->type.kind == PL_INT ? "64-bit integers" : "the 38 digits of a decimal"));
    }
  return pl_value_of (out);
}

static PlValue
apply_negate (const PlValue *args, PlFrame *frame)
{
  gsize failed;
  PlValue a = args[0];
  PlColumn *out = pl_kernel_negate (pl_value_expand (a, frame->n, frame->arena), frame->n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *x = show (a, failed);
      pl_frame_fail (
          frame, failed,
          g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "-(%s) is beyond 64-bit integers; cast it to float", x));
    }
  return pl_value_of (out);
}

/* Whether the value of a row cannot be cast because the type has no room for it. */
static gboolean
is_beyond (PlValue value, gsize row, const PlExpression *node)
{
  const PlColumn *column = value.column;
  const gsize index = pl_value_row (value, row);
  if (column->type.kind == PL_STRING)
    return pl_looks_beyond (column->texts[index].data, column->texts[index].length, node->target);
  /* An exact cast refuses what would be cut, too. */
  return !node->exact && pl_type_is_numeric (column->type) && pl_type_is_numeric (node->target)
         && (column->type.kind != PL_FLOAT || isfinite (column->floats[index]));
}

/* What else than a cast takes the value of a row, or what to do where it fails. Returns: (transfer full) */
static char *
advise_cast (PlValue value, gsize row, const PlExpression *node)
{
  const PlColumn *column = value.column;
  const PlText *text = column->type.kind == PL_STRING ? &column->texts[pl_value_row (value, row)] : NULL;
  const gboolean is_time = node->target.kind == PL_DATE || node->target.kind == PL_TIMESTAMP;
  g_autofree char *format = is_time && text != NULL ? pl_looks_formats (text->data, text->length) : NULL;
  if (node->exact)
    return g_strdup ("in [derive], cast rounds, and try_cast gives null where it fails");
  if (format == NULL)
    return g_strdup ("try_cast gives null instead");
  return g_strdup_printf ("strptime with %s reads it, try_cast gives null instead", format);
}

static PlValue
apply_cast (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  gsize failed;
  PlValue a = args[0];
  gsize n = a.scalar ? 1 : frame->n;
  PlColumn *out = node->exact ? pl_kernel_cast_exact (a.column, node->target, n, frame->arena, &failed)
                              : pl_kernel_cast (a.column, node->target, node->try_cast, n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *x = show (a, failed), *advice = advise_cast (a, failed, node);
      pl_frame_fail (frame, failed,
                     g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "cannot cast %s to %s%s; %s", x,
                                  pl_type_name (node->target),
                                  is_beyond (a, failed, node) ? ": it is out of range" : "", advice));
    }
  return (PlValue){out, a.scalar};
}

static PlValue
apply_like (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  gsize failed;
  gboolean too_long;
  PlValue escape = {NULL, FALSE};
  PlValue text = args[0], pattern = args[1];
  if (node->n_args > 2)
    escape = args[2];
  PlColumn *out = pl_kernel_like (text, pattern, escape, frame->n, frame->arena, &failed, &too_long);
  if (failed != PL_NO_ROW && too_long)
    pl_frame_fail (frame, failed,
                   g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                                "a text of %u bytes like a pattern of %u takes too long; shorten one of them",
                                text.column->texts[pl_value_row (text, failed)].length,
                                pattern.column->texts[pl_value_row (pattern, failed)].length));
  else if (failed != PL_NO_ROW)
    {
      g_autofree char *x = show (escape, failed);
      pl_frame_fail (frame, failed,
                     g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                                  "the escape of like must be one ASCII character, not %s", x));
    }
  return pl_value_of (node->negated ? pl_kernel_not (out, frame->n, frame->arena) : out);
}

static PlValue
apply_concat (const PlValue *args, PlFrame *frame)
{
  gsize failed;
  PlValue a = args[0], b = args[1];
  PlColumn *out = pl_kernel_concat (a, b, frame->n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    pl_frame_fail (frame, failed,
                   g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "a text made by || is beyond 4 GiB"));
  return pl_value_of (out);
}

/* A function that failed has computed nothing from that row on. */
static void
forget_from (PlColumn *out, gsize first, PlFrame *frame)
{
  PlColumn *nothing = pl_column_null (frame->arena, out->type, frame->n - first);
  gsize width = pl_type_width (out->type);
  guint8 *nulls = pl_arena_alloc0 (frame->arena, frame->n);
  if (out->nulls != NULL)
    memcpy (nulls, out->nulls, first);
  memset (nulls + first, 1, frame->n - first);
  out->nulls = nulls;
  memcpy ((guint8 *) out->values + first * width, nothing->values, (frame->n - first) * width);
}

static PlValue
apply_call (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  PlColumn **columns = pl_arena_new_array (frame->arena, PlColumn *, node->n_args + 1);
  PlColumn *out = pl_column_new (frame->arena, node->type, frame->n);
  gsize failed = PL_NO_ROW;
  GError *error = NULL;
  if (!node->function->handles_nulls)
    out->nulls = pl_arena_alloc0 (frame->arena, frame->n);
  gboolean any = FALSE;
  for (guint i = 0; i < node->n_args; i++)
    {
      columns[i] = pl_value_expand (args[i], frame->n, frame->arena);
      if (columns[i]->nulls == NULL || node->function->handles_nulls)
        continue;
      any = TRUE;
      for (gsize r = 0; r < frame->n; r++)
        out->nulls[r] |= columns[i]->nulls[r];
    }
  if (!any)
    out->nulls = NULL;
  if (!node->function->evaluate (node->variant, columns, node->n_args, frame->n, out, frame->arena, &failed, &error))
    {
      pl_frame_fail (frame, failed, error);
      forget_from (out, failed, frame);
    }
  return pl_value_of (out);
}

PlValue
pl_apply (const PlExpression *node, const PlValue *args, PlFrame *frame)
{
  switch (node->kind)
    {
    case PL_NODE_NEGATE:
      return apply_negate (args, frame);
    case PL_NODE_NOT:
      return pl_value_of (pl_kernel_not (pl_value_expand (args[0], frame->n, frame->arena), frame->n, frame->arena));
    case PL_NODE_ARITHMETIC:
      if (node->type.kind == PL_NULL)
        return pl_value_of (pl_column_null (frame->arena, node->type, frame->n));
      return pl_type_is_numeric (node->args[0]->type) ? apply_arithmetic (node, args, frame)
                                                      : apply_times (node, args, frame);
    case PL_NODE_CONCAT:
      return apply_concat (args, frame);
    case PL_NODE_COMPARE:
      return pl_value_of (pl_kernel_compare (node->operation, args[0], args[1], frame->n, frame->arena));
    case PL_NODE_IS_NULL:
      return apply_is_null (node, args, frame);
    case PL_NODE_IN:
      return apply_in (node, args, frame);
    case PL_NODE_BETWEEN:
      return apply_between (node, args, frame);
    case PL_NODE_LIKE:
      return apply_like (node, args, frame);
    case PL_NODE_CAST:
      return apply_cast (node, args, frame);
    case PL_NODE_CALL:
      return apply_call (node, args, frame);
    default:
      g_assert_not_reached ();
    }
}
