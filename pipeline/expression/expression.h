/* Expressions: text → tree → types → columns.
 *
 *   pl_expression_parse()     lexer and parser; no schema needed
 *   pl_expression_lift()      takes aggregate calls out of the tree (group-by)
 *   pl_expression_check()     resolves columns and functions, inserts casts, folds constants
 *   pl_expression_evaluate()  a column at a time, on any worker, at once: a checked expression is const
 *
 * Three-valued logic; undefined arithmetic (x / 0, ln(-1), sqrt(-1)) is null; integer and decimal overflow and failing
 * casts are errors. Comparisons take NaN as equal to NaN and greater than every number, as sort and group-by do;
 * is_nan(x) finds it. An explicit cast of a text to a number takes outer blanks and leading zeros ('007' is 7), which
 * reading CSV does not; to int only digits will do ('1e3' and '1.0' fail: cast to float first).
 * The branches of case, if, coalesce, and, or are evaluated only for the rows that reach them, so that they
 * guard what stands inside them. Mistakes carry the character where they are. */
#pragma once
#include "../table/batch.h"
#include "../table/schema.h"

G_BEGIN_DECLS

typedef struct PlExpression PlExpression;

PlExpression *pl_expression_copy (const PlExpression *expression);
void pl_expression_free (PlExpression *expression);

/* A call taken out by pl_expression_lift(). */
typedef struct
{
  char *name;           /* "quantile" */
  char *label;          /* "quantile(delay, 0.95)", canonical text: equal calls have equal labels */
  GPtrArray *args;      /* of PlExpression * */
  PlExpression *filter; /* (nullable): filter (where …) */
  gboolean distinct;    /* count(distinct x) */
  guint offset;         /* character in the text */
  guint hash;           /* of the label; */
  guint lower, higher;  /* and by it a search tree of indices in the list, 0: none: there may be many calls */
} PlLiftedCall;

PlType pl_expression_type (const PlExpression *expression);
/** pl_expression_origin: Returns: where the type of the checked @expression comes from, whose values are those of a
 * column. */
PlTypeOrigin pl_expression_origin (const PlExpression *expression);
/** pl_expression_may_fail: Returns: whether evaluating the checked @expression can fail at a row. */
gboolean pl_expression_may_fail (const PlExpression *expression);
/** pl_expression_require: ORs into @uses (a PlUse per field of the schema) what it reads; a bare column asks for
 * @use. */
void pl_expression_require (const PlExpression *expression, guint8 *uses, PlUse use);
/** pl_expression_column: Returns: the field index when the expression is just a column, else -1. */
gint pl_expression_column (const PlExpression *expression);
/** pl_expression_constant: Returns: (transfer none) (nullable): a one-row column when the checked expression is
 * constant. */
const PlColumn *pl_expression_constant (const PlExpression *expression);
/** pl_expression_reads: Returns: whether a column called @name stands in @expression, checked or not. */
gboolean pl_expression_reads (const PlExpression *expression, const char *name);
/** pl_expression_name: the name of an unquoted or quoted bare column before checking, else %NULL. */
const char *pl_expression_name (const PlExpression *expression);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlExpression, pl_expression_free)

G_END_DECLS
