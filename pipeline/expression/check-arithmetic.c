/* The types of numbers that meet, and of dates and timestamps that are added or subtracted. */
#include "check-arithmetic.h"

static gboolean
check_times (PlCheck *check, PlExpression *node, gboolean *done)
{
  PlExpression **a = &node->args[0], **b = &node->args[1];
  gboolean minus = node->operation == PL_OP_SUBTRACT;
  *done = TRUE;
  if (!minus && node->operation != PL_OP_ADD)
    {
      *done = FALSE;
      return TRUE;
    }
  if (minus && !pl_check_read_times (check, node->args, 2))
    return FALSE;
  /* A column of nothing but nulls may be one of dates. */
  if (minus && (*a)->type.kind == PL_NULL && !pl_check_cast (check, a, (*b)->type, TRUE))
    return FALSE;
  if (minus && (*b)->type.kind == PL_NULL && !pl_check_cast (check, b, (*a)->type, TRUE))
    return FALSE;
  if (minus && (*a)->type.kind == PL_DATE && (*b)->type.kind == PL_DATE)
    {
      node->type = PL_TYPE (PL_INT);
      return TRUE;
    }
  if (minus && pl_check_is_time ((*a)->type) && pl_check_is_time ((*b)->type))
    {
      PlType common;
      node->type = PL_TYPE (PL_FLOAT);
      return pl_check_unify (check, node, "subtract", node->args, 2, &common);
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
      return pl_check_cast (check, b, PL_TYPE (PL_INT), TRUE);
    }
  *done = FALSE;
  return TRUE;
}

static gboolean
check_decimals (PlCheck *check, PlExpression *node)
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
        return pl_check_fail (check, node, "%s * %s has more than 38 digits behind the point; cast one side to float",
                              pl_type_name (a), pl_type_name (b));
      node->type = PL_TYPE_DECIMAL ((guint8) MIN (38, a.precision + b.precision), (guint8) (a.scale + b.scale));
      return pl_check_cast (check, &node->args[0], a, TRUE) && pl_check_cast (check, &node->args[1], b, TRUE);
    }
  PlType common = PL_TYPE_DECIMAL ((guint8) MIN (38, whole + scale), (guint8) scale);
  node->type = node->operation == PL_OP_FLOOR_DIVIDE ? PL_TYPE_DECIMAL (38, 0)
               : node->operation == PL_OP_MODULO
                   ? common
                   : PL_TYPE_DECIMAL ((guint8) MIN (38, whole + scale + 1), (guint8) scale);
  return pl_check_cast (check, &node->args[0], common, TRUE) && pl_check_cast (check, &node->args[1], common, TRUE);
}

/* Whether a sum or difference with nothing but nulls may be of several types, by what these would be on another day:
 * days or numbers, dates or differences of dates. It fits wherever one of them does. */
static gboolean
is_open (PlOperator operation, PlType a, PlType b)
{
  const PlType other = a.kind == PL_NULL ? b : a;
  if ((operation != PL_OP_ADD && operation != PL_OP_SUBTRACT) || (a.kind != PL_NULL && b.kind != PL_NULL))
    return FALSE;
  return other.kind == PL_NULL || other.kind == PL_INT || (other.kind == PL_TIMESTAMP && operation == PL_OP_ADD)
         || (other.kind == PL_DATE && operation == PL_OP_SUBTRACT && b.kind == PL_NULL);
}

gboolean
pl_check_arithmetic (PlCheck *check, PlExpression *node)
{
  gboolean done = FALSE;
  PlExpression **args = node->args;
  if (is_open (node->operation, args[0]->type, args[1]->type))
    {
      node->type = PL_TYPE (PL_NULL);
      return TRUE;
    }
  if ((pl_check_is_time (args[0]->type) || pl_check_is_time (args[1]->type)) && !check_times (check, node, &done))
    return FALSE;
  if (done)
    return TRUE;
  for (guint i = 0; i < 2; i++)
    {
      if (args[i]->type.kind == PL_NULL
          && !pl_check_cast (check, &args[i],
                             pl_type_is_numeric (args[1 - i]->type) ? args[1 - i]->type : PL_TYPE (PL_INT), TRUE))
        return FALSE;
    }
  PlType a = args[0]->type, b = args[1]->type;
  if (!pl_type_is_numeric (a) || !pl_type_is_numeric (b))
    {
      const char *advice = pl_check_is_time (a) || pl_check_is_time (b) ? "dates take + and - with whole days"
                           : node->operation == PL_OP_ADD && (a.kind == PL_STRING || b.kind == PL_STRING)
                               ? "join texts with ||, or cast to a number"
                               : "cast to a number first, as in cast(x as float)";
      const gboolean is_first
          = a.kind == PL_STRING && (b.kind != PL_STRING || pl_expression_origin (args[0]).teller != NULL);
      return pl_check_fail_type (check, node, args[is_first ? 0 : 1], PL_NULL, advice, "cannot apply %s to %s and %s",
                                 pl_operator_text (node->operation), pl_type_name (a), pl_type_name (b));
    }
  if (a.kind == PL_FLOAT || b.kind == PL_FLOAT || node->operation == PL_OP_DIVIDE || node->operation == PL_OP_POWER)
    {
      node->type = PL_TYPE (PL_FLOAT);
      return pl_check_cast (check, &args[0], node->type, TRUE) && pl_check_cast (check, &args[1], node->type, TRUE);
    }
  if (a.kind == PL_DECIMAL || b.kind == PL_DECIMAL)
    return check_decimals (check, node);
  node->type = PL_TYPE (PL_INT);
  node->guarded = node->operation != PL_OP_MODULO;
  return TRUE;
}

gboolean
pl_check_negate (PlCheck *check, PlExpression *node)
{
  if (node->args[0]->type.kind == PL_NULL && !pl_check_cast (check, &node->args[0], PL_TYPE (PL_INT), TRUE))
    return FALSE;
  node->type = node->args[0]->type;
  node->guarded = node->type.kind == PL_INT;
  return pl_type_is_numeric (node->type)
         || pl_check_fail_type (check, node, node->args[0], PL_NULL, "only numbers have a minus", "cannot negate %s",
                                pl_type_name (node->type));
}
