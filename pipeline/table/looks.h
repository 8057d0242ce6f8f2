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
/** pl_looks_like_amount: whether @data is digits with a sign of money, the code of a currency or a percent sign at one
 * of their ends: what can be left out, and the number is the same. Others are part of it: 3K, 5CR, 2 kg among 3 g.
 * @start, @end: (out): where that stands */
gboolean pl_looks_like_amount (const char *data, gsize length, gsize *start, gsize *end);
/** pl_looks_minus: Returns: the length of what @data begins with and is written for a minus where "-" is not: U+2212
 * and dashes; 0: it does not */
gsize pl_looks_minus (const char *data, gsize length);

G_END_DECLS
