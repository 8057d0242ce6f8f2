/* Aligned columns of text, for what commands print about jobs and data. */
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

char *
pl_text_table (const GPtrArray *cells, guint n_columns)
{
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
