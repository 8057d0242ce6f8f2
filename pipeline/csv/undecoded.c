/* Text of another encoding is UTF-8 by the time it is here; what it lacked stands between marks (io/input.h). */
#include "undecoded.h"

#include <string.h>

gsize
pl_undecoded_mark (const PlSource *source, const char *data, gsize length)
{
  if (length == 0 || *data != PL_UNDECODED_MARK || strcmp (source->encoding, "utf-8") == 0)
    return 0;
  const char *end = memchr (data, PL_UNDECODED_END, length);
  return end != NULL ? (gsize) (end - data) + 1 : 0;
}

char *
pl_undecoded_advice (const PlSource *source, const char *what, const char *data, gsize length)
{
  const char *mark = memchr (data, PL_UNDECODED_MARK, length);
  const gsize n = mark != NULL ? pl_undecoded_mark (source, mark, length - (gsize) (mark - data)) : 0;
  if (n == 0)
    return g_strdup_printf ("%s is not valid UTF-8; set encoding to what the file is written in, or see invalid-utf8",
                            what);
  return g_strdup_printf ("%s holds bytes that are not %s: 0x%.*s; set encoding to what the file is written in, or see "
                          "invalid-utf8",
                          what, source->encoding, (int) n - 2, mark + 1);
}
