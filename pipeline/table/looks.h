/* What a text looks like that is not of a type: so that messages can name what helps. Guesses of what somebody meant,
 * and never used to read a value. */
#pragma once
#include "type.h"

G_BEGIN_DECLS

/** pl_looks_beyond: Returns: whether @data is a number, as casts take it, that @type has no room for. */
gboolean pl_looks_beyond (const char *data, gsize length, PlType type);
/** pl_looks_null: Returns: whether @data is what other programs write for nothing, as NA and N/A. */
gboolean pl_looks_null (const char *data, gsize length);
/** pl_looks_like_date: Returns: (transfer full) (element-type char *): the date formats that read @data, one for each
 * moment that they give: where days and months cannot be told apart, several.
 * @zoned: whether it must say a zone, or must not */
GPtrArray *pl_looks_like_date (const char *data, gsize length, gboolean zoned);
/** pl_looks_formats: Returns: (transfer full) (nullable): the formats of pl_looks_like_date(), with a zone or without,
 * as words: `%d/%m/%Y or %m/%d/%Y`. */
char *pl_looks_formats (const char *data, gsize length);
/** pl_looks_like_amount: whether @data is digits with a sign of money, a percent sign or a unit at one of its ends.
 * @start, @end: (out): where the digits are */
gboolean pl_looks_like_amount (const char *data, gsize length, gsize *start, gsize *end);

G_END_DECLS
