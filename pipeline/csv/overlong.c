/* The first number of each column that is longer than a float: see overlong.h. */
#include "overlong.h"
#include "../table/parse.h"

#define MAX_DECIMAL_DIGITS 38

gboolean
pl_is_overlong (const char *data, gsize length, double value, guint *scale)
{
  PlNumberShape shape;
  /* What a pinned column takes, too: blanks around, zeros in front. */
  pl_parse_trim (&data, &length);
  if (length > 0 && (*data == '-' || *data == '+'))
    {
      data++;
      length--;
    }
  for (; length > 1 && data[0] == '0' && g_ascii_isdigit (data[1]); data++)
    length--;
  if (!pl_number_shape (data, length, &shape) || pl_number_is_short (&shape)
      || pl_number_is_double (&shape, ABS (value)))
    return FALSE;
  *scale = shape.whole + shape.fraction <= MAX_DECIMAL_DIGITS ? (guint) shape.fraction : G_MAXUINT;
  return TRUE;
}

static void
clear (gpointer overlong)
{
  g_free (((PlOverlong *) overlong)->text);
}

GArray *
pl_overlong_new (void)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (PlOverlong));
  g_array_set_clear_func (list, clear);
  return list;
}

const PlOverlong *
pl_overlong_find (const GArray *list, guint column)
{
  for (guint i = 0; i < list->len; i++)
    if (g_array_index (list, PlOverlong, i).column == column)
      return &g_array_index (list, PlOverlong, i);
  return NULL;
}

void
pl_overlong_add (GArray *list, PlOverlong found)
{
  PlOverlong *known = (PlOverlong *) pl_overlong_find (list, found.column);
  if (known == NULL)
    {
      g_array_append_val (list, found);
      return;
    }
  if (known->position <= found.position)
    {
      g_free (found.text);
      return;
    }
  g_free (known->text);
  *known = found;
}

void
pl_overlong_move (GArray *into, GArray *from, guint64 last)
{
  for (guint i = 0; i < from->len; i++)
    {
      PlOverlong *found = &g_array_index (from, PlOverlong, i);
      if (found->position > last)
        continue;
      pl_overlong_add (into, *found);
      found->text = NULL;
    }
  g_array_set_size (from, 0);
}

void
pl_overlong_put (const GArray *list, PlBuffer *buffer)
{
  pl_buffer_put_u32 (buffer, list->len);
  for (guint i = 0; i < list->len; i++)
    {
      const PlOverlong *found = &g_array_index (list, PlOverlong, i);
      pl_buffer_put_u32 (buffer, found->column);
      pl_buffer_put_u64 (buffer, found->position);
      pl_buffer_put_u32 (buffer, found->file);
      pl_buffer_put_u64 (buffer, found->line);
      pl_buffer_put_u32 (buffer, found->scale);
      pl_buffer_put_string (buffer, found->text);
    }
}

void
pl_overlong_get (GArray *list, PlCursor *cursor)
{
  guint n = pl_cursor_get_u32 (cursor);
  for (guint i = 0; i < n && !cursor->failed; i++)
    {
      PlOverlong found = {.column = pl_cursor_get_u32 (cursor)};
      found.position = pl_cursor_get_u64 (cursor);
      found.file = pl_cursor_get_u32 (cursor);
      found.line = pl_cursor_get_u64 (cursor);
      found.scale = pl_cursor_get_u32 (cursor);
      found.text = pl_cursor_get_string (cursor);
      if (found.text != NULL)
        pl_overlong_add (list, found);
    }
}
