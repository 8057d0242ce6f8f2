/* Slots of worker processes and the channels to them: see slots.h. What is said over a channel is exchange.c's. */
#include "slots.h"
#include "../flow/queue.h"
#include "../base/thread.h"
#include "../base/error.h"
#include "wire.h"
#include "../base/error-bytes.h"
#include "../csv/source-wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a new process may take to build the plan, in ms: it takes some. One that somebody has stopped meanwhile is
 * replaced. */
#define START_PATIENCE 60000

typedef struct
{
  pthread_mutex_t lock;
  PlProcess *child;        /* (nullable): who attaches next gets this one */
  int *fds;                /* per channel: its end, -1 once it has been taken */
  PlMemoryAccount *memory; /* (nullable): of this child and those before it */
} Slot;

/* A child to be started by the spawner. */
typedef struct
{
  const char *program;
  int socket;
  PlProcess *child;
  GError *error;
} Request;

struct PlProcesses
{
  guint n_slots, threads;
  Slot *slots;         /* and one behind the last, for pl_processes_isolate() */
  PlChannel *channels; /* channel i belongs to slot i / threads */
  pthread_mutex_t isolation;
  const char *program;
  const PlShared *shared;
  PlBuffer plan;
  gboolean is_planned;
  pthread_mutex_t spawn_lock; /* of the rest */
  GThread *spawner;           /* NULL until a child has to be replaced */
  PlQueue *asked, *answered;  /* of Request * */
};

/* ---- starting ---- */

/* The parent of all replacements. Ends at a request without a program. */
static gpointer
spawner_thread (gpointer data)
{
  PlProcesses *processes = data;
  Request *request;
  while ((request = pl_queue_pop (processes->asked))->program != NULL)
    {
      request->child = pl_process_start (request->program, request->socket, &request->error);
      pl_queue_push (processes->answered, request);
    }
  return NULL;
}

static PlProcess *
start_by_spawner (PlProcesses *processes, int socket, GError **error)
{
  Request request = {.program = processes->program, .socket = socket};
  pthread_mutex_lock (&processes->spawn_lock);
  if (processes->spawner == NULL)
    processes->spawner = pl_thread_new ("spawner", spawner_thread, processes);
  pl_queue_push (processes->asked, &request);
  pl_queue_pop (processes->answered);
  pthread_mutex_unlock (&processes->spawn_lock);
  if (request.error != NULL)
    g_propagate_error (error, request.error);
  return request.child;
}

/* A pair of sockets; neither is inherited by accident. */
static gboolean
open_pair (int *ours, int *theirs, GError **error)
{
  int pair[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      int saved = errno;
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL, "cannot open a socket for a worker process: %s",
                   g_strerror (saved));
      return FALSE;
    }
  *ours = pair[0];
  *theirs = pair[1];
  return TRUE;
}

static gboolean
set_early_death (PlProcess *child, GError **error)
{
  g_autofree char *fate = pl_process_describe (child);
  g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED, "%s before its first block", fate);
  return FALSE;
}

/* Which of those that share memory the slot's child is: behind the main process. */
static guint
member_of (const PlProcesses *processes, const Slot *slot)
{
  return 1 + (guint) (slot - processes->slots);
}

/* Takes the slot's child away. Under the slot's lock, or while nobody else is there. */
static void
slot_spend (PlProcesses *processes, Slot *slot)
{
  for (guint i = 0; i < processes->threads; i++)
    if (slot->fds[i] >= 0)
      {
        close (slot->fds[i]);
        slot->fds[i] = -1;
      }
  pl_process_unref (g_steal_pointer (&slot->child));
  /* It has nothing any more, whatever it said last. */
  __atomic_store_n (&pl_shared_members (processes->shared)[member_of (processes, slot)], 0, __ATOMIC_RELAXED);
}

static gboolean
slot_start (PlProcesses *processes, Slot *slot, gboolean by_spawner, GError **error)
{
  g_auto (PlBuffer) share = PL_BUFFER_INIT;
  int theirs = -1;
  gboolean ok = TRUE;
  for (guint i = 0; i < processes->threads && ok; i++)
    {
      ok = open_pair (&slot->fds[i], &theirs, error);
      if (ok && i == 0)
        {
          slot->child = by_spawner ? start_by_spawner (processes, theirs, error)
                                   : pl_process_start (processes->program, theirs, error);
          pl_buffer_put_u32 (&share, processes->shared->n_blocks);
          pl_buffer_put_u64 (&share, processes->shared->region);
          pl_buffer_put_u64 (&share, processes->shared->outbox);
          pl_buffer_put_u32 (&share, processes->n_slots + 2);
          pl_buffer_put_u32 (&share, member_of (processes, slot));
          close (theirs);
          ok = slot->child != NULL
               && ((pl_wire_send (slot->fds[0], PL_MESSAGE_START, NULL, processes->shared->given.fd)
                    && pl_wire_send (slot->fds[0], PL_MESSAGE_SHARE, &share, processes->shared->taken.fd))
                   || set_early_death (slot->child, error));
        }
      else if (ok)
        {
          ok = pl_wire_send (slot->fds[0], PL_MESSAGE_CHANNEL, NULL, theirs) || set_early_death (slot->child, error);
          close (theirs);
        }
    }
  if (!ok)
    slot_spend (processes, slot);
  return ok;
}

/* Waits for the child's word that it has the plan. */
static gboolean
slot_await (PlProcesses *processes, Slot *slot, GError **error)
{
  g_auto (PlBuffer) answer = PL_BUFFER_INIT;
  PlMessageKind kind;
  GError *failure = NULL;
  struct pollfd poll_fd = {.fd = slot->fds[0], .events = POLLIN};
  if (poll (&poll_fd, 1, START_PATIENCE) == 0)
    pl_process_kill (slot->child, PL_PROCESS_UNWANTED, NULL);
  if (!pl_wire_receive (slot->fds[0], &kind, &answer, NULL) || kind != PL_MESSAGE_READY)
    set_early_death (slot->child, &failure);
  else
    {
      PlCursor cursor = {(const guint8 *) answer.data, answer.length, 0, FALSE};
      failure = pl_error_get (&cursor);
    }
  if (failure == NULL)
    return TRUE;
  slot_spend (processes, slot);
  g_propagate_error (error, failure);
  return FALSE;
}

PlProcesses *
pl_processes_new (const PlRunSettings *settings, const char *program, const PlShared *shared, GError **error)
{
  PlProcesses *processes = g_new0 (PlProcesses, 1);
  processes->n_slots = settings->workers;
  processes->threads = MAX (settings->threads_per_process, 1);
  processes->program = program != NULL ? program : "/proc/self/exe";
  processes->shared = shared;
  processes->slots = g_new0 (Slot, processes->n_slots + 1);
  processes->channels = g_new0 (PlChannel, (processes->n_slots + 1) * processes->threads);
  processes->asked = pl_queue_new ();
  processes->answered = pl_queue_new ();
  pthread_mutex_init (&processes->spawn_lock, NULL);
  pthread_mutex_init (&processes->isolation, NULL);
  for (guint i = 0; i <= processes->n_slots; i++)
    {
      Slot *slot = &processes->slots[i];
      pthread_mutex_init (&slot->lock, NULL);
      slot->fds = g_new (int, processes->threads);
      for (guint j = 0; j < processes->threads; j++)
        {
          slot->fds[j] = -1;
          processes->channels[i * processes->threads + j] = (PlChannel){.slot = i, .place = j, .fd = -1};
        }
    }
  for (guint i = 0; i < processes->n_slots; i++)
    {
      g_autoptr (GError) failure = NULL;
      /* One that died already is replaced when it is needed. */
      if (!slot_start (processes, &processes->slots[i], FALSE, &failure)
          && !g_error_matches (failure, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          pl_processes_free (processes);
          return NULL;
        }
    }
  return processes;
}

static void
detach_all (PlProcesses *processes)
{
  for (guint i = 0; i < (processes->n_slots + 1) * processes->threads; i++)
    pl_channel_detach (processes, &processes->channels[i]);
  for (guint i = 0; i <= processes->n_slots; i++)
    slot_spend (processes, &processes->slots[i]);
}

void
pl_processes_free (PlProcesses *processes)
{
  if (processes == NULL)
    return;
  /* All hear of it before the first is waited for. */
  for (guint i = 0; i < processes->n_slots * processes->threads; i++)
    if (processes->channels[i].fd >= 0)
      shutdown (processes->channels[i].fd, SHUT_RDWR);
  detach_all (processes);
  if (processes->spawner != NULL)
    {
      Request end = {.program = NULL};
      pl_queue_push (processes->asked, &end);
      g_thread_join (processes->spawner);
    }
  for (guint i = 0; i <= processes->n_slots; i++)
    {
      pthread_mutex_destroy (&processes->slots[i].lock);
      pl_memory_account_free (processes->slots[i].memory);
      g_free (processes->slots[i].fds);
    }
  for (guint i = 0; i < (processes->n_slots + 1) * processes->threads; i++)
    {
      pl_buffer_clear (&processes->channels[i].out);
      pl_buffer_clear (&processes->channels[i].in);
    }
  pthread_mutex_destroy (&processes->spawn_lock);
  pthread_mutex_destroy (&processes->isolation);
  pl_queue_free (processes->asked);
  pl_queue_free (processes->answered);
  pl_buffer_clear (&processes->plan);
  g_free (processes->slots);
  g_free (processes->channels);
  g_free (processes);
}

gboolean
pl_processes_plan (PlProcesses *processes, const PlJob *job, GPtrArray *sources, gboolean to_terminal, GError **error)
{
  processes->plan.length = 0;
  pl_buffer_put_u8 (&processes->plan, to_terminal != FALSE);
  pl_job_save (job, &processes->plan);
  pl_buffer_put_u32 (&processes->plan, sources->len);
  for (guint i = 0; i < sources->len; i++)
    pl_source_save (g_ptr_array_index (sources, i), &processes->plan);
  /* What a pass that was given up has left in them is not worth sorting out: new ones start in milliseconds. */
  if (processes->is_planned)
    detach_all (processes);
  processes->is_planned = TRUE;
  for (guint i = 0; i < processes->n_slots; i++)
    {
      Slot *slot = &processes->slots[i];
      if (slot->child != NULL && !pl_wire_send (slot->fds[0], PL_MESSAGE_PLAN, &processes->plan, -1))
        slot_spend (processes, slot);
    }
  for (guint i = 0; i < processes->n_slots; i++)
    {
      g_autoptr (GError) failure = NULL;
      if (processes->slots[i].child != NULL && !slot_await (processes, &processes->slots[i], &failure)
          && !g_error_matches (failure, PL_WORKER_ERROR, PL_WORKER_ERROR_DIED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
    }
  return TRUE;
}

/* ---- channels ---- */

PlChannel *
pl_processes_channel (PlProcesses *processes, guint index)
{
  return &processes->channels[index];
}

PlChannel *
pl_processes_isolate (PlProcesses *processes, PlChannel *channel)
{
  if (processes->threads == 1)
    return channel;
  pthread_mutex_lock (&processes->isolation);
  return &processes->channels[processes->n_slots * processes->threads];
}

void
pl_processes_rejoin (PlProcesses *processes, PlChannel *isolated, PlChannel *channel)
{
  if (isolated == channel)
    return;
  pl_channel_detach (processes, isolated);
  pthread_mutex_unlock (&processes->isolation);
}

gboolean
pl_channel_attach (PlProcesses *processes, PlChannel *channel, GError **error)
{
  Slot *slot = &processes->slots[channel->slot];
  gboolean ok = TRUE;
  pthread_mutex_lock (&slot->lock);
  if (slot->child == NULL)
    {
      ok = slot_start (processes, slot, TRUE, error);
      if (ok && !pl_wire_send (slot->fds[0], PL_MESSAGE_PLAN, &processes->plan, -1))
        {
          ok = set_early_death (slot->child, error);
          slot_spend (processes, slot);
        }
      ok = ok && slot_await (processes, slot, error);
    }
  if (ok)
    {
      channel->child = pl_process_ref (slot->child);
      channel->fd = slot->fds[channel->place];
      slot->fds[channel->place] = -1;
    }
  pthread_mutex_unlock (&slot->lock);
  return ok;
}

void
pl_channel_detach (PlProcesses *processes, PlChannel *channel)
{
  Slot *slot = &processes->slots[channel->slot];
  if (channel->fd < 0)
    return;
  close (channel->fd);
  channel->fd = -1;
  pthread_mutex_lock (&slot->lock);
  if (slot->child == channel->child)
    slot_spend (processes, slot);
  pthread_mutex_unlock (&slot->lock);
  pl_process_unref (g_steal_pointer (&channel->child));
}

gboolean
pl_channel_is_gone (const PlChannel *channel)
{
  struct pollfd poll_fd = {.fd = channel->fd, .events = POLLIN};
  /* Nobody speaks to us unasked: what can be read is the end. */
  return poll (&poll_fd, 1, 0) > 0;
}

/* ---- memory ---- */

void
pl_channel_follow (const PlProcesses *processes, PlChannel *channel)
{
  gsize now = MAX (channel->in.length, MIN (channel->held, channel->in.capacity));
  pl_lease_follow (processes->shared->messages, &channel->held, now);
}

void
pl_channel_account (PlProcesses *processes, const PlChannel *channel, PlMemoryAccount *account)
{
  Slot *slot = &processes->slots[channel->slot];
  pthread_mutex_lock (&slot->lock);
  if (slot->memory == NULL)
    slot->memory = g_steal_pointer (&account);
  else
    pl_memory_account_raise (slot->memory, account);
  pthread_mutex_unlock (&slot->lock);
  pl_memory_account_free (account);
}

void
pl_processes_memory (PlProcesses *processes, PlMemoryAccount *account)
{
  for (guint i = 0; i <= processes->n_slots; i++)
    {
      Slot *slot = &processes->slots[i];
      pthread_mutex_lock (&slot->lock);
      if (slot->memory != NULL)
        pl_memory_account_add (account, slot->memory);
      pthread_mutex_unlock (&slot->lock);
    }
}
