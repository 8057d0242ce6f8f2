/* Parts of texts, found by characters (which need not be valid UTF-8). Private to stages/functions. */
#pragma once
#include "../../pipeline/table/column.h"
#include <string.h>

G_BEGIN_DECLS

/** pl_text_count: Returns: characters in @text. */
static inline gint64
pl_text_count (PlText text)
{
  gint64 n = 0;
  for (gsize i = 0; i < text.length; i++)
    n += ((guchar) text.data[i] & 0xc0) != 0x80;
  return n;
}

/** pl_text_skip: Returns: where character @skip of the text starts, or its end. */
static inline gsize
pl_text_skip (PlText text, gint64 skip)
{
  gsize i = 0;
  while (i < text.length && skip > 0)
    {
      i++;
      while (i < text.length && ((guchar) text.data[i] & 0xc0) == 0x80)
        i++;
      skip--;
    }
  return i;
}

/** pl_text_part: Returns: (transfer none): bytes [@start, @end). */
static inline PlText
pl_text_part (PlText text, gsize start, gsize end)
{
  return (PlText){text.data + start, (guint32) (end - start), text.flags};
}

/** pl_text_cut: Returns: (transfer none): characters [@first, @last) counted from 0; both may lie outside. */
static inline PlText
pl_text_cut (PlText text, gint64 first, gint64 last)
{
  gsize start = pl_text_skip (text, first), end = last <= 0 ? 0 : pl_text_skip (text, last);
  return pl_text_part (text, MIN (start, end), end);
}

/** pl_text_find: Returns: the byte at which @wanted first stands in @text, or -1. */
static inline gint64
pl_text_find (PlText text, PlText wanted)
{
  if (wanted.length == 0)
    return 0;
  const char *found = text.length == 0     ? NULL
                      : wanted.length == 1 ? memchr (text.data, wanted.data[0], text.length)
                                           : memmem (text.data, text.length, wanted.data, wanted.length);
  return found != NULL ? found - text.data : -1;
}

G_END_DECLS
