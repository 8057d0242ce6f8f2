/* The body of a worker process: serves the channels it is given until the main process closes them.
 *
 * It builds the plan itself, from the job and the sources as the main process has them, reads ranges of files itself,
 * and shares the chain and the decoded blocks. It writes nothing anywhere but into its sockets. */
#include "worker-main.h"
#include "../base/cleanup.h"
#include "../base/thread.h"
#include "../base/error.h"
#include "../base/memory.h"
#include "indices.h"
#include "process.h"
#include "answer.h"
#include "wire.h"
#include "../flow/worker.h"
#include "../job/plan-memory.h"
#include "../base/error-bytes.h"
#include "../csv/source-wire.h"
#include "../flow/gathered.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#define KEPT_CAPACITY ((gsize) 1 << 20)

typedef struct
{
  pthread_mutex_t lock; /* of what follows: written by the first channel while no other is at work */
  PlShared shared;      /* without a chain: each station has its own view */
  int given;            /* descriptor of what is shared, between two messages; -1 */
  PlBudget *budget;
  PlJob *job;
  GPtrArray *sources;
  PlPlan *plan;
  PlSegments *segments;
  GPtrArray *indices; /* of PlRows *: those that steps of @segments ask */
  GPtrArray *threads; /* of GThread * */
} Service;

typedef struct
{
  Service *service;
  int fd;
  PlBuffer in, out;
  gsize held;      /* bytes of the latter, as the lease knows them */
  PlShared shared; /* the service's memory, and our view of the chain */
  const PlSegment *segment;
  PlBlock block;
  PlWorker *worker;
} Station;

static void
drop_plan (Service *service)
{
  g_ptr_array_set_size (service->indices, 0);
  g_clear_pointer (&service->segments, pl_segments_free);
  g_clear_pointer (&service->plan, pl_plan_free);
  g_clear_pointer (&service->sources, g_ptr_array_unref);
  g_clear_pointer (&service->job, pl_job_free);
}

static gboolean
build_plan (Service *service, const PlBuffer *message, GError **error)
{
  PlCursor cursor = {(const guint8 *) message->data, message->length, 0, FALSE};
  g_autoptr (PlIssues) issues = pl_issues_new ();
  drop_plan (service);
  gboolean to_terminal = pl_cursor_get_u8 (&cursor);
  service->job = pl_job_load_saved (&cursor);
  guint n_sources = pl_cursor_get_u32 (&cursor);
  service->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_source_free);
  for (guint i = 0; i < n_sources && !cursor.failed; i++)
    {
      PlSource *source = pl_source_load (&cursor);
      if (source != NULL)
        g_ptr_array_add (service->sources, source);
    }
  if (!cursor.failed && service->job != NULL && service->sources->len == n_sources)
    service->plan = pl_plan_build (service->job, service->sources, to_terminal, issues);
  if (service->plan == NULL)
    {
      g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_PROTOCOL,
                   "worker process %d cannot rebuild the plan of the job", (int) getpid ());
      return FALSE;
    }
  pl_budget_set_room (service->budget, pl_run_room (&service->plan->run), 0);
  service->segments = pl_segments_new (service->plan);
  pl_segments_lease (service->segments, service->plan, service->budget);
  return TRUE;
}

static gboolean
serve_plan (Station *station)
{
  Service *service = station->service;
  g_autoptr (GError) error = NULL;
  pthread_mutex_lock (&service->lock);
  build_plan (service, &station->in, &error);
  pthread_mutex_unlock (&service->lock);
  station->out.length = 0;
  pl_error_put (&station->out, error);
  return pl_wire_send (station->fd, PL_MESSAGE_READY, &station->out, -1);
}

/* Takes an index; the first channel to be told does. */
static gboolean
serve_index (Station *station, int passed_fd)
{
  Service *service = station->service;
  pthread_mutex_lock (&service->lock);
  gboolean ok
      = service->segments != NULL && pl_indices_take (service->segments, service->indices, &station->in, passed_fd);
  pthread_mutex_unlock (&service->lock);
  if (passed_fd >= 0)
    close (passed_fd);
  return ok;
}

static gboolean
serve_segment (Station *station)
{
  Service *service = station->service;
  PlCursor cursor = {(const guint8 *) station->in.data, station->in.length, 0, FALSE};
  guint index = pl_cursor_get_u32 (&cursor);
  pthread_mutex_lock (&service->lock);
  gboolean ok = service->segments != NULL && index < service->segments->list->len;
  if (ok)
    {
      pl_worker_free (station->worker);
      pl_lease_follow (service->shared.lease, &station->block.held, 0);
      pl_block_clear (&station->block);
      pl_block_init (&station->block, service->segments->n_outputs);
      if (station->shared.chain == NULL)
        {
          station->shared = service->shared;
          station->shared.chain = pl_shared_chain (&station->shared, PL_CHAIN_WORKER);
        }
      pl_chain_reset (station->shared.chain);
      station->segment = g_ptr_array_index (service->segments->list, index);
      station->worker = pl_worker_new (station->segment, NULL, &station->shared, FALSE);
    }
  pthread_mutex_unlock (&service->lock);
  return ok;
}

/* Memory for a message far larger than usual is given back. */
static gboolean
send_out (Station *station, PlMessageKind kind)
{
  PlLease *messages = station->service->shared.messages;
  pl_lease_follow (messages, &station->held, MAX (station->held, station->out.length));
  gboolean ok = pl_wire_send (station->fd, kind, &station->out, -1);
  if (station->out.capacity > KEPT_CAPACITY)
    {
      pl_buffer_clear (&station->out);
      pl_lease_follow (messages, &station->held, 0);
    }
  return ok;
}

/* How long what was put behind @took has taken since @start goes to @took. */
static void
put_elapsed (PlBuffer *out, gsize took, gint64 start)
{
  guint64 elapsed = GUINT64_TO_LE ((guint64) (g_get_monotonic_time () - start));
  memcpy (out->data + took, &elapsed, sizeof elapsed);
}

static void
put_partial (Station *station, const PlBlock *block, gboolean ok)
{
  PlBuffer *out = &station->out;
  /* What is large, at once: the main process can put it on disk. */
  const gint64 most = pl_run_hand_over (&station->service->plan->run);
  gboolean hand_over = ok && (block->task.hand_over || pl_worker_has_enough (station->worker, most));
  gint64 start = g_get_monotonic_time ();
  pl_buffer_put_u8 (out, hand_over);
  if (!hand_over)
    return;
  gsize took = out->length;
  pl_buffer_put_u64 (out, 0);
  pl_worker_hand_over (station->worker, out);
  put_elapsed (out, took, start);
}

/* Takes the task out of a message, and finds the rows that it is about. */
static gboolean
take_task (Station *station)
{
  PlBlock *block = &station->block;
  PlBlockTask *task = &block->task;
  const gsize behind = station->in.length - sizeof *task;
  if (station->worker == NULL || station->in.length < sizeof *task)
    return FALSE;
  pl_block_reset (block);
  memcpy (task, station->in.data, sizeof *task);
  if (task->kind != PL_BLOCK_ROWS)
    return behind == 0;
  const gsize length = task->is_there ? station->shared.region : behind;
  if (task->index >= station->shared.n_blocks || task->length > length || (task->is_there && behind > 0))
    return FALSE;
  char *bytes = task->is_there ? pl_shared_region (&station->shared, task->index) : station->in.data + sizeof *task;
  pl_buffer_lend (&block->parcel, bytes, task->length, task->length);
  return TRUE;
}

static gboolean
serve_block (Station *station)
{
  PlBlock *block = &station->block;
  g_autoptr (GError) error = NULL;
  guint64 position = 0;
  if (!take_task (station))
    return FALSE;
  if (block->task.outbox && block->task.index < station->shared.n_blocks)
    pl_block_lend (block, &station->shared, pl_segment_foreign (station->segment) != NULL);
  pl_worker_block (station->worker, block, &position, &error);
  if (block->running != NULL)
    pl_block_digest (block);

  PlBuffer *out = &station->out;
  out->length = 0;
  pl_answer_write (out, &station->shared, block, position, error);
  put_partial (station, block, error == NULL);
  return send_out (station, PL_MESSAGE_DONE);
}

/* At the end of all, when most is held: what is to be sent, and the states it was made of. */
static void
put_account (Station *station)
{
  pl_lease_follow (station->service->shared.messages, &station->held, station->out.length);
  pl_budget_note_free (station->service->budget);
  g_autoptr (PlMemoryAccount) account = pl_budget_tell (station->service->budget);
  pl_memory_account_save (account, &station->out);
}

static gboolean
serve_finish (Station *station)
{
  if (station->worker == NULL)
    return FALSE;
  gint64 start = g_get_monotonic_time ();
  PlPartial *partial = pl_worker_end (g_steal_pointer (&station->worker));
  station->out.length = 0;
  pl_buffer_put_u64 (&station->out, 0);
  pl_partial_save (partial, &station->out);
  put_elapsed (&station->out, 0, start);
  put_account (station);
  pl_partial_free (partial);
  return send_out (station, PL_MESSAGE_PARTIAL);
}

static gpointer serve_channel (gpointer data);

static gboolean
serve_start (Station *station, int passed_fd)
{
  Service *service = station->service;
  if (passed_fd < 0 || service->given >= 0 || service->shared.given.memory != NULL)
    return FALSE;
  service->given = passed_fd;
  return TRUE;
}

static gboolean
serve_share (Station *station, int passed_fd)
{
  Service *service = station->service;
  PlCursor cursor = {(const guint8 *) station->in.data, station->in.length, 0, FALSE};
  guint n_blocks = pl_cursor_get_u32 (&cursor);
  gsize region = pl_cursor_get_u64 (&cursor);
  gsize outbox = pl_cursor_get_u64 (&cursor);
  guint n_members = pl_cursor_get_u32 (&cursor), member = pl_cursor_get_u32 (&cursor);
  if (cursor.failed || passed_fd < 0 || service->given < 0 || member >= n_members || n_members > PL_MOST_MEMBERS)
    return FALSE;
  int given = service->given;
  service->given = -1;
  if (!pl_shared_join (&service->shared, given, passed_fd, n_blocks, region, outbox))
    return FALSE;
  pl_budget_join (service->budget, pl_shared_members (&service->shared), n_members, member);
  pl_shared_lease (&service->shared, service->budget);
  return TRUE;
}

static gboolean
serve_new_channel (Station *station, int passed_fd)
{
  if (passed_fd < 0)
    return FALSE;
  Station *other = g_new0 (Station, 1);
  other->service = station->service;
  other->fd = passed_fd;
  g_ptr_array_add (station->service->threads, pl_thread_new ("worker", serve_channel, other));
  return TRUE;
}

/* Serves one channel until it is closed. Returns: whether it was closed between two messages that make sense. */
static gpointer
serve_channel (gpointer data)
{
  Station *station = data;
  PlMessageKind kind = 0;
  int passed_fd = -1;
  gboolean ok = TRUE;
  while (ok && pl_wire_receive (station->fd, &kind, &station->in, &passed_fd))
    switch (kind)
      {
      case PL_MESSAGE_START:
        ok = serve_start (station, passed_fd);
        break;
      case PL_MESSAGE_SHARE:
        ok = serve_share (station, passed_fd);
        break;
      case PL_MESSAGE_CHANNEL:
        ok = serve_new_channel (station, passed_fd);
        break;
      case PL_MESSAGE_PLAN:
        ok = serve_plan (station);
        break;
      case PL_MESSAGE_INDEX:
        ok = serve_index (station, passed_fd);
        break;
      case PL_MESSAGE_SEGMENT:
        ok = serve_segment (station);
        break;
      case PL_MESSAGE_BLOCK:
        ok = serve_block (station);
        break;
      case PL_MESSAGE_FINISH:
        ok = serve_finish (station);
        break;
      case PL_MESSAGE_READY:
      case PL_MESSAGE_DONE:
      case PL_MESSAGE_PARTIAL:
      default:
        ok = FALSE;
        break;
      }
  close (station->fd);
  pl_worker_free (station->worker);
  pl_chain_free (station->shared.chain);
  pl_block_clear (&station->block);
  pl_buffer_clear (&station->in);
  pl_buffer_clear (&station->out);
  g_free (station);
  return GINT_TO_POINTER (ok);
}

/* A handler and not SIG_IGN, which programs that this process starts would inherit. */
static void
stay (G_GNUC_UNUSED int number)
{
}

/* Programs that exec stages have started, and what those have, are in groups of their own. */
static void
end (G_GNUC_UNUSED int number)
{
  pl_cleanup_now ();
  kill (getpid (), SIGKILL);
}

/* Where there is no memory, the main process says so. */
static void
on_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  char text[512];
  if ((level & G_LOG_FLAG_FATAL) == 0 || !pl_memory_explain (message, text, sizeof text))
    {
      g_log_default_handler (domain, level, message, data);
      return;
    }
  pl_cleanup_now ();
  _exit (PL_PROCESS_NO_MEMORY_CODE);
}

int
pl_worker_main (int fd)
{
  /* Gone with the main process, also when a block takes long; if it has gone already, its end of the socket is closed,
   * and the first read ends. ^C and ^\\ go to the whole group: what becomes of a worker then is for the main process to
   * say. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  signal (SIGINT, stay);
  signal (SIGQUIT, stay);
  g_log_set_default_handler (on_fatal, NULL);
  signal (PL_PROCESS_END, end);
  Service service = {.shared = {.given.fd = -1, .taken.fd = -1}, .given = -1, .threads = g_ptr_array_new ()};
  service.indices = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_rows_free);
  service.budget = pl_budget_new ();
  pthread_mutex_init (&service.lock, NULL);
  Station *station = g_new0 (Station, 1);
  station->service = &service;
  station->fd = fd;
  gboolean ok = GPOINTER_TO_INT (serve_channel (station));
  for (guint i = 0; i < service.threads->len; i++)
    ok = GPOINTER_TO_INT (g_thread_join (g_ptr_array_index (service.threads, i))) && ok;
  g_ptr_array_unref (service.threads);
  drop_plan (&service);
  g_ptr_array_unref (service.indices);
  pl_shared_close (&service.shared);
  pl_budget_free (service.budget);
  pthread_mutex_destroy (&service.lock);
  return ok ? 0 : 70;
}
