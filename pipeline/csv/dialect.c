/* What follows from a dialect: which paths may read it, and what its texts may be used for. */
#include "dialect.h"

gboolean
pl_dialect_is_regular (const PlDialect *dialect)
{
  return dialect->comment[0] == '\0' && dialect->separator[0] == '\0' && !dialect->blanks
         && dialect->line_end == PL_LINE_END_ANY
         && (dialect->quote == 0 || dialect->escape == 0 || dialect->escape == dialect->quote);
}

gboolean
pl_dialect_is_blank (const PlDialect *dialect, const char *data, gsize length)
{
  gsize p = 0;
  if (dialect->blank_rows)
    return FALSE;
  while (dialect->trim && p < length && pl_dialect_is_space (dialect, data[p]))
    p++;
  return p == length;
}

gboolean
pl_dialect_writes_plain (const PlDialect *dialect)
{
  return dialect->delimiter == ',' && dialect->separator[0] == '\0' && dialect->quote == '"'
         && dialect->line_end == PL_LINE_END_ANY;
}
