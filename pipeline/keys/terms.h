/* The terms that rows are ordered, grouped or told apart by: expressions, and the columns they become. */
#pragma once
#include "../expression/expression.h"
#include "comparable.h"

G_BEGIN_DECLS

/* Bytes a text may have that rows are grouped, sorted or told apart by. */
#define PL_MAX_KEY ((guint32) 1 << 20)

/* An expression that rows are ordered, grouped or told apart by. */
typedef struct
{
  PlExpression *expression; /* checked */
  char *name;               /* the column it becomes */
  guint offset;
  gboolean descending;
  gboolean nulls_first;
} PlTerm;

/** pl_terms_new: Returns: (transfer full) (element-type PlTerm): an empty list, which frees its terms. */
GPtrArray *pl_terms_new (void);
void pl_term_free (gpointer term);
/** pl_terms_require: every term's columns are read as values. */
void pl_terms_require (const GPtrArray *terms, guint8 *uses);
/** pl_key_check: @column: settled. Each key is kept as long as its group is: texts as long as records are would let few
 * rows take all memory.
 * Returns: %FALSE with @batch->failed_row set when one is longer than PL_MAX_KEY. */
gboolean pl_key_check (PlBatch *batch, const PlColumn *column, const char *name, GError **error);
/** pl_terms_take: one column a term, whose texts may still stand in slices and be of any length.
 * Returns: %FALSE with @batch->failed_row set. */
gboolean pl_terms_take (const GPtrArray *terms, PlBatch *batch, PlColumn **columns, GError **error);
/** pl_terms_settle: takes the values of texts out of their slices, and sees to it that they are short enough for keys.
 * Returns: %FALSE with @batch->failed_row set. */
gboolean pl_terms_settle (const GPtrArray *terms, PlBatch *batch, PlColumn *const *columns, GError **error);
/** pl_terms_evaluate: both. */
gboolean pl_terms_evaluate (const GPtrArray *terms, PlBatch *batch, PlColumn **columns, GError **error);
/** pl_terms_orders: Returns: (transfer full): their directions, for pl_sort_keys(). */
PlSortOrder *pl_terms_orders (const GPtrArray *terms);

G_END_DECLS
