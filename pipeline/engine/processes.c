/* The main process's side of worker processes: see processes.h. */
#include "processes.h"
#include "../base/error.h"
#include "crew.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a worker process finds its first socket. */
#define WORKER_FD 3
/* How long a process that closed its socket may take to be gone, in ms, before it is killed. */
#define PATIENCE 1000

extern char **environ;

typedef struct
{
  pthread_mutex_t lock;
  pid_t pid;  /* 0: never started */
  char *fate; /* (nullable): "was killed by signal 9"; set once it has been collected */
} Process;

typedef struct
{
  int fd; /* -1: gone */
  Process *process;
  PlBuffer out, in;
} Channel;

struct PlProcesses
{
  guint n_processes, threads;
  Process *processes;
  Channel *channels; /* channel i belongs to process i / threads; its first one starts and plans */
};

guint
pl_processes_n_channels (const PlProcesses *processes)
{
  return processes->n_processes * processes->threads;
}

/* Waits for a process whose socket has been closed. Returns: (transfer none): what became of it. */
static const char *
process_fate (Process *process)
{
  pthread_mutex_lock (&process->lock);
  if (process->fate == NULL && process->pid > 0)
    {
      int status = 0;
      pid_t ended = 0;
      gboolean killed = FALSE;
      for (guint i = 0; i < PATIENCE && (ended = waitpid (process->pid, &status, WNOHANG)) == 0; i++)
        g_usleep (1000);
      if (ended == 0)
        {
          killed = kill (process->pid, SIGKILL) == 0;
          while (waitpid (process->pid, &status, 0) < 0 && errno == EINTR)
            ;
        }
      if (killed)
        process->fate = g_strdup ("stopped answering and was killed");
      else if (WIFSIGNALED (status))
        process->fate = g_strdup_printf ("was killed by signal %d", WTERMSIG (status));
      else
        process->fate = g_strdup_printf ("ended with exit code %d", WEXITSTATUS (status));
    }
  const char *fate = process->fate;
  pthread_mutex_unlock (&process->lock);
  return fate;
}

static void
channel_close (Channel *channel)
{
  if (channel->fd >= 0)
    close (channel->fd);
  channel->fd = -1;
}

static gboolean
start_process (Process *process, int fd, const char *program, GError **error)
{
  char number[] = {'0' + WORKER_FD, 0};
  char *argv[] = {"pipeline", "worker", number, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, fd, WORKER_FD);
  posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  int result = posix_spawn (&process->pid, program, &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy (&actions);
  if (result == 0)
    return TRUE;
  process->pid = 0;
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "cannot start worker process %s: %s", program,
               g_strerror (result));
  return FALSE;
}

/* A pair of sockets: one end for @channel, the other in @theirs. */
static gboolean
open_channel (Channel *channel, int *theirs, GError **error)
{
  int pair[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      int saved = errno;
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "cannot open a socket for a worker process: %s",
                   g_strerror (saved));
      return FALSE;
    }
  channel->fd = pair[0];
  *theirs = pair[1];
  return TRUE;
}

static gboolean
set_early_death (Channel *channel, GError **error)
{
  channel_close (channel);
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "worker process %d %s before its first block",
               (int) channel->process->pid, process_fate (channel->process));
  return FALSE;
}

static gboolean
start_channels (PlProcesses *processes, guint index, const char *program, const PlShared *shared, GError **error)
{
  Channel *channels = &processes->channels[index * processes->threads];
  int theirs = -1;
  for (guint i = 0; i < processes->threads; i++)
    {
      gboolean ok = open_channel (&channels[i], &theirs, error);
      if (ok && i == 0)
        {
          ok = start_process (channels[0].process, theirs, program, error);
          pl_buffer_put_u32 (&channels[0].out, shared->n_blocks);
          pl_buffer_put_u64 (&channels[0].out, shared->region);
          if (ok && !pl_wire_send (channels[0].fd, PL_MESSAGE_START, &channels[0].out, shared->fd))
            ok = set_early_death (&channels[0], error);
        }
      else if (ok && !pl_wire_send (channels[0].fd, PL_MESSAGE_CHANNEL, NULL, theirs))
        ok = set_early_death (&channels[0], error);
      if (theirs >= 0)
        close (theirs);
      theirs = -1;
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

PlProcesses *
pl_processes_new (const PlRunSettings *settings, const char *program, const PlShared *shared, GError **error)
{
  PlProcesses *processes = g_new0 (PlProcesses, 1);
  processes->n_processes = settings->workers;
  processes->threads = MAX (settings->threads_per_process, 1);
  processes->processes = g_new0 (Process, processes->n_processes);
  processes->channels = g_new0 (Channel, pl_processes_n_channels (processes));
  for (guint i = 0; i < processes->n_processes; i++)
    pthread_mutex_init (&processes->processes[i].lock, NULL);
  for (guint i = 0; i < pl_processes_n_channels (processes); i++)
    processes->channels[i] = (Channel){.fd = -1, .process = &processes->processes[i / processes->threads]};
  for (guint i = 0; i < processes->n_processes; i++)
    if (!start_channels (processes, i, program != NULL ? program : "/proc/self/exe", shared, error))
      {
        pl_processes_free (processes);
        return NULL;
      }
  return processes;
}

void
pl_processes_free (PlProcesses *processes)
{
  if (processes == NULL)
    return;
  for (guint i = 0; i < pl_processes_n_channels (processes); i++)
    {
      channel_close (&processes->channels[i]);
      pl_buffer_clear (&processes->channels[i].in);
      pl_buffer_clear (&processes->channels[i].out);
    }
  for (guint i = 0; i < processes->n_processes; i++)
    {
      process_fate (&processes->processes[i]);
      pthread_mutex_destroy (&processes->processes[i].lock);
      g_free (processes->processes[i].fate);
    }
  g_free (processes->processes);
  g_free (processes->channels);
  g_free (processes);
}

gboolean
pl_processes_plan (PlProcesses *processes, const PlJob *job, GPtrArray *sources, gboolean to_terminal, GError **error)
{
  g_auto (PlBuffer) plan = PL_BUFFER_INIT;
  pl_buffer_put_u8 (&plan, to_terminal != FALSE);
  pl_job_save (job, &plan);
  pl_buffer_put_u32 (&plan, sources->len);
  for (guint i = 0; i < sources->len; i++)
    pl_source_save (g_ptr_array_index (sources, i), &plan);
  for (guint i = 0; i < processes->n_processes; i++)
    {
      Channel *channel = &processes->channels[i * processes->threads];
      if (!pl_wire_send (channel->fd, PL_MESSAGE_PLAN, &plan, -1))
        return set_early_death (channel, error);
    }
  for (guint i = 0; i < processes->n_processes; i++)
    {
      Channel *channel = &processes->channels[i * processes->threads];
      PlMessageKind kind;
      if (!pl_wire_receive (channel->fd, &kind, &channel->in, NULL) || kind != PL_MESSAGE_READY)
        return set_early_death (channel, error);
      PlCursor cursor = {(const guint8 *) channel->in.data, channel->in.length, 0, FALSE};
      GError *failure = pl_wire_get_error (&cursor);
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
    }
  return TRUE;
}

/* Takes a worker's answer apart into @block; %FALSE when it is none. */
static gboolean
read_done (const PlBuffer *message, PlBlock *block, guint64 *position, GError **failure)
{
  PlCursor cursor = {(const guint8 *) message->data, message->length, 0, FALSE};
  gsize length;
  const void *bytes;
  block->records = pl_cursor_get_u64 (&cursor);
  block->rows = pl_cursor_get_u64 (&cursor);
  for (guint i = 0; i < block->n_outputs + 2; i++)
    {
      PlBuffer *into = i < block->n_outputs    ? &block->outputs[i]
                       : i == block->n_outputs ? &block->rejects
                                               : &block->marks;
      bytes = pl_cursor_get_bytes (&cursor, &length);
      if (bytes != NULL)
        pl_buffer_append (into, bytes, length);
    }
  *position = pl_cursor_get_u64 (&cursor);
  *failure = pl_wire_get_error (&cursor);
  return !cursor.failed;
}

/* A death is never outlived by a run: the states of the blocks before are gone with it, so it counts as position 0. */
static void
report_death (Channel *channel, PlCrew *crew, const PlBlock *block)
{
  const PlSource *source = crew->segment->source;
  channel_close (channel);
  const char *fate = process_fate (channel->process);
  GError *error;
  if (block == NULL)
    error = g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "worker process %d %s before it gave its results",
                         (int) channel->process->pid, fate);
  else
    {
      const PlSourceFile *file = g_ptr_array_index (source->files, block->task.file);
      error = g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_DIED,
                           "worker process %d %s while it held block %" G_GUINT64_FORMAT
                           " (%s, bytes %" G_GUINT64_FORMAT "–%" G_GUINT64_FORMAT ")",
                           (int) channel->process->pid, fate, block->task.sequence + 1, file->display,
                           block->task.offset, block->task.offset + block->task.length - 1);
    }
  pl_crew_fail (crew, 0, error);
}

/* Has the worker do @block. %FALSE: it is gone. */
static gboolean
exchange_block (Channel *channel, PlCrew *crew, PlBlock *block)
{
  PlMessageKind kind;
  guint64 position;
  GError *failure = NULL;
  channel->out.length = 0;
  pl_buffer_append (&channel->out, &block->task, sizeof block->task);
  if (!pl_wire_send (channel->fd, PL_MESSAGE_BLOCK, &channel->out, -1)
      || !pl_wire_receive (channel->fd, &kind, &channel->in, NULL) || kind != PL_MESSAGE_DONE
      || !read_done (&channel->in, block, &position, &failure))
    {
      g_clear_error (&failure);
      report_death (channel, crew, block);
      return FALSE;
    }
  if (failure != NULL)
    pl_crew_fail (crew, position, failure);
  return TRUE;
}

static PlPartial *
exchange_finish (Channel *channel, PlCrew *crew)
{
  PlMessageKind kind;
  PlPartial *partial = NULL;
  if (channel->fd < 0)
    return NULL;
  if (!pl_wire_send (channel->fd, PL_MESSAGE_FINISH, NULL, -1)
      || !pl_wire_receive (channel->fd, &kind, &channel->in, NULL) || kind != PL_MESSAGE_PARTIAL)
    {
      report_death (channel, crew, NULL);
      return NULL;
    }
  PlCursor cursor = {(const guint8 *) channel->in.data, channel->in.length, 0, FALSE};
  partial = pl_partial_load (crew->segment, &cursor);
  if (partial == NULL)
    pl_crew_fail (crew, 0,
                  g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_PROTOCOL,
                               "worker process %d sent results that cannot be read", (int) channel->process->pid));
  return partial;
}

PlPartial *
pl_processes_serve (PlProcesses *processes, guint index, gpointer data)
{
  PlCrew *crew = data;
  PlChain *chain = crew->pool->shared.chain;
  Channel *channel = &processes->channels[index];
  PlBlock *block;
  channel->out.length = 0;
  pl_buffer_put_u32 (&channel->out, crew->segment->index);
  if (channel->fd >= 0 && !pl_wire_send (channel->fd, PL_MESSAGE_SEGMENT, &channel->out, -1))
    report_death (channel, crew, NULL);
  PlBunch bunch = pl_crew_bunch (crew);
  while ((block = pl_crew_next (crew, &bunch)) != NULL)
    {
      gboolean given = channel->fd >= 0 && block->task.base <= pl_chain_bound (chain);
      gboolean done = given && exchange_block (channel, crew, block);
      if (!done && block->task.kind == PL_BLOCK_RANGE && !pl_chain_published (chain, block->task.sequence))
        pl_chain_publish (chain, block->task.sequence, NULL);
      pl_bunch_push (&bunch, block);
    }
  return exchange_finish (channel, crew);
}
