/* Evaluates a checked tree, a column at a time.
 *
 * Rows are evaluated in frames. The outermost frame is the batch; where an operand guards another (case, coalesce, and,
 * or, when the other may fail), the other is evaluated in a frame of the rows that reach it, its columns gathered on
 * first use, and the results are scattered back. A failing row does not stop anything: the smallest one, in rows of the
 * batch, is kept with the first mistake made in it, and that is what fails in the end. */
#include "evaluate.h"

#include <string.h>

#include "apply.h"
#include "frame.h"

static PlValue evaluate (const PlExpression *node, PlFrame *frame);

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
  return pl_value_of (pl_column_gather (value.column, rows, n, frame->arena));
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
          condition = (PlValue){pl_kernel_compare (PL_OP_EQUAL, scalar ? pl_value_of (value.column) : value, condition,
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
  return pl_value_of (out);
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
  return pl_value_of (out);
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
      right = pl_value_of (column);
    }
  return pl_value_of (pl_kernel_logic (is_and, left, right, frame->n, frame->arena));
}

static PlValue
evaluate_operands (const PlExpression *node, PlFrame *frame)
{
  /* The items of a set are in it. */
  const guint n_args = node->set != NULL ? 1 : node->n_args;
  PlValue *args = pl_arena_new_array (frame->arena, PlValue, n_args + 1);
  for (guint i = 0; i < n_args; i++)
    args[i] = evaluate (node->args[i], frame);
  return pl_apply (node, args, frame);
}

static PlValue
evaluate (const PlExpression *node, PlFrame *frame)
{
  switch (node->kind)
    {
    case PL_NODE_LITERAL:
      return (PlValue){(PlColumn *) &node->constant, TRUE};
    case PL_NODE_COLUMN:
      return pl_value_of (pl_frame_column (frame, (guint) node->field));
    case PL_NODE_AND:
    case PL_NODE_OR:
      return evaluate_logic (node, frame);
    case PL_NODE_CASE:
      return evaluate_case (node, frame);
    case PL_NODE_COALESCE:
      return evaluate_coalesce (node, frame);
    default:
      return evaluate_operands (node, frame);
    }
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
  return pl_value_of (NULL);
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
