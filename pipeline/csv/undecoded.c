/* Text of another encoding is UTF-8 by the time it is here; what it lacked stands between marks (io/input.h). */
#include "undecoded.h"

#include <string.h>

char *
pl_undecoded_advice (const PlSource *source, const char *what, const char *data, gsize length)
{
  const char *mark = strcmp (source->encoding, "utf-8") != 0 ? memchr (data, PL_UNDECODED_MARK, length) : NULL;
  const char *end = mark != NULL ? memchr (mark, PL_UNDECODED_END, length - (gsize) (mark - data)) : NULL;
  if (end == NULL)
    return g_strdup_printf ("%s is not valid UTF-8; set encoding to what the file is written in, or see invalid-utf8",
                            what);
  return g_strdup_printf ("%s holds bytes that are not %s: 0x%.*s; set encoding to what the file is written in, or see "
                          "invalid-utf8",
                          what, source->encoding, (int) (end - mark - 1), mark + 1);
}
