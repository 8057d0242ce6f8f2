/* Everything the program says. One message is one write(), so that messages of several processes do not mix.
 *
 *   plain    pipeline: MESSAGE                                     on a terminal, where it is in bold
 *   time     2026-11-21T02:00:01Z pipeline[4711] error: MESSAGE    elsewhere, each line of it
 *   journal  <3>MESSAGE                                            where stderr is the journal's socket, which keeps
 *            time and process
 *
 * PIPELINE_LOG says which, instead. Times are UTC: they sort, and need neither a file of zones nor memory. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../base/show.h"
#include "../table/calendar.h"
#include "command.h"

typedef enum
{
  STYLE_AUTO,
  STYLE_PLAIN,
  STYLE_TIME,
  STYLE_JOURNAL
} Style;

static Style style = STYLE_PLAIN;
static char *first_error;

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

/* Whether stderr is what the service manager connected to the journal, and not merely inherited its variable:
 * systemd.exec(5). */
static gboolean
is_journal (void)
{
  const char *stream = g_getenv ("JOURNAL_STREAM");
  guint64 device, inode;
  struct stat info;
  char rest;
  return stream != NULL && sscanf (stream, "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT "%c", &device, &inode, &rest) == 2
         && fstat (STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

gboolean
pl_say_init (GError **error)
{
  static const char *const names[] = {"auto", "plain", "time", "journal"};
  const char *wanted = g_getenv ("PIPELINE_LOG");
  Style found = STYLE_AUTO;
  gboolean known = wanted == NULL || wanted[0] == '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (names) && !known; i++)
    if (strcmp (names[i], wanted) == 0)
      {
        found = (Style) i;
        known = TRUE;
      }
  style = found != STYLE_AUTO      ? found
          : isatty (STDERR_FILENO) ? STYLE_PLAIN
          : is_journal ()          ? STYLE_JOURNAL
                                   : STYLE_TIME;
  if (!known)
    g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_USAGE,
                 "PIPELINE_LOG: unknown value '%s'; there are: auto, plain, time, journal", wanted);
  return known;
}

gboolean
pl_say_is_log (void)
{
  return style != STYLE_PLAIN;
}

/* Writes what stands in front of a line. Safe in a signal handler: no locale, no zone, no memory.
 * Returns: its length. */
static gsize
format_prefix (char *text, gsize room, PlLevel level)
{
  static const char *const names[]
      = {[PL_LEVEL_ERROR] = "error", [PL_LEVEL_WARNING] = "warning", [PL_LEVEL_INFO] = "info"};
  if (style == STYLE_PLAIN)
    return g_strlcpy (text, "pipeline: ", room);
  if (style == STYLE_JOURNAL)
    return (gsize) snprintf (text, room, "<%d>", (int) level);

  gint64 now = (gint64) time (NULL), days = now / 86400, seconds = now % 86400;
  int year;
  guint month, day;
  pl_civil_from_days (days, &year, &month, &day);
  return (gsize) snprintf (text, room, "%04d-%02u-%02uT%02d:%02d:%02dZ pipeline[%d] %s: ", year, month, day,
                           (int) (seconds / 3600), (int) (seconds / 60 % 60), (int) (seconds % 60), (int) getpid (),
                           names[level]);
}

void
pl_say_at_once (PlLevel level, const char *message)
{
  char text[1024];
  gsize length = format_prefix (text, sizeof text, level);
  gsize rest = MIN (strlen (message), sizeof text - 1 - length);
  memcpy (text + length, message, rest);
  text[length + rest] = '\n';
  write_all (STDERR_FILENO, text, length + rest + 1);
}

/* A value may be as long as a job file. */
#define MAX_LINE 8192

/* Each of @lines is a line of its own, whatever is in it. */
static void
say_lines (PlLevel level, const char *const *lines)
{
  char prefix[128];
  g_auto (PlBuffer) text = PL_BUFFER_INIT;
  g_auto (PlBuffer) bare = PL_BUFFER_INIT;
  format_prefix (prefix, sizeof prefix, level);
  pl_buffer_append_string (&text, style == STYLE_PLAIN && use_colour () ? "\033[1mpipeline:\033[0m " : prefix);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      gsize start = bare.length + (i > 0);
      if (i > 0)
        pl_buffer_append_char (&bare, '\n');
      if (i > 0 && style != STYLE_PLAIN)
        pl_buffer_append_string (&text, prefix);
      g_autofree char *shown = pl_show_some (lines[i], strlen (lines[i]), MAX_LINE);
      pl_buffer_append_string (&bare, shown);
      pl_buffer_append (&text, bare.data + start, bare.length - start);
      pl_buffer_append_char (&text, '\n');
    }
  write_all (STDERR_FILENO, text.data, text.length);
  if (level == PL_LEVEL_ERROR && first_error == NULL)
    first_error = g_strndup (bare.data, bare.length);
}

static void
say_line (PlLevel level, const char *message)
{
  const char *const lines[] = {message, NULL};
  say_lines (level, lines);
}

const char *
pl_said_error (void)
{
  return first_error;
}

void
pl_say (PlLevel level, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  say_line (level, message);
}

int
pl_say_error (GError *error)
{
  int code = pl_error_exit_code (error);
  if (code != 0)
    say_line (PL_LEVEL_ERROR, error->message);
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
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
      say_lines (issue->warning ? PL_LEVEL_WARNING : PL_LEVEL_ERROR, (const char *const *) lines);
    }
  if (said > MAX_ISSUES)
    pl_say (code != 0 ? PL_LEVEL_ERROR : PL_LEVEL_WARNING,
            "and %u more like these; mend the first ones and see what is left", said - MAX_ISSUES);
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
