/* Values that a sink has a style for: decimal commas, dates of a format. What formats of text share. */
#pragma once
#include "format.h"

G_BEGIN_DECLS

/** pl_style_applies: whether columns of @type are written in another way than their text or value. */
gboolean pl_style_applies (const PlFormatOptions *options, PlType type);
/** pl_style_use: Returns: what of such a column is wanted, a PlUse. */
PlUse pl_style_use (const PlFormatOptions *options, PlType type);
/** pl_style_check: whether formats of dates leave nothing out that tells values of @schema apart.
 * Returns: %FALSE with PL_JOB_ERROR_BAD_VALUE, and the key that is to blame. */
gboolean pl_style_check (const PlFormatOptions *options, const PlSchema *schema, const char **key, GError **error);
/** pl_style_append: appends the value, which is not null, of such a column, settled. */
void pl_style_append (const PlFormatOptions *options, const PlColumn *column, gsize row, PlBuffer *out);
/** pl_style_texts: Returns: (transfer none): the texts of the first @n rows of such a column; of nulls, nothing. */
PlText *pl_style_texts (const PlFormatOptions *options, const PlColumn *column, gsize n, PlArena *arena);

G_END_DECLS
