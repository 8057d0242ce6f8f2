/* Text of others, made safe to show: see show.h.
 *
 * Nothing is left out or replaced, so that a message still says what was there; and a backslash is not doubled, because
 * a message is read by people and most backslashes are those of paths and patterns. What must be read back exactly is
 * not written by this. */
#include "show.h"

#include <string.h>

typedef struct
{
  gunichar first, last;
} Range;

/* Code points that are not seen as themselves: C1 controls, soft hyphen, marks of direction, joiners and spaces without
 * a width, line and paragraph separators, invisible operators, byte order mark, annotations, tags. */
static const Range hidden[] = {
    {0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

/* Those that look like the blank of the space bar, or like none at all: fillers of Hangul and Braille, too. In tables
 * they are blanks of their texts. */
static const Range blanks[] = {
    {0xa0, 0xa0},     {0x34f, 0x34f},   {0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x2000, 0x200a},
    {0x202f, 0x202f}, {0x205f, 0x205f}, {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164}, {0xffa0, 0xffa0},
};

static gboolean
is_among (const Range *ranges, gsize n, gunichar c)
{
  for (gsize i = 0; i < n; i++)
    if (c >= ranges[i].first && c <= ranges[i].last)
      return TRUE;
  return FALSE;
}

gboolean
pl_show_hides (gunichar c, PlShow how)
{
  if (c < 0x20 || c == 0x7f)
    return TRUE;
  if (how == PL_SHOW_CELL && (c == 0x200c || c == 0x200d))
    return FALSE;
  return is_among (hidden, G_N_ELEMENTS (hidden), c)
         || (how == PL_SHOW_LINE && is_among (blanks, G_N_ELEMENTS (blanks), c));
}

static void
append_byte (PlBuffer *out, guchar byte)
{
  if (byte == '\n' || byte == '\r' || byte == '\t')
    pl_buffer_append_string (out, byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "\\t");
  else
    pl_buffer_append_printf (out, "\\x%02x", byte);
}

/* How many bytes from @data on are shown as they are. */
static gsize
plain_length (const char *data, gsize length, PlShow how)
{
  gsize i = 0;
  while (i < length)
    {
      guchar byte = (guchar) data[i];
      gunichar c = byte < 0x80 ? byte : g_utf8_get_char_validated (data + i, (gssize) (length - i));
      if (c >= (gunichar) -2 || pl_show_hides (c, how))
        break;
      i += (gsize) g_unichar_to_utf8 (c, NULL);
    }
  return i;
}

void
pl_show_append (PlBuffer *out, const char *data, gsize length, PlShow how)
{
  for (gsize i = 0; i < length;)
    {
      gsize plain = plain_length (data + i, length - i, how);
      pl_buffer_append (out, data + i, plain);
      i += plain;
      if (i == length)
        return;
      gunichar c = g_utf8_get_char_validated (data + i, (gssize) (length - i));
      if (c >= (gunichar) -2 || c < 0x80)
        {
          append_byte (out, (guchar) data[i++]);
          continue;
        }
      pl_buffer_append_printf (out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
      i += (gsize) g_unichar_to_utf8 (c, NULL);
    }
}

char *
pl_show (const char *text)
{
  g_auto (PlBuffer) out = PL_BUFFER_INIT;
  pl_show_append (&out, text, strlen (text), PL_SHOW_LINE);
  return g_strndup (out.data != NULL ? out.data : "", out.length);
}

gsize
pl_show_cut (const char *data, gsize most)
{
  gsize length = most;
  while (length > 0 && most - length < 3 && ((guchar) data[length] & 0xc0) == 0x80)
    length--;
  /* Four bytes that all continue are no character. */
  return ((guchar) data[length] & 0xc0) == 0x80 ? most : length;
}

char *
pl_show_some (const char *data, gsize length, gsize most)
{
  g_auto (PlBuffer) out = PL_BUFFER_INIT;
  gsize shown = length > most ? pl_show_cut (data, most) : length;
  pl_show_append (&out, data, shown, PL_SHOW_LINE);
  if (shown < length)
    pl_buffer_append_string (&out, "…");
  return g_strndup (out.data != NULL ? out.data : "", out.length);
}
