/* How far, how fast, how long still: computed from the counters of the engine, without any state. */
#include "progress.h"

static void
append_time (GString *text, guint64 seconds)
{
  if (seconds >= 3600)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT ":%02u:%02u left", seconds / 3600, (guint) (seconds / 60 % 60),
                            (guint) (seconds % 60));
  else
    g_string_append_printf (text, "%u:%02u left", (guint) (seconds / 60), (guint) (seconds % 60));
}

char *
pl_progress_line (guint64 bytes_done, guint64 bytes_total, guint64 rows, gint64 elapsed)
{
  GString *text = g_string_new (NULL);
  double seconds = (double) MAX (elapsed, 1) / G_USEC_PER_SEC;
  double rate = (double) bytes_done / seconds;
  guint64 done = MIN (bytes_done, bytes_total);
  if (bytes_total > 0)
    g_string_append_printf (text, "%u%%  ", (guint) (100.0 * (double) done / (double) bytes_total));
  g_string_append_printf (text, "%.1f MB/s  %" G_GUINT64_FORMAT " rows", rate / 1e6, rows);
  if (bytes_total > 0 && bytes_done > 0)
    {
      double left = (double) (bytes_total - done) / rate;
      g_string_append (text, "  ");
      append_time (text, left < 1e9 ? (guint64) (left + 0.5) : 1000000000);
    }
  return g_string_free (text, FALSE);
}
