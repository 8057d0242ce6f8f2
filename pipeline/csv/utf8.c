/* UTF-8 validation: eight ASCII bytes at a time, other characters one by one. Only called where a scan saw a NUL or a
 * byte >= 0x80. */
#include "utf8.h"
#include <string.h>

#define HIGH_BITS G_GUINT64_CONSTANT (0x8080808080808080)
#define ONES G_GUINT64_CONSTANT (0x0101010101010101)

static inline gboolean
is_continuation (guint8 byte)
{
  return (byte & 0xc0) == 0x80;
}

/* Length of the well-formed character at @p, which is not ASCII; 0: none. */
static inline gsize
character_length (const guint8 *p, gsize available)
{
  guint8 lead = p[0];
  if (lead >= 0xc2 && lead <= 0xdf)
    return available >= 2 && is_continuation (p[1]) ? 2 : 0;
  if (available < 3 || !is_continuation (p[1]) || !is_continuation (p[2]))
    return 0;
  if (lead >= 0xe0 && lead <= 0xef)
    return (lead == 0xe0 && p[1] < 0xa0) || (lead == 0xed && p[1] > 0x9f) ? 0 : 3;
  if (lead < 0xf0 || lead > 0xf4 || available < 4 || !is_continuation (p[3]))
    return 0;
  return (lead == 0xf0 && p[1] < 0x90) || (lead == 0xf4 && p[1] > 0x8f) ? 0 : 4;
}

PlUtf8
pl_utf8_check (const char *data, gsize length)
{
  const guint8 *p = (const guint8 *) data, *end = p + length;
  while (p < end)
    {
      guint64 word;
      if (end - p >= 8)
        {
          memcpy (&word, p, 8);
          /* A byte that is zero borrows; one >= 0x80 has its bit: neither in plain ASCII. */
          if ((((word - ONES) | word) & HIGH_BITS) == 0)
            {
              p += 8;
              continue;
            }
        }
      if (*p == 0)
        return PL_UTF8_NUL;
      if (*p < 0x80)
        {
          p++;
          continue;
        }
      gsize n = character_length (p, (gsize) (end - p));
      if (n == 0)
        return PL_UTF8_INVALID;
      p += n;
    }
  return PL_UTF8_VALID;
}
