/* Everything the program says. One message is one write(), so that messages of several processes do not mix. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, data, length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
use_colour (void)
{
  const char *no_colour = g_getenv ("NO_COLOR"), *terminal = g_getenv ("TERM");
  return isatty (STDERR_FILENO) && (no_colour == NULL || no_colour[0] == '\0') && g_strcmp0 (terminal, "dumb") != 0;
}

static void
say_line (const char *message)
{
  gboolean colour = use_colour ();
  GString *text = g_string_new (colour ? "\033[1mpipeline:\033[0m " : "pipeline: ");
  for (const char *p = message; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) && *p != '\n')
      g_string_append_printf (text, "\\x%02x", (guint) (guint8) *p);
    else
      g_string_append_c (text, *p);
  g_string_append_c (text, '\n');
  write_all (STDERR_FILENO, text->str, text->len);
  g_string_free (text, TRUE);
}

void
pl_say (const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  say_line (message);
}

int
pl_say_error (GError *error)
{
  int code = pl_error_exit_code (error);
  if (code != 0)
    say_line (error->message);
  g_error_free (error);
  return code;
}

/* A CSV file taken for a job has a mistake in every line; more than this helps nobody. */
#define MAX_ISSUES 50

int
pl_say_issues (PlIssues *issues, gboolean quiet)
{
  const GPtrArray *list = pl_issues_list (issues);
  guint said = 0;
  int code = 0;
  for (guint i = 0; i < list->len; i++)
    {
      const PlIssue *issue = g_ptr_array_index (list, i);
      if (issue->warning && quiet)
        continue;
      if (!issue->warning && code == 0)
        code = pl_error_exit_code (issue->error);
      if (said++ >= MAX_ISSUES)
        continue;
      g_autofree char *text = pl_issues_format (issue);
      say_line (text);
    }
  if (said > MAX_ISSUES)
    pl_say ("and %u more like these; mend the first ones and see what is left", said - MAX_ISSUES);
  return code;
}

int
pl_put (const char *text)
{
  if (write_all (STDOUT_FILENO, text, strlen (text)))
    return 0;
  int reason = errno;
  return pl_say_error (g_error_new (PL_IO_ERROR, reason == EPIPE ? PL_IO_ERROR_CLOSED_PIPE : PL_IO_ERROR_WRITE,
                                    "cannot write standard output: %s", g_strerror (reason)));
}
