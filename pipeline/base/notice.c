/* One handler for the process: see notice.h. */
#include "notice.h"

static void (*notice_handler) (const char *text);

void
pl_notice_handle (void (*handler) (const char *text))
{
  notice_handler = handler;
}

void
pl_notice (const char *format, ...)
{
  va_list arguments;
  if (notice_handler == NULL)
    return;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  notice_handler (text);
}
