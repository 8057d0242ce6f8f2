/* A run's summary as JSON, written by hand: the shape is fixed and small. */
#include "summary.h"

#include <time.h>

#include "../base/show.h"

/* What a terminal could obey or hide (base/show.h) is escaped; what is not UTF-8 (a file's name) becomes U+FFFD. */
static void
put_string (GString *json, const char *text)
{
  if (text == NULL)
    {
      g_string_append (json, "null");
      return;
    }
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_string_append_c (json, '"');
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (c == '"' || c == '\\')
        g_string_append_printf (json, "\\%c", (char) c);
      else if (c == '\n')
        g_string_append (json, "\\n");
      else if (!pl_show_hides (c, PL_SHOW_LINE))
        g_string_append_unichar (json, c);
      else if (c <= 0xffff)
        g_string_append_printf (json, "\\u%04x", c);
      else
        g_string_append_printf (json, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
    }
  g_string_append_c (json, '"');
}

static void
put_seconds (GString *json, gint64 units, gint64 per_second)
{
  g_string_append_printf (json, "%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT, units / per_second,
                          units % per_second / (per_second / 1000000));
}

static void
put_sources (GString *json, const GArray *sources)
{
  g_string_append (json, "  \"sources\": [");
  for (guint i = 0; i < sources->len; i++)
    {
      const PlSourceSummary *source = &g_array_index (sources, PlSourceSummary, i);
      g_string_append (json, i == 0 ? "\n    {\"name\": " : ",\n    {\"name\": ");
      put_string (json, source->name);
      g_string_append_printf (json, ", \"records\": %" G_GUINT64_FORMAT ", \"rejected\": %" G_GUINT64_FORMAT "}",
                              source->records, source->rejected);
    }
  g_string_append (json, sources->len > 0 ? "\n  ],\n" : "],\n");
}

static void
put_steps (GString *json, const GArray *steps)
{
  g_string_append (json, "  \"steps\": [");
  for (guint i = 0; i < steps->len; i++)
    {
      const PlStepSummary *step = &g_array_index (steps, PlStepSummary, i);
      g_string_append (json, i == 0 ? "\n    {\"step\": " : ",\n    {\"step\": ");
      put_string (json, step->label);
      g_string_append_printf (json, ", \"rows_in\": %" G_GUINT64_FORMAT ", \"rows_out\": %" G_GUINT64_FORMAT,
                              step->rows_in, step->rows_out);
      if (step->missing != NULL)
        g_string_append_printf (json, ", \"%s\": %" G_GINT64_FORMAT, step->missing,
                                (gint64) (step->rows_in - step->rows_out));
      g_string_append (json, ", \"seconds\": ");
      put_seconds (json, step->nanoseconds, 1000000000);
      g_string_append_c (json, '}');
    }
  g_string_append (json, steps->len > 0 ? "\n  ],\n" : "],\n");
}

/* What the system saw, beside what is known of it; the rest may be less than nothing: what was leased and not used. */
static void
put_memory (GString *json, const PlMemoryAccount *memory, guint64 limit)
{
  const guint64 seen = memory->seen + memory->programs;
  const guint64 accounted = memory->base + memory->leased + memory->programs;
  g_string_append_printf (
      json,
      "  \"memory\": {\n    \"seen\": %" G_GUINT64_FORMAT ", \"accounted\": %" G_GUINT64_FORMAT
      ", \"unaccounted\": %" G_GINT64_FORMAT ",\n    \"base\": %" G_GUINT64_FORMAT ", \"leased\": %" G_GUINT64_FORMAT
      ", \"programs\": %" G_GUINT64_FORMAT ", \"spilled\": %" G_GUINT64_FORMAT ",\n    \"allowed\": ",
      seen, accounted, (gint64) (seen - accounted), memory->base, memory->leased, memory->programs, memory->spilled);
  if (limit != G_MAXUINT64)
    g_string_append_printf (json, "%" G_GUINT64_FORMAT, limit);
  else
    g_string_append (json, "null");
  g_string_append (json, ", \"holders\": [");
  for (guint i = 0; i < memory->holders->len; i++)
    {
      const PlHolder *holder = &g_array_index (memory->holders, PlHolder, i);
      g_string_append (json, i == 0 ? "\n      {\"holder\": " : ",\n      {\"holder\": ");
      put_string (json, holder->name);
      g_string_append_printf (json, ", \"peak\": %" G_GUINT64_FORMAT "}", holder->peak);
    }
  g_string_append (json, memory->holders->len > 0 ? "\n    ]\n  },\n" : "]\n  },\n");
}

char *
pl_report_json (const PlReport *report)
{
  const PlRunSummary *summary = report->summary;
  GString *json = g_string_new ("{\n  \"job\": ");
  time_t started = (time_t) report->started;
  char when[64] = "";
  struct tm utc;
  if (gmtime_r (&started, &utc) != NULL)
    strftime (when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
  put_string (json, report->job);
  g_string_append (json, ",\n  \"file\": ");
  put_string (json, report->path);
  g_string_append_printf (json, ",\n  \"started\": \"%s\",\n  \"seconds\": ", when);
  put_seconds (json, report->microseconds, G_USEC_PER_SEC);
  g_string_append (json, ",\n");
  if (summary != NULL)
    {
      g_string_append_printf (json,
                              "  \"passes\": %u,\n  \"bytes_read\": %" G_GUINT64_FORMAT
                              ",\n  \"bytes_written\": %" G_GUINT64_FORMAT
                              ",\n  \"workers\": {\"died\": %u, \"blocks_repeated\": %u, \"retired\": %u},\n",
                              summary->passes, summary->bytes_read, summary->bytes_written, summary->deaths,
                              summary->repeated, summary->retired);
      put_sources (json, summary->sources);
      put_steps (json, summary->steps);
      if (summary->memory != NULL)
        put_memory (json, summary->memory, summary->memory_limit);
    }
  g_string_append (json, "  \"error\": ");
  put_string (json, report->error);
  g_string_append_printf (json, ",\n  \"exit\": %d\n}\n", report->exit_code);
  return g_string_free (json, FALSE);
}
