/* What the keys of stages have in common: lists of columns and expressions, `… as name`, trailing words such as desc,
 * and mistakes reported at the character where they are. */
#pragma once
#include "stage.h"
#include "../pipeline/expression/expression.h"

G_BEGIN_DECLS

/* Where in the job file a piece of text stands, and who is told of mistakes there. */
typedef struct
{
  const PlSettings *settings;
  const PlSetting *setting;
  guint offset; /* characters into the setting's value */
  PlIssues *issues;
} PlSpot;

/** pl_clause_is_column: Returns: whether @setting of a stage with @keys names a column rather than a key. */
gboolean pl_clause_is_column (const PlSettingKey *keys, const PlSetting *setting);
/** pl_clause_take_alias:
 * @text: (inout): an item of a list; cut before a last `as name` that stands outside quotes and parentheses
 * @offset: (out): characters of @text in front of the name
 *
 * Returns: (transfer full) (nullable): the name, without quotes. */
char *pl_clause_take_alias (char *text, guint *offset);
/** pl_clause_parse: Returns: (transfer full) (nullable): the parsed, unchecked expression; %NULL when an issue was
 * added. */
PlExpression *pl_clause_parse (const PlSpot *spot, const char *text);
/** pl_clause_expression: Returns: (transfer full) (nullable): the expression, checked against @schema. */
PlExpression *pl_clause_expression (const PlSpot *spot, const char *text, PlSchema *schema);
/** pl_clause_condition: the same for a condition, which must be bool. */
PlExpression *pl_clause_condition (const PlSpot *spot, const char *text, PlSchema *schema);
/** pl_clause_check_condition: Returns: whether the checked @expression, of @text, is a condition; else an issue was
 * added. */
gboolean pl_clause_check_condition (const PlSpot *spot, guint offset, const char *text, const PlExpression *expression);
/** pl_clause_column: Returns: the index of the column that @text names, with or without quotes; -1 when an issue was
 * added. */
gint pl_clause_column (const PlSpot *spot, const char *text, const PlSchema *schema);
/** pl_clause_count: reads @setting as a whole number; adds an issue when it is none. */
gboolean pl_clause_count (const PlSpot *spot, guint64 minimum, guint64 *count);

typedef enum
{
  PL_TERMS_NAMED = 1 << 0,   /* `expr as name` */
  PL_TERMS_ORDERED = 1 << 1, /* `expr desc nulls first` */
} PlTermsFlags;

/** pl_clause_terms: Returns: (transfer full) (element-type PlTerm): the terms of a list; fewer than written when issues
 * were added. */
GPtrArray *pl_clause_terms (const PlSpot *spot, PlSchema *schema, PlTermsFlags flags);

G_END_DECLS
