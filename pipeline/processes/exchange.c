/* One task to a worker process and its answer: see exchange.h.
 *
 * What a block gives to the sinks comes with the answer and is safe then. What goes into states stays with the worker
 * until it hands over (pace.h); until then the redo log knows which blocks a dead worker's successor has to do again,
 * for the states alone. So no row is ever missing from the states, or in them twice, and only the block a worker held
 * can be blamed for its death. */
#include "exchange.h"
#include "../base/error.h"
#include "../base/retry.h"
#include "answer.h"
#include "wire.h"
#include "../flow/gathered.h"

#include <poll.h>

/* When it is told of a worker that somebody has stopped, and of one that takes long, in microseconds. */
#define STOPPED_NOTICE (2 * G_USEC_PER_SEC)
#define SLOW_NOTICE (60 * G_USEC_PER_SEC)
#define MOST_STARTS 12
#define LONGEST_START_DELAY 5 /* as a number of a retry */
#define KEPT_CAPACITY ((gsize) 1 << 20)

gboolean
pl_serve_is_stopped (PlServer *server)
{
  if (!server->is_over && pl_desk_is_cancelled (server->desk))
    server->is_over = TRUE;
  return server->is_over;
}

void
pl_serve_pause (PlServer *server, guint retry)
{
  guint64 left = pl_retry_delay (retry);
  pl_bunch_flush (&server->done);
  while (left > 0 && !pl_serve_is_stopped (server))
    {
      guint64 part = MIN (left, PL_LOOK_EVERY * 1000);
      g_usleep (part);
      left -= part;
    }
}

void
pl_serve_fail (PlServer *server, GError *error)
{
  server->is_over = TRUE;
  pl_desk_fail (server->desk, 0, error);
}

/* Of an error that ends the run. */
PlWorkerErrorCode
pl_serve_death_code (const PlServer *server)
{
  return server->fate == PL_PROCESS_NO_MEMORY ? PL_WORKER_ERROR_NO_MEMORY : PL_WORKER_ERROR_DIED;
}

void
pl_serve_give_up (PlServer *server, const PlBlockTask *task)
{
  const PlSegment *segment = server->desk->segment;
  g_autofree char *which = pl_block_describe (task, segment->source, segment->label);
  pl_desk_fail (server->desk, task->base,
                g_error_new (PL_WORKER_ERROR, pl_serve_death_code (server), "%s while it held %s; %s", server->death,
                             which,
                             server->desk->settings->retries == 0 ? "retries = 0 allows no other attempt"
                                                                  : "so did every other that tried"));
}

/* ---- the child ---- */

/* The child is gone. */
void
pl_serve_lost (PlServer *server)
{
  PlProcess *child = pl_process_ref (server->channel->child);
  pl_channel_detach (server->processes, server->channel);
  g_free (server->death);
  server->death = pl_process_describe (child);
  server->fate = pl_process_fate (child, &server->fate_detail, NULL);
  pl_process_unref (child);
  server->has_begun = FALSE;
  pl_redo_log_lose (&server->log);
  pl_pace_died (&server->pace, g_get_monotonic_time ());
  pl_desk_count (&server->desk->n_deaths);
}

/* A process that dies before it holds anything is nobody's fault, so that many are started before it is believed that
 * none will live. */
static gboolean
attach (PlServer *server)
{
  for (guint attempt = 1; !pl_serve_is_stopped (server); attempt++)
    {
      g_autoptr (GError) error = NULL;
      if (pl_channel_attach (server->processes, server->channel, &error))
        return TRUE;
      if (attempt >= MOST_STARTS)
        pl_serve_fail (server, g_steal_pointer (&error));
      else
        pl_serve_pause (server, MIN (attempt, LONGEST_START_DELAY));
    }
  return FALSE;
}

/* Sees to a child that knows the segment. PL_SERVE_VANISHED: the one there was has died meanwhile, and the redo log is
 * not what it was. */
PlServeOutcome
pl_serve_make_ready (PlServer *server)
{
  PlChannel *channel = server->channel;
  if (channel->fd < 0 && !attach (server))
    return PL_SERVE_STOPPED;
  gboolean is_gone = pl_channel_is_gone (channel);
  if (!is_gone && !server->has_begun)
    {
      channel->out.length = 0;
      pl_buffer_put_u32 (&channel->out, server->desk->segment->index);
      server->has_begun = pl_indices_send (server->indices, channel->fd)
                          && pl_wire_send (channel->fd, PL_MESSAGE_SEGMENT, &channel->out, -1);
      is_gone = !server->has_begun;
    }
  if (is_gone)
    pl_serve_lost (server);
  return is_gone ? PL_SERVE_VANISHED : PL_SERVE_ANSWERED;
}

/* Whether the worker may still be waiting for the end of the block before, which is not its fault. */
static gboolean
waits_for_another (PlServer *server, const PlBlockTask *task)
{
  return task->kind == PL_BLOCK_RANGE && !task->known && !task->first
         && pl_chain_look (server->desk->pool->shared.chain, task->sequence - 1, NULL) == PL_CHAIN_UNKNOWN;
}

/* What is waited for: @task, or (NULL) what the worker has gathered. */
static char *
describe_task (const PlServer *server, const PlBlockTask *task)
{
  const PlSegment *segment = server->desk->segment;
  return task != NULL ? pl_block_describe (task, segment->source, segment->label) : g_strdup ("what it has gathered");
}

/* Without task-timeout a worker may take any time, but nobody shall have to guess what a run waits for.
 * Returns: whether there is nothing more to tell about @task. */
static gboolean
tell_of_wait (PlServer *server, const PlBlockTask *task, gint64 waited)
{
  const PlDesk *desk = server->desk;
  const PlProcess *child = server->channel->child;
  if (desk->notice == NULL)
    return TRUE;
  gboolean is_halted = waited >= STOPPED_NOTICE && pl_process_is_stopped (child);
  if (!is_halted && waited < SLOW_NOTICE)
    return FALSE;
  g_autofree char *held = describe_task (server, task);
  g_autofree char *message
      = is_halted
            ? g_strdup_printf ("worker process %d has been stopped while it held %s: SIGCONT lets it go on, SIGKILL "
                               "has another do it again; task-timeout in [run] limits such waits",
                               (int) child->pid, held)
            : g_strdup_printf ("worker process %d is still at %s after %d s", (int) child->pid, held,
                               (int) (waited / G_USEC_PER_SEC));
  desk->notice (is_halted, message);
  return TRUE;
}

/* What is waited for, and since when. */
typedef struct
{
  PlServer *server;
  const PlBlockTask *task; /* (nullable): what the worker has gathered, instead */
  gint64 start, deadline;
  gboolean is_told;
} Wait;

/* Whoever sleeps on the end of the block before must see it, whatever has been written over it in the memory that
 * workers share. */
static void
mend_chain (PlServer *server, const PlBlockTask *task)
{
  if (task != NULL && task->kind == PL_BLOCK_RANGE && !task->known && !task->first)
    pl_chain_mend (server->desk->pool->shared.chain, task->sequence - 1);
}

/* Until something has come; kills a child that exceeds a limit, or that nobody needs any more, and then waits for its
 * end. An answer that stops in its middle is waited for like one that has not begun. */
static gboolean
await (gpointer data)
{
  Wait *wait = data;
  PlServer *server = wait->server;
  const PlRunSettings *settings = server->desk->settings;
  PlChannel *channel = server->channel;
  gint64 limit = (gint64) settings->task_timeout;
  struct pollfd poll_fd = {.fd = channel->fd, .events = POLLIN};
  for (;;)
    {
      gint64 nap = limit > 0 ? CLAMP (limit / 4000, 1, PL_LOOK_EVERY) : PL_LOOK_EVERY;
      if (poll (&poll_fd, 1, (int) nap) > 0)
        break;
      gint64 now = g_get_monotonic_time ();
      mend_chain (server, wait->task);
      if (limit > 0 && wait->task != NULL && waits_for_another (server, wait->task))
        wait->deadline = now + limit;
      wait->is_told = wait->is_told || tell_of_wait (server, wait->task, now - wait->start);
      if (pl_serve_is_stopped (server))
        pl_process_kill (channel->child, PL_PROCESS_UNWANTED, channel);
      else if (limit > 0 && now >= wait->deadline)
        pl_process_kill (channel->child, PL_PROCESS_TOO_LONG, channel);
      else if (settings->worker_memory_limit > 0
               && pl_process_memory (channel->child) / 2 > settings->worker_memory_limit)
        pl_process_kill (channel->child, PL_PROCESS_TOO_LARGE, channel);
    }
  /* What was gathered may be a lot: as long as it comes, it is not late. */
  if (limit > 0 && wait->task == NULL)
    wait->deadline = g_get_monotonic_time () + limit;
  return TRUE;
}

/* Sends a message and gets the answer into channel->in. @task: (nullable): what it is about. */
static PlServeOutcome
exchange (PlServer *server, PlMessageKind kind, const PlBuffer *payload, const PlBlockTask *task, PlMessageKind answer)
{
  PlChannel *channel = server->channel;
  PlMessageKind received;
  gconstpointer culprit = NULL;
  if (!pl_wire_send (channel->fd, kind, payload, -1))
    {
      pl_serve_lost (server);
      return PL_SERVE_VANISHED;
    }
  gint64 now = g_get_monotonic_time (), limit = (gint64) server->desk->settings->task_timeout;
  Wait wait = {server, task, now, now + limit, limit > 0};
  gboolean ok = pl_wire_receive_while (channel->fd, &received, &channel->in, NULL, await, &wait) && received == answer;
  pl_channel_follow (server->processes, channel);
  if (ok)
    return PL_SERVE_ANSWERED;
  PlProcess *child = pl_process_ref (channel->child);
  pl_serve_lost (server);
  pl_process_fate (child, NULL, &culprit);
  pl_process_unref (child);
  if (pl_serve_is_stopped (server))
    return PL_SERVE_STOPPED;
  gboolean is_innocent = task != NULL && waits_for_another (server, task);
  return is_innocent || (culprit != NULL && culprit != channel) ? PL_SERVE_VANISHED : PL_SERVE_DIED;
}

/* ---- what comes back ---- */

static gboolean
take_partial (PlServer *server, PlCursor *cursor, gint64 start)
{
  gint64 elsewhere = (gint64) pl_cursor_get_u64 (cursor);
  PlPartial *partial = pl_partial_load (server->desk->segment, cursor);
  GError *error = NULL;
  if (partial == NULL)
    return FALSE;
  server->has_handed_over = TRUE;
  if (server->gathered == NULL)
    server->gathered = partial;
  else if (pl_partial_merge (server->gathered, partial))
    pl_partial_free (partial);
  else
    g_ptr_array_add (server->others, partial);
  if ((pl_lease_is_low (server->desk->segment->lease) && !pl_partial_ease (server->gathered, &error))
      || !pl_partial_check_enough (server->gathered, server->desk->pool->shared.chain, &error))
    pl_serve_fail (server, error);
  pl_redo_log_handed_over (&server->log);
  pl_pace_handed_over (&server->pace, elsewhere + g_get_monotonic_time () - start);
  return TRUE;
}

static void
forget_large_message (PlServer *server)
{
  PlChannel *channel = server->channel;
  if (channel->in.capacity > KEPT_CAPACITY)
    pl_buffer_clear (&channel->in);
  if (channel->out.capacity > KEPT_CAPACITY)
    pl_buffer_clear (&channel->out);
  pl_channel_follow (server->processes, channel);
}

static PlServeOutcome
fail_protocol (PlServer *server)
{
  pl_serve_fail (server,
                 g_error_new (PL_WORKER_ERROR, PL_WORKER_ERROR_PROTOCOL,
                              "worker process %d sent results that cannot be read", (int) server->channel->child->pid));
  return PL_SERVE_STOPPED;
}

PlServeOutcome
pl_serve_task (PlServer *server, const PlBlockTask *task, const PlBlock *given, PlBlock *into)
{
  PlChannel *channel = server->channel;
  guint64 position;
  GError *failure = NULL;
  PlServeOutcome ready = pl_serve_make_ready (server);
  if (ready != PL_SERVE_ANSWERED)
    return ready;
  gint64 start = g_get_monotonic_time ();
  server->has_handed_over = FALSE;
  channel->out.length = 0;
  pl_buffer_append (&channel->out, task, sizeof *task);
  if (task->kind == PL_BLOCK_ROWS && !task->is_there)
    pl_buffer_append (&channel->out, given->parcel.data, given->parcel.length);
  PlServeOutcome outcome = exchange (server, PL_MESSAGE_BLOCK, &channel->out, task, PL_MESSAGE_DONE);
  if (outcome != PL_SERVE_ANSWERED)
    {
      if (task->kind == PL_BLOCK_RANGE && !task->known)
        pl_chain_wake (server->desk->pool->shared.chain, task->sequence);
      return outcome;
    }
  gint64 answered = g_get_monotonic_time ();
  PlCursor cursor = {(const guint8 *) channel->in.data, channel->in.length, 0, FALSE};
  __atomic_add_fetch (&channel->child->tasks, 1, __ATOMIC_RELAXED);
  server->pace.work += answered - start;
  into->worker = (gint) channel->child->pid;
  if (!pl_answer_read (&cursor, &server->desk->pool->shared, task, into, &position, &failure))
    {
      g_clear_error (&failure);
      return fail_protocol (server);
    }
  if (failure != NULL)
    pl_desk_fail (server->desk, position, failure);
  pl_block_follow (into, &server->desk->pool->shared);
  if (pl_cursor_get_u8 (&cursor) != 0 && !take_partial (server, &cursor, answered))
    return fail_protocol (server);
  forget_large_message (server);
  return PL_SERVE_ANSWERED;
}

/* Has the worker hand over and forget the segment. What it does not hand over is in the redo log as lost. */
PlServeOutcome
pl_serve_gather (PlServer *server)
{
  PlChannel *channel = server->channel;
  if (channel->fd < 0 || !server->has_begun)
    return PL_SERVE_VANISHED;
  PlServeOutcome outcome = exchange (server, PL_MESSAGE_FINISH, NULL, NULL, PL_MESSAGE_PARTIAL);
  if (outcome != PL_SERVE_ANSWERED)
    return outcome;
  PlCursor cursor = {(const guint8 *) channel->in.data, channel->in.length, 0, FALSE};
  server->has_begun = FALSE;
  if (!take_partial (server, &cursor, g_get_monotonic_time ()))
    return fail_protocol (server);
  PlMemoryAccount *account = pl_memory_account_load (&cursor);
  if (account == NULL)
    return fail_protocol (server);
  pl_channel_account (server->processes, channel, account);
  forget_large_message (server);
  return outcome;
}
