/* like and ||. The pattern matcher is greedy with one remembered %, so it never takes more than length × pattern steps;
 * _ stands for a character, not a byte. */
#include <string.h>

#include "kernels.h"

/* Texts and patterns may both be the data's, and the steps are their product: seconds, at most. */
#define MAX_STEPS (G_GUINT64_CONSTANT (1) << 31)

static gsize
char_length (const char *text, const char *end)
{
  gsize n = 1;
  while (text + n < end && ((guchar) text[n] & 0xc0) == 0x80)
    n++;
  return n;
}

static gboolean
matches (PlText text, PlText pattern, int escape)
{
  const char *s = text.data, *s_end = s + text.length, *p = pattern.data, *p_end = p + pattern.length;
  const char *retry_s = NULL, *retry_p = NULL;
  for (;;)
    {
      if (p < p_end && *p == '%' && escape != '%')
        {
          retry_p = ++p;
          retry_s = s;
          continue;
        }
      if (p == p_end && s == s_end)
        return TRUE;
      gboolean escaped = p < p_end && (guchar) *p == escape && p + 1 < p_end;
      if (p < p_end && s < s_end && !escaped && *p == '_' && escape != '_')
        {
          p++;
          s += char_length (s, s_end);
          continue;
        }
      if (p < p_end && s < s_end && p[escaped] == *s)
        {
          p += 1 + escaped;
          s++;
          continue;
        }
      if (retry_p == NULL || retry_s >= s_end)
        return FALSE;
      retry_s += char_length (retry_s, s_end);
      s = retry_s;
      p = retry_p;
    }
}

PlColumn *
pl_kernel_like (PlValue text, PlValue pattern, PlValue escape, gsize n, PlArena *arena, gsize *failed,
                gboolean *too_long)
{
  PlColumn *out = pl_column_new (arena, PL_TYPE (PL_BOOL), n);
  *failed = PL_NO_ROW;
  *too_long = FALSE;
  pl_column_add_nulls (out, arena, n);
  for (gsize i = 0; i < n; i++)
    {
      int character = -1;
      out->bools[i] = 0;
      out->nulls[i] = pl_value_is_null (text, i) || pl_value_is_null (pattern, i)
                      || (escape.column != NULL && pl_value_is_null (escape, i));
      if (out->nulls[i])
        continue;
      if (escape.column != NULL)
        {
          PlText written = escape.column->texts[pl_value_row (escape, i)];
          if (written.length == 1 && (guchar) written.data[0] < 0x80)
            character = written.data[0];
          else if (*failed == PL_NO_ROW)
            *failed = i;
        }
      PlText subject = text.column->texts[pl_value_row (text, i)],
             form = pattern.column->texts[pl_value_row (pattern, i)];
      if ((guint64) subject.length * form.length <= MAX_STEPS)
        out->bools[i] = (guint8) matches (subject, form, character);
      else if (*failed == PL_NO_ROW)
        {
          *failed = i;
          *too_long = TRUE;
        }
    }
  return out;
}

PlColumn *
pl_kernel_concat (PlValue a, PlValue b, gsize n, PlArena *arena, gsize *failed)
{
  *failed = PL_NO_ROW;
  if ((a.scalar && pl_value_is_null (a, 0)) || (b.scalar && pl_value_is_null (b, 0)))
    return pl_column_null (arena, PL_TYPE (PL_STRING), n);
  PlColumn *out = pl_column_new (arena, PL_TYPE (PL_STRING), n);
  const PlText *x = a.column->texts, *y = b.column->texts;
  gsize x_step = !a.scalar, y_step = !b.scalar, total = 0;
  out->nulls = pl_nulls_or (a, b, n, arena);
  for (gsize i = 0; i < n; i++)
    total += (gsize) x[i * x_step].length + y[i * y_step].length;
  char *bytes = pl_arena_alloc (arena, total + 1);
  for (gsize i = 0; i < n; i++)
    {
      PlText left = x[i * x_step], right = y[i * y_step];
      gsize length = (gsize) left.length + right.length;
      if (length > G_MAXUINT32)
        {
          if (*failed == PL_NO_ROW && !(out->nulls != NULL && out->nulls[i]))
            *failed = i;
          right.length = 0;
        }
      out->texts[i] = (PlText){bytes, left.length + right.length, left.flags & right.flags};
      if (left.length > 0)
        memcpy (bytes, left.data, left.length);
      if (right.length > 0)
        memcpy (bytes + left.length, right.data, right.length);
      bytes += left.length + right.length;
    }
  return out;
}
