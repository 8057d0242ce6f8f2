/* How the checker brings operands to one type. Private to check.c and check-arithmetic.c.
 *
 * Mistakes of types say why the operand has the type that does not fit: the value of a file that made it text, say.
 * Everything returns %FALSE with check->error set, and check->offset where in the text the mistake is. */
#pragma once
#include "../table/schema.h"
#include "function.h"
#include "kernels.h"

G_BEGIN_DECLS

typedef struct
{
  PlSchema *schema;
  const PlFunctionTable *functions;
  guint offset; /* characters */
  GError **error;
} PlCheck;

static inline gboolean
pl_check_is_time (PlType type)
{
  return type.kind == PL_DATE || type.kind == PL_TIMESTAMP;
}

/** pl_check_fail: a mistake of types, at @node. Returns: %FALSE. */
gboolean pl_check_fail (PlCheck *check, const PlExpression *node, const char *format, ...) G_GNUC_PRINTF (3, 4);
/** pl_check_fail_type: the same, @advice (nullable) behind it, and where the type of @operand (nullable) comes from.
 * @wanted: as in pl_type_origin_error() */
gboolean pl_check_fail_type (PlCheck *check, const PlExpression *node, const PlExpression *operand, PlTypeKind wanted,
                             const char *advice, const char *format, ...) G_GNUC_PRINTF (6, 7);
/** pl_check_fold: makes @node, whose operands are checked, a literal where these are all literals. */
gboolean pl_check_fold (PlCheck *check, PlExpression *node);
/** pl_check_cast: wraps @slot into a cast to @type, unless it is of that type. @implicit: it is not in the text. */
gboolean pl_check_cast (PlCheck *check, PlExpression **slot, PlType type, gboolean implicit);
/** pl_check_read_times: each text among @args is read as the first date or timestamp among them, which a text in front
 * of it becomes. */
gboolean pl_check_read_times (PlCheck *check, PlExpression **args, guint n);
/** pl_check_unify: brings all of @args to the one type they meet in, @common. @verb: what @node does with them. */
gboolean pl_check_unify (PlCheck *check, const PlExpression *node, const char *verb, PlExpression **args, guint n,
                         PlType *common);
/** pl_check_bool, pl_check_string: the operand must be one, or null. @where: of what it is an operand. */
gboolean pl_check_bool (PlCheck *check, PlExpression **slot, const char *where);
gboolean pl_check_string (PlCheck *check, PlExpression **slot, const char *where);

G_END_DECLS
