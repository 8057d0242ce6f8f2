/* Reading and writing at once, until a block is answered: see talk.h.
 *
 * Only whole records are ever looked at, by the smallest reading of CSV that finds their ends; what they hold is the
 * business of answer.c. */
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often an exchange without news is looked at. */
#define GLANCE_MS 100
/* How long a child that has read all and does nothing is waited for, before its input is closed. */
#define PATIENCE G_USEC_PER_SEC
/* How long a child may take to be gone when it has answered all and its input has ended. */
#define FAREWELL (G_USEC_PER_SEC / 2)
/* The same where nothing was asked, which is to find out whether it comes up at all. */
#define LONG_FAREWELL (10 * G_USEC_PER_SEC)
#define PIECE (256 << 10)
/* Answers that are not worth being woken for, and how long more are waited for, in microseconds. */
#define FEW (16 << 10)
#define SHORTEST_NAP 20ul
#define LONGEST_NAP 1000ul

typedef enum
{
  IN_START, /* of a field */
  IN_PLAIN,
  IN_QUOTES,
  BEHIND_QUOTE,
} RecordState;

G_GNUC_PRINTF (2, 3)
static void
fail (PlTalk *talk, const char *format, ...)
{
  va_list arguments;
  if (talk->result != PL_TALK_ON)
    return;
  va_start (arguments, format);
  talk->fault = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  talk->result = PL_TALK_FAILED;
}

static const char *
before_what (const PlTalk *talk)
{
  return talk->n_rows == 0 ? "before it was given a row" : "before it answered this row";
}

/* The child has closed its stdout: it has ended, or will. */
static void
fail_by_fate (PlTalk *talk)
{
  PlChildEnd end;
  g_autofree char *fate = pl_child_collect (talk->child, FAREWELL, &end);
  g_autofree char *words = pl_child_take_words (talk->child);
  g_autofree char *line = pl_child_last_line (words);
  fail (talk, "%s %s%s%s", fate != NULL ? fate : "closed its stdout", before_what (talk),
        line != NULL ? "; its last words: " : "", line != NULL ? line : "");
}

/* Behind a whole record of the answers. */
static void
take_record (PlTalk *talk, gsize end)
{
  if (talk->header_is_due)
    {
      talk->header_is_due = FALSE;
      talk->child->has_header = TRUE;
      talk->first = end;
      return;
    }
  g_array_append_val (talk->ends, end);
}

static void
scan_csv (PlTalk *talk)
{
  const char *data = talk->answers.data;
  for (; talk->scanned < talk->answers.length && talk->ends->len < talk->n_rows; talk->scanned++)
    {
      char c = data[talk->scanned];
      if (talk->after_cr && c != '\n')
        {
          fail (talk, "answered this row with a carriage return outside of quotes");
          return;
        }
      talk->after_cr = FALSE;
      if (talk->state == IN_QUOTES)
        talk->state = c == '"' ? BEHIND_QUOTE : IN_QUOTES;
      else if (c == '"' && talk->state != IN_PLAIN)
        talk->state = IN_QUOTES;
      else if (c == ',')
        talk->state = IN_START;
      else if (c == '\r')
        talk->after_cr = TRUE;
      else if (c == '\n')
        {
          talk->state = IN_START;
          take_record (talk, talk->scanned + 1);
        }
      else
        talk->state = IN_PLAIN;
    }
}

static void
scan_lines (PlTalk *talk)
{
  while (talk->scanned < talk->answers.length && talk->ends->len < talk->n_rows)
    {
      const char *from = talk->answers.data + talk->scanned;
      const char *end = memchr (from, '\n', talk->answers.length - talk->scanned);
      talk->scanned = end != NULL ? (gsize) (end - talk->answers.data) + 1 : talk->answers.length;
      if (end != NULL)
        take_record (talk, talk->scanned);
    }
}

static void
scan (PlTalk *talk)
{
  if (talk->rules->is_json)
    scan_lines (talk);
  else
    scan_csv (talk);
  gsize whole = talk->ends->len > 0 ? g_array_index (talk->ends, gsize, talk->ends->len - 1) : talk->first;
  /* A header without rows answers nothing, and may stay away. */
  gboolean all = talk->ends->len == talk->n_rows && talk->n_rows > 0;
  if (all && talk->answers.length > whole)
    fail (talk, "answered this row with more than one");
  else if (talk->answers.length - whole > talk->rules->max_record_size)
    fail (talk, "answered this row with one longer than %" G_GSIZE_FORMAT " MiB", talk->rules->max_record_size >> 20);
}

/* Returns: whether the child's stdout has ended. */
static gboolean
read_answers (PlTalk *talk)
{
  for (;;)
    {
      char *into = pl_buffer_reserve (&talk->answers, PIECE);
      gssize n = read (talk->child->out, into, PIECE);
      if (n > 0)
        {
          talk->answers.length += (gsize) n;
          talk->last_move = g_get_monotonic_time ();
          scan (talk);
          if (talk->result != PL_TALK_ON)
            return FALSE;
          continue;
        }
      if (n < 0 && errno == EINTR)
        continue;
      return n == 0 || errno != EAGAIN;
    }
}

static void
end_input (PlTalk *talk)
{
  pl_child_look (talk->child);
  pl_child_close (&talk->child->in);
  talk->input_ended = g_get_monotonic_time ();
}

/* Writes @data from *@sent on. Returns: whether all of it is written. */
static gboolean
write_some (PlTalk *talk, const char *data, gsize length, gsize *sent)
{
  while (*sent < length && talk->child->in >= 0)
    {
      gssize n = write (talk->child->in, data + *sent, length - *sent);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return FALSE;
      if (n < 0)
        end_input (talk);
      else
        {
          *sent += (gsize) n;
          talk->last_move = g_get_monotonic_time ();
        }
    }
  return *sent == length;
}

static void
write_question (PlTalk *talk)
{
  if (talk->child->in < 0)
    return;
  if (write_some (talk, talk->header, talk->header_length, &talk->sent_header)
      && write_some (talk, talk->question, talk->length, &talk->sent) && talk->child->in >= 0
      && talk->answers_when == PL_ANSWERS_AT_END)
    end_input (talk);
}

/* Processor time of the child, in ticks; 0 when it cannot be had. */
static guint64
processor_time (const PlChild *child)
{
  char path[64], text[1024];
  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) child->pid);
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return 0;
  gsize n = fread (text, 1, sizeof text - 1, file);
  fclose (file);
  text[n] = '\0';
  /* The second field, the name, is in brackets and may hold anything; utime and stime are the 14th and 15th. */
  const char *p = strrchr (text, ')');
  for (guint field = 2; p != NULL && field < 14; field++)
    p = strchr (p + 1, ' ');
  if (p == NULL)
    return 0;
  char *end;
  guint64 user = g_ascii_strtoull (p, &end, 10);
  return user + g_ascii_strtoull (end, NULL, 10);
}

/* Whether it has read all that was written, and has done nothing for a while. */
static gboolean
is_idle (PlTalk *talk, gint64 now)
{
  int unread = 0;
  guint64 ticks = processor_time (talk->child);
  if (ticks != talk->processor_time || ioctl (talk->child->in, FIONREAD, &unread) != 0 || unread > 0)
    {
      talk->processor_time = ticks;
      talk->last_move = now;
    }
  return now - talk->last_move >= PATIENCE;
}

/* All rows are answered and the input has ended: how the child ends decides. */
static void
judge_ended (PlTalk *talk)
{
  PlChildEnd end;
  g_autofree char *fate = pl_child_collect (talk->child, FAREWELL, &end);
  if (end == PL_CHILD_WELL)
    {
      talk->result = PL_TALK_ENDED;
      return;
    }
  g_autofree char *words = pl_child_take_words (talk->child);
  g_autofree char *line = pl_child_last_line (words);
  fail (talk, "%s %s%s%s", fate, talk->n_rows == 0 ? before_what (talk) : "behind this row",
        line != NULL ? "; its last words: " : "", line != NULL ? line : "");
}

/* What is to be thought of the child now. @ended: its stdout has. */
static void
judge (PlTalk *talk, gboolean ended)
{
  gint64 now = g_get_monotonic_time ();
  gboolean late = talk->rules->timeout > 0 && now - talk->start > (gint64) talk->rules->timeout;
  gint64 farewell = talk->n_rows == 0 ? LONG_FAREWELL : FAREWELL;
  gboolean all = talk->ends->len == talk->n_rows;
  if (ended && !all && talk->scanned == talk->answers.length && talk->answers.length > talk->first
      && talk->input_ended != 0 && talk->answers.data[talk->answers.length - 1] != '\n')
    {
      /* The last line of a file may lack its end. */
      pl_buffer_append_char (&talk->answers, '\n');
      scan (talk);
      all = talk->ends->len == talk->n_rows;
    }
  if (talk->result != PL_TALK_ON)
    return;
  if (all && talk->input_ended == 0 && talk->sent == talk->length)
    talk->result = PL_TALK_DONE;
  else if (all && ended)
    judge_ended (talk);
  else if (all && talk->input_ended != 0 && now - MAX (talk->input_ended, talk->last_move) > farewell && !late)
    talk->result = PL_TALK_ENDED;
  else if (ended)
    fail_by_fate (talk);
  else if (late && talk->n_rows == 0)
    fail (talk, "takes longer than %s to start and end without a single row; raise timeout", talk->rules->said);
  else if (late)
    fail (talk, "gave no answer to this row within %s", talk->rules->said);
  else if (talk->answers_when == PL_ANSWERS_AUTO && talk->child->in >= 0 && talk->sent == talk->length
           && is_idle (talk, now))
    {
      talk->found_out = TRUE;
      end_input (talk);
    }
}

static void
move (PlTalk *talk)
{
  write_question (talk);
  gboolean ended = read_answers (talk);
  pl_child_listen (talk->child);
  judge (talk, ended);
}

static void
begin (PlTalk *talk)
{
  g_clear_pointer (&talk->fault, g_free);
  talk->result = PL_TALK_ON;
  talk->answers.length = talk->first = 0;
  if (talk->ends == NULL)
    talk->ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_array_set_size (talk->ends, 0);
  talk->found_out = talk->was_gone = talk->is_late = talk->after_cr = FALSE;
  talk->sent = talk->scanned = 0;
  talk->sent_header = talk->child->is_old ? talk->header_length : 0;
  talk->header_is_due = talk->rules->has_header && !talk->child->has_header;
  talk->state = IN_START;
  talk->input_ended = 0;
  talk->processor_time = 0;
  talk->start = talk->last_move = g_get_monotonic_time ();
  if (!talk->child->is_old)
    return;
  /* It has been idle: whatever comes now belongs to an earlier block. */
  char early;
  gssize n = read (talk->child->out, &early, 1);
  talk->is_late = n > 0;
  talk->was_gone = n == 0;
  if (talk->is_late)
    fail (talk, "answered more rows than it was given");
  else if (talk->was_gone)
    fail_by_fate (talk);
}

static gint64
next_glance (const PlTalk *talk)
{
  if (talk->rules->timeout == 0)
    return GLANCE_MS;
  gint64 left = talk->start + (gint64) talk->rules->timeout - g_get_monotonic_time ();
  return CLAMP (left / 1000 + 1, 0, GLANCE_MS);
}

/* Waits until one of @talks can move, or it is time for a look. */
static void
wait_for_any (const PlTalk *talks, guint n)
{
  g_autofree struct pollfd *fds = g_new0 (struct pollfd, (gsize) n * 3);
  gint64 glance = GLANCE_MS;
  nfds_t n_fds = 0;
  for (guint i = 0; i < n; i++)
    {
      const PlChild *child = talks[i].child;
      if (talks[i].result != PL_TALK_ON)
        continue;
      glance = MIN (glance, next_glance (&talks[i]));
      fds[n_fds++] = (struct pollfd){.fd = child->out, .events = POLLIN};
      if (child->err >= 0)
        fds[n_fds++] = (struct pollfd){.fd = child->err, .events = POLLIN};
      if (child->in >= 0 && talks[i].sent < talks[i].length)
        fds[n_fds++] = (struct pollfd){.fd = child->in, .events = POLLOUT};
    }
  poll (fds, n_fds, (int) glance);
}

/* Writing to a child that is gone is an error here, not the end of the program. */
static void
run_quietly (PlTalk *talks, guint n)
{
  gulong nap = 0;
  for (guint n_on = n; n_on > 0;)
    {
      gsize before = 0, after = 0;
      n_on = 0;
      for (guint i = 0; i < n; i++)
        {
          before += talks[i].answers.length;
          if (talks[i].result == PL_TALK_ON)
            move (&talks[i]);
          n_on += talks[i].result == PL_TALK_ON;
          after += talks[i].answers.length;
        }
      if (n_on == 0)
        break;
      /* A child that flushes each row would wake us for each: it is let alone for a moment, and a longer one, while
       * little comes. */
      nap = after - before < FEW && after > before ? MIN (MAX (2 * nap, SHORTEST_NAP), LONGEST_NAP) : 0;
      if (nap > 0)
        g_usleep (nap);
      wait_for_any (talks, n);
    }
}

void
pl_talks_run (PlTalk *talks, guint n)
{
  sigset_t pipe_signal, mask, pending;
  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  sigpending (&pending);
  pthread_sigmask (SIG_BLOCK, &pipe_signal, &mask);
  for (guint i = 0; i < n; i++)
    begin (&talks[i]);
  run_quietly (talks, n);
  if (!sigismember (&pending, SIGPIPE) && !sigismember (&mask, SIGPIPE))
    {
      static const struct timespec at_once = {0, 0};
      while (sigtimedwait (&pipe_signal, NULL, &at_once) < 0 && errno == EINTR)
        ;
    }
  pthread_sigmask (SIG_SETMASK, &mask, NULL);
}

void
pl_talk_clear (PlTalk *talk)
{
  pl_buffer_clear (&talk->answers);
  g_clear_pointer (&talk->ends, g_array_unref);
  g_clear_pointer (&talk->fault, g_free);
}
