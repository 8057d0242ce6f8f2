/* What the keys of stages have in common: lists of columns and expressions, `… as name`, trailing words such as desc,
 * and mistakes reported at the character where they are. */
#pragma once
#include "../pipeline/expression/expression.h"
#include "../pipeline/keys/comparable.h"
#include "stage.h"

G_BEGIN_DECLS

/* Where in the job file a piece of text stands. */
typedef struct
{
  const PlSettings *settings;
  const PlSetting *setting;
  guint offset; /* characters into the setting's value */
  PlIssues *issues;
} PlPlace;

/** pl_clause_is_column: Returns: whether @setting of a stage with @keys names a column rather than a key. */
gboolean pl_clause_is_column (const PlKey *keys, const PlSetting *setting);
/** pl_clause_take_alias:
 * @text: (inout): an item of a list; cut before a last `as name` that stands outside quotes and parentheses
 * @offset: (out): characters of @text in front of the name
 *
 * Returns: (transfer full) (nullable): the name, without quotes. */
char *pl_clause_take_alias (char *text, guint *offset);
/** pl_clause_take_word: cuts @word (any case) and the spaces before it off the end of @text. */
gboolean pl_clause_take_word (char *text, const char *word);
/** pl_clause_parse: Returns: (transfer full) (nullable): the parsed, unchecked expression; %NULL when an issue was added. */
PlExpression *pl_clause_parse (const PlPlace *place, const char *text);
/** pl_clause_expression: Returns: (transfer full) (nullable): the expression, checked against @schema. */
PlExpression *pl_clause_expression (const PlPlace *place, const char *text, PlSchema *schema);
/** pl_clause_condition: the same for a condition, which must be bool. */
PlExpression *pl_clause_condition (const PlPlace *place, const char *text, PlSchema *schema);
/** pl_clause_column: Returns: the index of the column that @text names, with or without quotes; -1 when an issue was added. */
gint pl_clause_column (const PlPlace *place, const char *text, const PlSchema *schema);
/** pl_clause_count: reads @setting as a whole number; adds an issue when it is none. */
gboolean pl_clause_count (const PlPlace *place, guint64 minimum, guint64 *count);

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

typedef enum
{
  PL_TERMS_NAMED = 1 << 0,   /* `expr as name` */
  PL_TERMS_ORDERED = 1 << 1, /* `expr desc nulls first` */
} PlTermsFlags;

/** pl_clause_terms: Returns: (transfer full) (element-type PlTerm): the terms of a list; fewer than written when issues were added. */
GPtrArray *pl_clause_terms (const PlPlace *place, PlSchema *schema, PlTermsFlags flags);
/** pl_terms_require: every term's columns are read as values. */
void pl_terms_require (const GPtrArray *terms, guint8 *uses);
/** pl_key_check: @column: settled. Each key is kept as long as its group is: texts as long as records are would let few rows take all memory.
 * Returns: %FALSE with @batch->failed_row set when one is longer than PL_MAX_KEY. */
gboolean pl_key_check (PlBatch *batch, const PlColumn *column, const char *name, GError **error);
/** pl_terms_take: one column a term, whose texts may still stand in slices and be of any length. Returns: %FALSE with @batch->failed_row set. */
gboolean pl_terms_take (const GPtrArray *terms, PlBatch *batch, PlColumn **columns, GError **error);
/** pl_terms_settle: takes the values of texts out of their slices, and sees to it that they are short enough for keys. Returns: %FALSE with @batch->failed_row set. */
gboolean pl_terms_settle (const GPtrArray *terms, PlBatch *batch, PlColumn *const *columns, GError **error);
/** pl_terms_evaluate: both. */
gboolean pl_terms_evaluate (const GPtrArray *terms, PlBatch *batch, PlColumn **columns, GError **error);
/** pl_terms_orders: Returns: (transfer full): their directions, for pl_sort_keys(). */
PlSortOrder *pl_terms_orders (const GPtrArray *terms);

G_END_DECLS
