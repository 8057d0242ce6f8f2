/* Aligned columns of text, for what commands print about jobs and data: shown, so that nothing of it steers the
 * terminal. */
#include <string.h>

#include "../base/show.h"
#include "command.h"

/* Terminal columns of @text. */
static glong
width_of (const char *text)
{
  glong width = 0;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

static gboolean
is_number (const char *text)
{
  char *end;
  g_ascii_strtod (text, &end);
  return *end == '\0';
}

/* Returns: (transfer full) (element-type utf8) */
static GPtrArray *
show_cells (const GPtrArray *texts)
{
  GPtrArray *cells = g_ptr_array_new_full (texts->len, g_free);
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      g_auto (PlBuffer) shown = PL_BUFFER_INIT;
      pl_show_append (&shown, text, strlen (text), PL_SHOW_CELL);
      g_ptr_array_add (cells, g_strndup (shown.data != NULL ? shown.data : "", shown.length));
    }
  return cells;
}

char *
pl_text_table (const GPtrArray *texts, guint n_columns)
{
  g_autoptr (GPtrArray) cells = show_cells (texts);
  GString *text = g_string_new (NULL);
  g_autofree glong *widths = g_new0 (glong, n_columns);
  g_autofree gboolean *right = g_new (gboolean, n_columns);
  for (guint i = 0; i < n_columns; i++)
    right[i] = cells->len > n_columns;
  for (guint i = 0; i < cells->len; i++)
    {
      const char *cell = g_ptr_array_index (cells, i);
      widths[i % n_columns] = MAX (widths[i % n_columns], width_of (cell));
      if (i >= n_columns)
        right[i % n_columns] &= is_number (cell);
    }
  for (guint i = 0; i < cells->len; i++)
    {
      const char *cell = g_ptr_array_index (cells, i);
      guint column = i % n_columns;
      int padding = (int) (widths[column] - width_of (cell));
      gboolean last = column + 1 == n_columns;
      if (right[column])
        g_string_append_printf (text, "%*s%s", padding, "", cell);
      else
        g_string_append_printf (text, "%s%*s", cell, last ? 0 : padding, "");
      g_string_append (text, last ? "\n" : "  ");
    }
  return g_string_free (text, FALSE);
}
