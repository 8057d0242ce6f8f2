/* Formats of dates: see time-cure.h. */
#include "time-cure.h"

#include <string.h>

#include "../table/calendar.h"
#include "../table/looks.h"
#include "../table/parse.h"

/* Whether the formats give a day and no more, of a pin that wants one. */
static gboolean
is_day (const PlCure *it, const char *format)
{
  gint64 moment = 0;
  gboolean zoned;
  return pl_parse_formatted (it->value, it->length, format, &moment, &zoned, NULL)
         && pl_floor_days (moment) * PL_USEC_PER_DAY == moment;
}

/* "date-format = d:%d.%m.%Y": formats that name the column where others do, or none does. @is_timed: they give more
 * than the day that a pin wants */
static void
append_formats (GString *text, PlCure *it, char *const *formats, guint n, gboolean is_timed)
{
  const PlSource *source = it->source;
  const PlReading *reading = &source->readings[it->column];
  const gboolean is_common = (reading->style.formats & ~PL_FORMAT_OF_BOOLS) != 0 && !reading->is_asked;
  g_autoptr (GString) items = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (items, "%s%s%s%s", i > 0 ? " or " : "", is_common ? "" : it->name, is_common ? "" : ":",
                            formats[i]);
  pl_cure_start (text, it);
  if (is_timed)
    {
      pl_cure_append_type (text, it, "timestamp");
      g_string_append (text, " and ");
    }
  pl_cure_append_key (text, "date-format", items->str, source->dialect.n_date_formats > 0);
  g_string_append (text, is_timed ? " read it" : " reads it");
}

gboolean
pl_cure_by_format (GString *text, PlCure *it)
{
  const gboolean is_date = it->others.kind == PL_DATE;
  if ((!is_date && it->others.kind != PL_TIMESTAMP) || it->source->dialect.n_date_formats >= PL_MAX_FORMATS)
    return FALSE;
  g_autoptr (GPtrArray) found = pl_looks_like_date (it->value, it->length, it->others.zoned);
  if (found->len == 0 && it->is_pinned)
    {
      g_ptr_array_unref (found);
      found = pl_looks_like_date (it->value, it->length, !it->others.zoned);
    }
  if (found->len == 0)
    return FALSE;
  append_formats (text, it, (char *const *) found->pdata, MIN (found->len, 2),
                  is_date && it->is_pinned && !is_day (it, g_ptr_array_index (found, 0)));
  return TRUE;
}

gboolean
pl_cure_by_digits (GString *text, PlCure *it)
{
  static char *const year = "%Y", *const epoch = "%s";
  const gboolean is_date = it->others.kind == PL_DATE;
  const gboolean is_epoch
      = (it->others.kind == PL_TIMESTAMP || (is_date && it->is_pinned)) && (it->length == 9 || it->length == 10);
  if (strspn (it->value, "0123456789") != it->length || *it->value == '0' || !(is_epoch || it->length == 4)
      || (it->source->readings[it->column].style.formats & ~PL_FORMAT_OF_BOOLS) != 0)
    return FALSE;
  append_formats (text, it, is_epoch ? &epoch : &year, 1, is_epoch && is_date && !is_day (it, epoch));
  return TRUE;
}
