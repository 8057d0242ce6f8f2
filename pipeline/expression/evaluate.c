/* Evaluates a checked tree, a column at a time.
 *
 * Rows are evaluated in frames. The outermost frame is the batch; where an operand guards another (case, coalesce, and,
 * or, when the other may fail), the other is evaluated in a frame of the rows that reach it, its columns gathered on
 * first use, and the results are scattered back. A failing row does not stop anything: the smallest one, in rows of the
 * batch, is kept with the first mistake made in it, and that is what fails in the end. */
#include "evaluate.h"

#include <string.h>

#include "../base/show.h"
#include "../table/calendar.h"
#include "../table/print.h"
#include "frame.h"
#include "member.h"
#include "../base/error.h"

/* Longest part of a value shown in a message. */
#define SHOWN_BYTES 60

static PlValue evaluate (const PlExpression *node, PlFrame *frame);

static PlValue
plain (PlColumn *column)
{
  return (PlValue){column, FALSE};
}

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

/* Evaluates @node for @rows[0 .. n) of @frame only; all of them at once when it is all. */
static PlValue
evaluate_rows (const PlExpression *node, PlFrame *frame, const guint32 *rows, gsize n)
{
  if (n == frame->n || node->kind == PL_NODE_LITERAL)
    return evaluate (node, frame);
  PlFrame inner;
  pl_frame_init (&inner, frame, rows, n);
  return evaluate (node, &inner);
}

#define SCATTER(Type)                                                                                                  \
  do                                                                                                                   \
    {                                                                                                                  \
      Type *to = out->values;                                                                                          \
      const Type *values = from->values;                                                                               \
      for (gsize i = 0; i < n; i++)                                                                                    \
        to[rows[i]] = values[i * step];                                                                                \
    }                                                                                                                  \
  while (0)

/* Copies the @n values to rows @rows of @out, which has nulls. */
static void
scatter (PlColumn *out, PlValue value, const guint32 *rows, gsize n)
{
  const PlColumn *from = value.column;
  gsize step = !value.scalar;
  guint8 *nulls = out->nulls;
  if (from->nulls != NULL || from->values == NULL)
    for (gsize i = 0; i < n; i++)
      nulls[rows[i]] = (guint8) pl_column_is_null (from, i * step);
  else
    for (gsize i = 0; i < n; i++)
      nulls[rows[i]] = 0;
  if (from->values == NULL)
    return;
  switch (pl_type_width (out->type))
    {
    case 1:
      SCATTER (guint8);
      break;
    case 4:
      SCATTER (gint32);
      break;
    case 8:
      SCATTER (gint64);
      break;
    default:
      if (out->type.kind == PL_STRING)
        SCATTER (PlText);
      else
        SCATTER (PlInt128);
    }
}

/* Splits @rows by a condition: the true ones to @yes, the others back to @rows. Returns how many are true. */
static gsize
split_rows (PlValue condition, guint32 *rows, gsize n, guint32 *yes)
{
  gsize n_yes = 0, n_no = 0;
  const PlColumn *column = condition.column;
  for (gsize i = 0; i < n; i++)
    {
      gsize row = pl_value_row (condition, i);
      guint32 is_true = column->bools[row] && !(column->nulls != NULL && column->nulls[row]);
      guint32 current = rows[i];
      yes[n_yes] = current;
      n_yes += is_true;
      rows[n_no] = current;
      n_no += !is_true;
    }
  return n_yes;
}

static guint32 *
all_rows (PlFrame *frame)
{
  guint32 *rows = pl_arena_new_array (frame->arena, guint32, frame->n + 1);
  for (gsize i = 0; i < frame->n; i++)
    rows[i] = (guint32) i;
  return rows;
}

static PlValue
gather_value (PlValue value, const guint32 *rows, gsize n, PlFrame *frame)
{
  if (value.scalar || n == frame->n)
    return value;
  return plain (pl_column_gather (value.column, rows, n, frame->arena));
}

static PlValue
evaluate_case (const PlExpression *node, PlFrame *frame)
{
  PlColumn *out = pl_column_null (frame->arena, node->type, frame->n);
  guint32 *rows = all_rows (frame), *yes = pl_arena_new_array (frame->arena, guint32, frame->n + 1);
  PlValue subject = {NULL, FALSE};
  gsize n = frame->n;
  guint i = 0;
  if (node->has_subject)
    subject = evaluate (node->args[i++], frame);
  for (; i + 1 < node->n_args && n > 0; i += 2)
    {
      PlValue condition = evaluate_rows (node->args[i], frame, rows, n);
      if (node->has_subject)
        {
          PlValue value = gather_value (subject, rows, n, frame);
          gboolean scalar = value.scalar && condition.scalar;
          condition = (PlValue){pl_kernel_compare (PL_OP_EQUAL, scalar ? plain (value.column) : value, condition,
                                                   scalar ? 1 : n, frame->arena),
                                scalar};
        }
      gsize n_yes = split_rows (condition, rows, n, yes);
      if (n_yes > 0)
        scatter (out, evaluate_rows (node->args[i + 1], frame, yes, n_yes), yes, n_yes);
      n -= n_yes;
    }
  if (n > 0)
    scatter (out, evaluate_rows (node->args[node->n_args - 1], frame, rows, n), rows, n);
  return plain (out);
}

static PlValue
evaluate_coalesce (const PlExpression *node, PlFrame *frame)
{
  PlColumn *out = pl_column_null (frame->arena, node->type, frame->n);
  guint32 *rows = all_rows (frame);
  gsize n = frame->n;
  for (guint i = 0; i < node->n_args && n > 0; i++)
    {
      gsize left = 0;
      scatter (out, evaluate_rows (node->args[i], frame, rows, n), rows, n);
      for (gsize r = 0; r < n; r++)
        {
          guint32 row = rows[r];
          rows[left] = row;
          left += out->nulls[row];
        }
      n = left;
    }
  return plain (out);
}

static PlValue
evaluate_logic (const PlExpression *node, PlFrame *frame)
{
  gboolean is_and = node->kind == PL_NODE_AND;
  PlValue left = evaluate (node->args[0], frame), right;
  if (!node->args[1]->guarded)
    right = evaluate (node->args[1], frame);
  else
    {
      guint32 *rows = pl_arena_new_array (frame->arena, guint32, frame->n + 1);
      gsize n = 0;
      for (gsize i = 0; i < frame->n; i++)
        {
          gsize row = pl_value_row (left, i);
          rows[n] = (guint32) i;
          n += pl_column_is_null (left.column, row) || left.column->bools[row] == is_and;
        }
      /* Rows the left side has decided: what stands on the right does not matter. */
      PlColumn *column = pl_column_null (frame->arena, PL_TYPE (PL_BOOL), frame->n);
      if (n > 0)
        scatter (column, evaluate_rows (node->args[1], frame, rows, n), rows, n);
      right = plain (column);
    }
  return plain (pl_kernel_logic (is_and, left, right, frame->n, frame->arena));
}

/* Two scalars meet where a list or a range holds something else beside them. */
static PlColumn *
compare (PlOperator operation, PlValue a, PlValue b, PlFrame *frame)
{
  if (a.scalar && b.scalar)
    a = plain (pl_value_expand (a, frame->n, frame->arena));
  return pl_kernel_compare (operation, a, b, frame->n, frame->arena);
}

static PlValue
evaluate_in (const PlExpression *node, PlFrame *frame)
{
  PlValue value = evaluate (node->args[0], frame), found = {NULL, FALSE};
  if (node->set != NULL)
    found.column = pl_set_find (node->set, pl_value_expand (value, frame->n, frame->arena), frame->n, frame->arena);
  for (guint i = 1; i < node->n_args && node->set == NULL; i++)
    {
      PlColumn *equal = compare (PL_OP_EQUAL, value, evaluate (node->args[i], frame), frame);
      found = plain (found.column == NULL ? equal
                                          : pl_kernel_logic (FALSE, found, plain (equal), frame->n, frame->arena));
    }
  return node->negated ? plain (pl_kernel_not (found.column, frame->n, frame->arena)) : found;
}

static PlValue
evaluate_between (const PlExpression *node, PlFrame *frame)
{
  PlValue value = evaluate (node->args[0], frame);
  PlColumn *above = compare (PL_OP_GREATER_EQUAL, value, evaluate (node->args[1], frame), frame);
  PlColumn *below = compare (PL_OP_LESS_EQUAL, value, evaluate (node->args[2], frame), frame);
  PlColumn *inside = pl_kernel_logic (TRUE, plain (above), plain (below), frame->n, frame->arena);
  return plain (node->negated ? pl_kernel_not (inside, frame->n, frame->arena) : inside);
}

static PlValue
evaluate_is_null (const PlExpression *node, PlFrame *frame)
{
  PlValue value = evaluate (node->args[0], frame);
  PlColumn *out = pl_column_new (frame->arena, PL_TYPE (PL_BOOL), frame->n);
  const guint8 *nulls = value.scalar ? NULL : value.column->nulls;
  guint8 *restrict bools = out->bools, flip = node->negated != FALSE;
  if (nulls == NULL)
    memset (bools, (pl_value_is_null (value, 0) ? 1 : 0) ^ flip, frame->n);
  else
    for (gsize i = 0; i < frame->n; i++)
      bools[i] = nulls[i] ^ flip;
  return plain (out);
}

/* date ± days, date - date in days, timestamp - timestamp in seconds. */
static PlValue
evaluate_times (const PlExpression *node, PlFrame *frame)
{
  PlValue a = evaluate (node->args[0], frame), b = evaluate (node->args[1], frame);
  const PlColumn *x = pl_value_expand (a, frame->n, frame->arena), *y = pl_value_expand (b, frame->n, frame->arena);
  PlColumn *out = pl_column_new (frame->arena, node->type, frame->n);
  gsize failed = PL_NO_ROW;
  out->nulls = pl_nulls_or (plain ((PlColumn *) x), plain ((PlColumn *) y), frame->n, frame->arena);
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
  return plain (out);
}

static PlValue
evaluate_arithmetic (const PlExpression *node, PlFrame *frame)
{
  gsize failed;
  PlValue a = evaluate (node->args[0], frame), b = evaluate (node->args[1], frame);
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
  return plain (out);
}

static PlValue
evaluate_negate (const PlExpression *node, PlFrame *frame)
{
  gsize failed;
  PlValue a = evaluate (node->args[0], frame);
  PlColumn *out = pl_kernel_negate (pl_value_expand (a, frame->n, frame->arena), frame->n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *x = show (a, failed);
      pl_frame_fail (
          frame, failed,
          g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "-(%s) is beyond 64-bit integers; cast it to float", x));
    }
  return plain (out);
}

static PlValue
evaluate_cast (const PlExpression *node, PlFrame *frame)
{
  gsize failed;
  PlValue a = evaluate (node->args[0], frame);
  gsize n = a.scalar ? 1 : frame->n;
  PlColumn *out = pl_kernel_cast (a.column, node->target, node->try_cast, n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    {
      g_autofree char *x = show (a, failed);
      pl_frame_fail (frame, failed,
                     g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
                                  "cannot cast %s to %s; try_cast gives null instead", x, pl_type_name (node->target)));
    }
  return (PlValue){out, a.scalar};
}

static PlValue
evaluate_like (const PlExpression *node, PlFrame *frame)
{
  gsize failed;
  gboolean too_long;
  PlValue escape = {NULL, FALSE};
  PlValue text = evaluate (node->args[0], frame), pattern = evaluate (node->args[1], frame);
  if (node->n_args > 2)
    escape = evaluate (node->args[2], frame);
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
  return plain (node->negated ? pl_kernel_not (out, frame->n, frame->arena) : out);
}

static PlValue
evaluate_concat (const PlExpression *node, PlFrame *frame)
{
  gsize failed;
  PlValue a = evaluate (node->args[0], frame), b = evaluate (node->args[1], frame);
  PlColumn *out = pl_kernel_concat (a, b, frame->n, frame->arena, &failed);
  if (failed != PL_NO_ROW)
    pl_frame_fail (frame, failed,
                   g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "a text made by || is beyond 4 GiB"));
  return plain (out);
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
evaluate_call (const PlExpression *node, PlFrame *frame)
{
  PlColumn **args = pl_arena_new_array (frame->arena, PlColumn *, node->n_args + 1);
  PlColumn *out = pl_column_new (frame->arena, node->type, frame->n);
  gsize failed = PL_NO_ROW;
  GError *error = NULL;
  if (!node->function->handles_nulls)
    out->nulls = pl_arena_alloc0 (frame->arena, frame->n);
  gboolean any = FALSE;
  for (guint i = 0; i < node->n_args; i++)
    {
      args[i] = pl_value_expand (evaluate (node->args[i], frame), frame->n, frame->arena);
      if (args[i]->nulls == NULL || node->function->handles_nulls)
        continue;
      any = TRUE;
      for (gsize r = 0; r < frame->n; r++)
        out->nulls[r] |= args[i]->nulls[r];
    }
  if (!any)
    out->nulls = NULL;
  if (!node->function->evaluate (node->variant, args, node->n_args, frame->n, out, frame->arena, &failed, &error))
    {
      pl_frame_fail (frame, failed, error);
      forget_from (out, failed, frame);
    }
  return plain (out);
}

static PlValue
evaluate (const PlExpression *node, PlFrame *frame)
{
  switch (node->kind)
    {
    case PL_NODE_LITERAL:
      return (PlValue){(PlColumn *) &node->constant, TRUE};
    case PL_NODE_COLUMN:
      return plain (pl_frame_column (frame, (guint) node->field));
    case PL_NODE_NEGATE:
      return evaluate_negate (node, frame);
    case PL_NODE_NOT:
      return plain (pl_kernel_not (pl_value_expand (evaluate (node->args[0], frame), frame->n, frame->arena), frame->n,
                                   frame->arena));
    case PL_NODE_ARITHMETIC:
      return pl_type_is_numeric (node->args[0]->type) ? evaluate_arithmetic (node, frame)
                                                      : evaluate_times (node, frame);
    case PL_NODE_CONCAT:
      return evaluate_concat (node, frame);
    case PL_NODE_COMPARE:
      {
        PlValue a = evaluate (node->args[0], frame), b = evaluate (node->args[1], frame);
        return plain (pl_kernel_compare (node->operation, a, b, frame->n, frame->arena));
      }
    case PL_NODE_AND:
    case PL_NODE_OR:
      return evaluate_logic (node, frame);
    case PL_NODE_IS_NULL:
      return evaluate_is_null (node, frame);
    case PL_NODE_IN:
      return evaluate_in (node, frame);
    case PL_NODE_BETWEEN:
      return evaluate_between (node, frame);
    case PL_NODE_LIKE:
      return evaluate_like (node, frame);
    case PL_NODE_CASE:
      return evaluate_case (node, frame);
    case PL_NODE_COALESCE:
      return evaluate_coalesce (node, frame);
    case PL_NODE_CAST:
      return evaluate_cast (node, frame);
    case PL_NODE_CALL:
      return evaluate_call (node, frame);
    }
  g_assert_not_reached ();
}

PlColumn *
pl_evaluate_constant (const PlExpression *node, PlArena *arena, GError **error)
{
  PlFailure failure = {.row = PL_NO_ROW};
  PlFrame frame = {.n = 1, .arena = arena, .failure = &failure};
  PlValue value = evaluate (node, &frame);
  if (failure.error == NULL)
    return value.column;
  g_propagate_error (error, failure.error);
  return NULL;
}

static PlValue
evaluate_batch (const PlExpression *expression, PlBatch *batch, GError **error)
{
  PlFailure failure = {.row = PL_NO_ROW};
  PlFrame frame = {.n = batch->n_rows, .columns = batch->columns, .arena = batch->arena, .failure = &failure};
  PlValue value = evaluate (expression, &frame);
  if (failure.error == NULL)
    return value;
  pl_batch_fail (batch, failure.row, error, failure.error->domain, failure.error->code, "%s", failure.error->message);
  g_error_free (failure.error);
  return plain (NULL);
}

PlColumn *
pl_expression_evaluate (const PlExpression *expression, PlBatch *batch, GError **error)
{
  PlValue value = evaluate_batch (expression, batch, error);
  return value.column == NULL ? NULL : pl_value_expand (value, batch->n_rows, batch->arena);
}

gboolean
pl_expression_select (const PlExpression *expression, PlBatch *batch, guint32 *rows, gsize *n, GError **error)
{
  PlValue value = evaluate_batch (expression, batch, error);
  if (value.column == NULL)
    return FALSE;
  const PlColumn *column = pl_value_expand (value, batch->n_rows, batch->arena);
  const guint8 *bools = column->bools, *nulls = column->nulls;
  gsize n_rows = 0, n_all = column->type.kind == PL_NULL ? 0 : batch->n_rows;
  /* The row is written always and counted when it is wanted: no branch to mispredict. */
  if (nulls == NULL)
    for (gsize i = 0; i < n_all; i++)
      {
        rows[n_rows] = (guint32) i;
        n_rows += bools[i];
      }
  else
    for (gsize i = 0; i < n_all; i++)
      {
        rows[n_rows] = (guint32) i;
        n_rows += bools[i] & (nulls[i] ^ 1);
      }
  *n = n_rows;
  return TRUE;
}
