/* Values that a sink has a style for: decimal commas, dates of a format. */
#pragma once
#include "format.h"

G_BEGIN_DECLS

/** pl_csv_is_styled: whether columns of @type are written in another way than their text or value. */
gboolean pl_csv_is_styled (const PlFormatOptions *options, PlType type);
/** pl_csv_style: Returns: (transfer none): the texts of the first @n rows of the settled @column; of nulls, nothing. */
PlText *pl_csv_style (const PlFormatOptions *options, const PlColumn *column, gsize n, PlArena *arena);

G_END_DECLS
