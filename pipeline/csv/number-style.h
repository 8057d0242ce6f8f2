/* Numbers as some countries write them, rewritten as table/parse.h reads them. */
#pragma once
#include "dialect.h"

G_BEGIN_DECLS

#define PL_NUMBER_MAX 128

/** pl_dialect_restyles_numbers: whether numbers must pass through pl_restyle_number() before they are parsed. */
static inline gboolean
pl_dialect_restyles_numbers (const PlDialect *dialect)
{
  return dialect->decimal_comma || dialect->thousands != 0;
}

/** pl_restyle_number: @data without its thousands separators and with a decimal point.
 * @out: PL_NUMBER_MAX bytes
 * Returns: the length; 0 when @data is no number of that style: groups that are not of three digits, or the other
 * style's decimal mark. Whether what is left is a number is for the parser to say. */
gsize pl_restyle_number (const PlDialect *dialect, const char *data, gsize length, char *out);

G_END_DECLS
