/* What follows from a dialect: which paths may read it, and what its texts may be used for. */
#include "dialect.h"

gboolean
pl_dialect_is_regular (const PlDialect *dialect)
{
  return dialect->comment == 0 && (dialect->quote == 0 || dialect->escape == 0 || dialect->escape == dialect->quote);
}

gboolean
pl_dialect_writes_plain (const PlDialect *dialect)
{
  return dialect->delimiter == ',' && dialect->quote == '"';
}

gboolean
pl_dialect_keeps_text (const PlDialect *dialect)
{
  return !dialect->decimal_comma && dialect->thousands == 0 && dialect->date_format == NULL;
}
