/* Dates and timestamps to and from texts of a given format: strftime, strptime, try_strptime. The format is a constant,
 * so that its mistakes are found with the job's; names are English, whatever the locale. Reading is table/parse.h's. */
#include "bind.h"
#include "families.h"

#include <string.h>

#include "../../pipeline/base/show.h"
#include "../../pipeline/table/calendar.h"
#include "../../pipeline/table/parse.h"
#include "../../pipeline/table/print-formatted.h"
#include "../../pipeline/base/error.h"

static gboolean
bind_format (const PlFunction *self, const PlColumn *constant, PlType *type, char **format, GError **error)
{
  if (constant == NULL || type->kind != PL_STRING || pl_column_is_null (constant, 0))
    {
      g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE,
                   "%s needs its format as a constant text, such as '%%Y-%%m-%%d'", self->signature);
      return FALSE;
    }
  *format = g_strndup (constant->texts[0].data, constant->texts[0].length);
  if (strlen (*format) <= PL_PRINT_FORMAT_MAX)
    return TRUE;
  g_clear_pointer (format, g_free);
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "the format of %s is longer than %d bytes", self->name,
               PL_PRINT_FORMAT_MAX);
  return FALSE;
}

static gboolean
bind_strftime (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
               PlType *result, guint *variant, GError **error)
{
  g_autofree char *format = NULL;
  *result = PL_TYPE (PL_STRING);
  if (!pl_bind_time (self, constants[0], &types[0], error)
      || !bind_format (self, constants[1], &types[1], &format, error))
    return FALSE;
  *variant = types[0].zoned;
  gboolean has_time;
  return pl_print_format_check (format, "strftime", &has_time, error);
}

static gboolean
evaluate_strftime (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                   PlArena *arena, gsize *failed G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
  char text[PL_PRINT_FORMATTED_MAX];
  for (gsize i = 0; i < n; i++)
    {
      const PlText format = args[1]->texts[i];
      const gboolean is_null = out->nulls != NULL && out->nulls[i];
      const gsize length
          = is_null ? 0 : pl_print_formatted (text, format.data, format.length, args[0]->ints[i], variant != 0);
      out->texts[i] = (PlText){pl_arena_copy (arena, text, length), (guint32) length, format.flags};
    }
  return TRUE;
}

enum
{
  GIVES_TIMESTAMP = 1 << 0,
  GIVES_NULL = 1 << 1,
};

static gboolean
bind_strptime (const PlFunction *self, PlType *types, const PlColumn *const *constants, guint n_args G_GNUC_UNUSED,
               PlType *result, guint *variant, GError **error)
{
  g_autofree char *format = NULL;
  PlFormatShape shape;
  if (!pl_bind_as (self, &types[0], PL_STRING, error) || !bind_format (self, constants[1], &types[1], &format, error)
      || !pl_format_check (format, &shape, error))
    return FALSE;
  *result = shape.has_time ? (PlType){.kind = PL_TIMESTAMP, .zoned = shape.is_zoned != FALSE} : PL_TYPE (PL_DATE);
  *variant = (shape.has_time ? GIVES_TIMESTAMP : 0) | (g_str_equal (self->name, "try_strptime") ? GIVES_NULL : 0);
  return TRUE;
}

static void
fail_format (PlText text, const char *format, GError **error)
{
  g_autofree char *shown = pl_show_some (text.data, text.length, 60);
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE,
               "cannot read '%s' by the format '%s'; try_strptime gives null instead", shown, format);
}

static gboolean
evaluate_strptime (guint variant, PlColumn *const *args, guint n_args G_GNUC_UNUSED, gsize n, PlColumn *out,
                   PlArena *arena, gsize *failed, GError **error)
{
  if (n == 0)
    return TRUE;
  /* A constant: the same in every row. */
  g_autofree char *format = g_strndup (args[1]->texts[0].data, args[1]->texts[0].length);
  for (gsize i = 0; i < n; i++)
    {
      PlText text = args[0]->texts[i];
      gint64 time = 0;
      gboolean zoned;
      if (!(out->nulls != NULL && out->nulls[i])
          && !pl_parse_formatted (text.data, text.length, format, &time, &zoned, NULL))
        {
          if ((variant & GIVES_NULL) == 0)
            {
              *failed = i;
              fail_format (text, format, error);
              return FALSE;
            }
          pl_make_null (out, arena, n, i);
          time = 0;
        }
      if (variant & GIVES_TIMESTAMP)
        out->ints[i] = time;
      else
        out->dates[i] = pl_floor_days (time);
    }
  return TRUE;
}

#define STRPTIME(n, t, e)                                                                                              \
  {                                                                                                                    \
    .name = n, .signature = n "(s, format)", .summary = t, .example = e, .min_args = 2, .max_args = 2,                 \
    .bind = bind_strptime, .evaluate = evaluate_strptime                                                               \
  }

const PlFunction pl_date_format_functions[] = {
    {.name = "strftime",
     .signature = "strftime(x, format)",
     .summary
     = "A date or timestamp as text, by a format such as '%d.%m.%Y', with the directives of date-format and %u, the "
       "number of the weekday",
     .example = "strftime(cast('2024-02-29' as date), '%a %d %b %Y') = 'Thu 29 Feb 2024'",
     .min_args = 2,
     .max_args = 2,
     .bind = bind_strftime,
     .evaluate = evaluate_strftime},
    STRPTIME ("strptime",
              "The date or timestamp that a text of the format writes; what is finer than a microsecond is cut",
              "strptime('29/02/2024', '%d/%m/%Y') = cast('2024-02-29' as date)"),
    STRPTIME ("try_strptime", "As strptime, but null where the text is not of the format",
              "try_strptime('30/02/2024', '%d/%m/%Y') is null"),
    {.name = NULL},
};
