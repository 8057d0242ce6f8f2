/* Reading what a program prints, and hearing how it ends.
 *
 * That its stdout has ended proves nothing: only the exit code says whether what came is all of it. So the end of the
 * rows is the end of the program, however long it takes from the one to the other; the run's timeout limits it. As in a
 * shell, somebody whom it has started and who holds its stdout may go on writing; unless the program has failed
 * meanwhile. */
#include "program.h"
#include "../base/child-command.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* How often a program that is silent is looked at, in ms. */
#define GLANCE_MS 100

struct PlProgram
{
  PlChildCommand command;
  PlChildKeeper *keeper;
  PlChild *child;
  guint n_lines; /* of stderr, passed on */
};

PlProgram *
pl_program_start (PlChildCommand *command, GError **error)
{
  PlProgram *program = g_new0 (PlProgram, 1);
  g_autofree char *why = NULL;
  program->command = *command;
  *command = (PlChildCommand){0};
  program->keeper = pl_child_keeper_new ();
  program->child = pl_child_keeper_start (program->keeper, &program->command, FALSE, &why);
  if (program->child != NULL)
    return program;
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot start %s: %s", program->command.shown, why);
  pl_program_free (program);
  return NULL;
}

void
pl_program_free (PlProgram *program)
{
  if (program == NULL)
    return;
  if (program->child != NULL)
    {
      pl_child_listen (program->child);
      pl_child_pass_on (program->child, &program->command, &program->n_lines);
      pl_child_free (program->child);
    }
  pl_child_keeper_free (program->keeper);
  pl_child_command_clear (&program->command);
  g_free (program);
}

/* Its stdout has ended, or it has failed: waits for its own end. */
static gssize
end (PlProgram *program, GError **error)
{
  PlChildEnd how;
  pl_child_close (&program->child->out);
  g_autofree char *fate = pl_child_collect (program->child, -1, &how);
  if (how == PL_CHILD_WELL)
    return 0;
  g_autofree char *words = pl_child_take_words (program->child);
  g_autofree char *line = pl_child_last_line (words);
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "%s %s%s%s", program->command.shown, fate,
               line != NULL ? "; its last words: " : "", line != NULL ? line : "");
  return -1;
}

/* Returns: whether something may have come. */
static gboolean
wait_for_more (PlChild *child)
{
  pl_child_look (child);
  struct pollfd fds[] = {{.fd = child->out, .events = POLLIN}, {.fd = child->err, .events = POLLIN}};
  return poll (fds, child->err >= 0 ? 2 : 1, GLANCE_MS) != 0;
}

gssize
pl_program_read (PlProgram *program, void *data, gsize length, GError **error)
{
  PlChild *child = program->child;
  gboolean has_failed = FALSE;
  for (;;)
    {
      pl_child_listen (child);
      gssize n = read (child->out, data, length);
      if (n > 0)
        return n;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != EAGAIN)
        {
          g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read the output of %s: %s", program->command.shown,
                       g_strerror (errno));
          return -1;
        }
      if (n == 0 || has_failed)
        return end (program, error);
      /* What it wrote before it failed is read first. */
      if (!wait_for_more (child))
        has_failed = pl_child_has_failed (child);
    }
}
