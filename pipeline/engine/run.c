/* The run: passes over the plan, segments of a pass, and what is told about it afterwards.
 *
 * A pass that meets a value its source's guessed types do not hold is given up; the source is classified whole, the
 * plan built anew, and everything starts again. No output has been published by then. So it does once when a file has
 * grown, to tell whether it has only grown. */
#include "run.h"
#include "../base/error.h"
#include "answers.h"
#include "segment-run.h"
#include "infer.h"
#include "inputs.h"
#include "parallel.h"
#include "replan.h"
#include "../processes/redo-log.h"
#include "account.h"
#include "../flow/gathered.h"
#include "../job/plan-memory.h"
#include "../csv/overlong.h"
#include "../io/spool.h"

typedef struct
{
  const PlJob *job;
  GPtrArray *sources;
  const PlRunOptions *options;
  PlRunSettings settings; /* its strings belong to the current plan */
  PlPlan *plan;
  PlSegments *segments;
  PlBudget *budget;
  PlPool *pool;
  PlProcesses *processes;
  PlWriter *writer;
  PlRows **rows;  /* per segment: its input, from the moment it is known until it is used up */
  PlStash *stash; /* per segment: what is to become its input, while there are more segments to add to it */
  PlRunSummary *summary;
  PlSource *contradicted; /* whose types must be widened */
  guint64 n_blocks;       /* of this pass so far */
  gboolean again;         /* a file has grown */
} Run;

static void
summary_clear_steps (PlRunSummary *summary)
{
  for (guint i = 0; i < summary->steps->len; i++)
    g_free (g_array_index (summary->steps, PlStepSummary, i).label);
  for (guint i = 0; i < summary->sources->len; i++)
    g_free (g_array_index (summary->sources, PlSourceSummary, i).name);
  g_array_set_size (summary->steps, 0);
  g_array_set_size (summary->sources, 0);
}

void
pl_run_summary_free (PlRunSummary *summary)
{
  if (summary == NULL)
    return;
  summary_clear_steps (summary);
  g_array_unref (summary->steps);
  g_array_unref (summary->sources);
  pl_memory_account_free (summary->memory);
  g_free (summary);
}

static PlRunSummary *
summary_new (void)
{
  PlRunSummary *summary = g_new0 (PlRunSummary, 1);
  summary->sources = g_array_new (FALSE, TRUE, sizeof (PlSourceSummary));
  summary->steps = g_array_new (FALSE, TRUE, sizeof (PlStepSummary));
  return summary;
}

/* What is left of the rows that @segment reads, if it does. */
static void
free_rows (Run *run, const PlSegment *segment)
{
  PlLease *before = pl_lease_enter (segment->lease);
  g_clear_pointer (&run->rows[segment->index], pl_rows_free);
  pl_lease_enter (before);
}

static void
stash_clear (PlStash *stash)
{
  PlLease *before = pl_lease_enter (stash->step != NULL ? stash->step->lease : NULL);
  for (guint i = 0; stash->states != NULL && i < stash->states->len; i++)
    stash->step->stage->state_free (g_ptr_array_index (stash->states, i));
  g_clear_pointer (&stash->states, g_ptr_array_unref);
  pl_lease_enter (before);
}

static void
run_clear_pass (Run *run)
{
  for (guint i = 0; run->segments != NULL && run->stash != NULL && i < run->segments->list->len; i++)
    stash_clear (&run->stash[i]);
  g_clear_pointer (&run->stash, g_free);
  for (guint i = 0; run->segments != NULL && run->rows != NULL && i < run->segments->list->len; i++)
    free_rows (run, g_ptr_array_index (run->segments->list, i));
  g_clear_pointer (&run->rows, g_free);
  g_clear_pointer (&run->writer, pl_writer_free);
  g_clear_pointer (&run->segments, pl_segments_free);
  g_clear_pointer (&run->plan, pl_plan_free);
}

static void
run_clear (Run *run)
{
  run_clear_pass (run);
  g_clear_pointer (&run->processes, pl_processes_free);
  g_clear_pointer (&run->pool, pl_pool_free);
  pl_budget_free (run->budget);
  pl_run_summary_free (run->summary);
  pl_input_release_spools ();
}

/* Bytes of all inputs, 0 when that is not known. */
static guint64
total_bytes (const GPtrArray *sources)
{
  guint64 total = 0;
  for (guint i = 0; i < sources->len; i++)
    {
      const PlSource *source = g_ptr_array_index (sources, i);
      for (guint j = 0; j < source->files->len; j++)
        {
          const PlSourceFile *file = g_ptr_array_index (source->files, j);
          if (!file->ranged)
            return 0;
          total += file->size - MIN (file->size, file->data_start);
        }
    }
  return total;
}

static void
add_count (PlStepSummary *step, const PlStepCount *count)
{
  step->rows_in += count->rows_in;
  step->rows_out += count->rows_out;
  step->batches += count->batches;
  step->nanoseconds += count->nanoseconds;
}

/* The line of the source itself. Of one that was not read to its end, only the records up to the last one needed
 * count. */
static void
count_source (Run *run, const PlCrew *crew, const PlLedgerInput *given)
{
  const PlSegment *segment = crew->desk.segment;
  PlStepSummary *step = &g_array_index (run->summary->steps, PlStepSummary, segment->node);
  PlSourceSummary source
      = {.name = g_strdup (segment->source->name), .records = given->records, .rejected = given->rejected};
  g_array_append_val (run->summary->sources, source);
  step->rows_in = given->records;
  step->missing = pl_ledger_word (PL_ROWS_REJECTED);
  if (crew->limit != G_MAXUINT64)
    step->rows_out = given->records - MIN (given->records, given->rejected);
}

/* Numbers that floats cannot hold, of rows that are needed. */
static void
take_overlong (const PlCrew *crew)
{
  PlSource *source = crew->desk.segment->source;
  if (source->overlong == NULL)
    source->overlong = pl_overlong_new ();
  for (guint i = 0; i < crew->desk.partials->len; i++)
    pl_overlong_move (source->overlong, ((PlPartial *) g_ptr_array_index (crew->desk.partials, i))->overlong,
                      crew->limit);
}

/* Rows of the source that @reading has read were refused later on. */
static void
recount_source (Run *run, const PlSegment *reading)
{
  for (guint i = 0; i < run->summary->sources->len; i++)
    {
      PlSourceSummary *source = &g_array_index (run->summary->sources, PlSourceSummary, i);
      if (g_str_equal (source->name, reading->source->name))
        pl_writer_source (run->writer, reading, &source->records, &source->rejected);
    }
}

/* The line of a reduce step that makes @rows_out rows of @rows_in. What is implied (a source's limit) belongs to the
 * line of the input, @input.
 * Returns: %FALSE when that cannot be. */
static gboolean
count_rows_out (Run *run, const PlStep *step, gint input, guint64 rows_in, guint64 rows_out, GError **error)
{
  if (step->keeper == NULL)
    g_array_index (run->summary->steps, PlStepSummary, step->node >= 0 ? step->node : input).rows_out = rows_out;
  return pl_ledger_check_end (step, rows_in, rows_out, error);
}

/* Adds what the workers counted to the run's account. Returns: %FALSE when it does not balance. */
static gboolean
count_segment (Run *run, const PlCrew *crew, GError **error)
{
  const PlSegment *segment = crew->desk.segment;
  const guint n_steps = segment->steps->len;
  GArray *steps = run->summary->steps;
  g_autofree PlStepCount *counts = g_new0 (PlStepCount, n_steps + 1);
  const gboolean is_counted = crew->desk.input != NULL && crew->desk.input->n_rows != PL_ROWS_UNKNOWN;
  PlLedgerInput given = {.trace = pl_writer_trace (run->writer)};
  given.rows = is_counted ? crew->desk.input->n_rows - crew->desk.n_refused
                          : pl_writer_segment_rows (run->writer, crew->limit, crew->n_before);
  run->summary->bytes_read += pl_producer_bytes (crew->producer);
  for (guint i = 0; i < crew->desk.partials->len; i++)
    {
      const PlPartial *partial = g_ptr_array_index (crew->desk.partials, i);
      run->summary->bytes_read += partial->bytes;
      pl_partial_count (partial, counts);
      given.worker_trace += partial->trace;
    }
  for (guint i = 0; i < n_steps; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->node < 0)
        continue;
      PlStepSummary *summary = &g_array_index (steps, PlStepSummary, step->node);
      add_count (summary, &counts[i]);
      summary->missing = step->stage != NULL ? pl_ledger_word (step->stage->rows) : NULL;
      summary->stopped_early = crew->limit != G_MAXUINT64;
      if (step->sink != NULL)
        summary->rows_out = summary->rows_in;
    }
  if (segment->source != NULL)
    {
      given.rows = pl_writer_segment_rows (run->writer, G_MAXUINT64, 0);
      pl_writer_source (run->writer, segment, &given.records, &given.rejected);
      add_count (&g_array_index (steps, PlStepSummary, segment->node), &counts[n_steps]);
      count_source (run, crew, &given);
      take_overlong (crew);
    }
  else if (segment->origin != NULL)
    recount_source (run, segment->origin);
  const PlStash *stash = &run->stash[segment->index];
  if (crew->desk.input != NULL && !is_counted
      && !count_rows_out (run, stash->step, stash->step->node, stash->rows_in, given.rows, error))
    return FALSE;
  /* Rows behind the last one needed may have failed, somewhere in the middle of their way. */
  return crew->desk.failure.position != G_MAXUINT64 || pl_ledger_check (segment, counts, &given, error);
}

/* Moves what the workers left of a reduce stage to what earlier segments left of it. */
static PlStash *
gather (Run *run, const PlCrew *crew, const PlStep *step)
{
  PlStash *stash = &run->stash[step->feeds];
  stash->step = step;
  if (stash->states == NULL)
    stash->states = g_ptr_array_new ();
  for (guint i = 0; i < crew->desk.partials->len; i++)
    {
      PlPartial *partial = g_ptr_array_index (crew->desk.partials, i);
      stash->rows_in += partial->counts[step->index].rows_in;
      g_ptr_array_add (stash->states, g_steal_pointer (&partial->states[step->index]));
    }
  return stash;
}

/* Turns the states of one reduce stage into the rows of the segment it feeds. */
static gboolean
finish_step (Run *run, const PlCrew *crew, const PlStep *step, PlParallel *parallel, GError **error)
{
  PlStash *stash = gather (run, crew, step);
  gint64 start = g_get_monotonic_time ();
  if (step->goes_on)
    return TRUE;
  PlLease *before = pl_lease_enter (step->lease);
  PlRows *rows = step->stage->reduce->finish (step->config, stash->states->pdata, stash->states->len, parallel, error);
  pl_lease_enter (before);
  stash_clear (stash);
  run->rows[step->feeds] = rows;
  if (rows == NULL)
    return FALSE;
  gint input = crew->desk.segment->node;
  if (step->keeper == NULL)
    g_array_index (run->summary->steps, PlStepSummary, step->node >= 0 ? step->node : input).nanoseconds
        += (g_get_monotonic_time () - start) * 1000;
  return rows->n_rows == PL_ROWS_UNKNOWN || count_rows_out (run, step, input, stash->rows_in, rows->n_rows, error);
}

static gboolean
finish_segment (Run *run, const PlCrew *crew, GError **error)
{
  g_autofree PlParallel *parallel
      = pl_parallel_threads (run->settings.mode == PL_MODE_SERIAL ? 1 : crew->desk.n_workers);
  if (!pl_partials_leave (crew->desk.segment, crew->desk.partials, parallel, error))
    return FALSE;
  for (guint i = 0; i < crew->desk.segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (crew->desk.segment->steps, i);
      if (step->feeds != PL_NO_SEGMENT && !finish_step (run, crew, step, parallel, error))
        return FALSE;
    }
  return TRUE;
}

static guint
n_workers (const Run *run)
{
  if (run->settings.mode == PL_MODE_SERIAL)
    return 1;
  guint threads = run->settings.mode == PL_MODE_PROCESSES ? MAX (run->settings.threads_per_process, 1) : 1;
  return MAX (run->settings.workers, 1) * threads;
}

/* Gives the steps of @segment the indices that they ask, or takes them back. */
static void
lend_indices (const Run *run, const PlSegment *segment, gboolean lend)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->asks != PL_NO_SEGMENT)
        step->asked = lend ? run->rows[step->asks] : NULL;
    }
}

/* What must be there before the first row: answers from disk, and the rest of an index, where that is the input. */
static gboolean
ready_segment (const Run *run, const PlCrew *crew, GError **error)
{
  const PlNode *node = g_ptr_array_index (run->plan->nodes, (guint) crew->desk.segment->node);
  PlLease *before = pl_lease_enter (crew->desk.segment->lease);
  const gboolean ok = node->asker == NULL || node->asker->stage->build->rest (crew->desk.input, error);
  pl_lease_enter (before);
  return ok && pl_answer_steps (crew, error);
}

/* What the run counts of a segment that has been worked on. */
static gboolean
end_segment (Run *run, PlCrew *crew, gboolean ok, GError **error)
{
  pl_budget_note_free (run->budget);
  run->n_blocks += pl_producer_sequence (crew->producer);
  run->summary->deaths += crew->desk.n_deaths;
  run->summary->repeated += crew->desk.n_repeated;
  run->summary->retired += crew->desk.n_retired;
  if (ok)
    ok = count_segment (run, crew, error) && finish_segment (run, crew, error);
  else if (g_error_matches (*error, PL_DATA_ERROR, PL_DATA_ERROR_CONTRADICTION))
    run->contradicted = crew->desk.segment->source;
  pl_crew_clear (crew);
  return ok;
}

static gboolean
run_segment (Run *run, const PlSegment *segment, GError **error)
{
  GError *failure = NULL;
  lend_indices (run, segment, TRUE);
  PlCrew crew = {
      .desk.segment = segment,
      .desk.input = run->rows[segment->index],
      .stash = run->stash,
      .desk.settings = &run->settings,
      .options = run->options,
      .n_before = run->n_blocks,
      .bytes_total = total_bytes (run->sources),
      .desk.pool = run->pool,
      .writer = run->writer,
      .processes = pl_segment_is_remote (segment) && !pl_asks_disk (segment) ? run->processes : NULL,
      .desk.n_workers = n_workers (run),
  };
  gboolean ok = ready_segment (run, &crew, &failure);
  if (ok)
    ok = end_segment (run, &crew, pl_crew_run (&crew, &failure), &failure);
  lend_indices (run, segment, FALSE);
  free_rows (run, segment);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return ok;
}

static gboolean
run_pass (Run *run, GError **error)
{
  summary_clear_steps (run->summary);
  /* Position 0 is before all rows: a limit of no rows needs none of them. */
  run->n_blocks = 1;
  run->summary->passes++;
  for (guint i = 0; i < run->plan->nodes->len; i++)
    {
      PlStepSummary step = {.label = g_strdup (((const PlNode *) g_ptr_array_index (run->plan->nodes, i))->label)};
      g_array_append_val (run->summary->steps, step);
    }
  run->rows = g_new0 (PlRows *, run->segments->list->len + 1);
  run->stash = g_new0 (PlStash, run->segments->list->len + 1);
  gboolean waits = run->settings.lock == PL_LOCK_NONE || run->settings.lock == PL_LOCK_WAIT;
  run->writer = pl_writer_new (run->segments, run->pool, waits, run->options->cancelled, error);
  if (run->writer == NULL)
    return FALSE;
  if (run->processes != NULL
      && !pl_processes_plan (run->processes, run->job, run->sources, run->options->to_terminal, error))
    return FALSE;
  for (guint i = 0; i < run->segments->list->len; i++)
    if (!run_segment (run, g_ptr_array_index (run->segments->list, i), error))
      return FALSE;
  if (!pl_inputs_check (run->sources, &run->again, error) || run->again)
    return FALSE;
  gboolean published = pl_writer_publish (run->writer, error);
  run->summary->bytes_written = pl_writer_bytes_written (run->writer);
  return published;
}

static gboolean
sends_rows (const Run *run)
{
  for (guint i = 0; i < run->segments->list->len; i++)
    {
      const PlSegment *segment = g_ptr_array_index (run->segments->list, i);
      if (segment->source == NULL && pl_segment_is_remote (segment))
        return TRUE;
    }
  return FALSE;
}

/* Memory and processes, once for all passes: processes must be there before the first thread is. */
static gboolean
run_prepare (Run *run, GError **error)
{
  gsize region = 0;
  if (run->pool != NULL)
    return TRUE;
  if (!pl_pool_region (run->sources, run->settings.block_size, &region, error))
    return FALSE;
  gboolean processes = run->settings.mode == PL_MODE_PROCESSES;
  /* Blocks that may have to be done again keep their bytes, beyond those in flight. */
  const guint64 room = pl_run_blocks (&run->settings) / n_workers (run);
  guint n_kept = processes && region > 0 ? pl_redo_log_blocks (run->settings.block_size, room) : 0;
  if (processes && sends_rows (run))
    {
      n_kept = MAX (n_kept, pl_redo_log_blocks (pl_pool_parcel (), room));
      region = MAX (region, pl_pool_parcel ());
    }
  run->pool = pl_pool_new (run->settings.queue_depth + n_kept * n_workers (run), run->segments->n_outputs, region,
                           processes ? pl_pool_outbox (run->settings.block_size) : 0, error);
  if (run->pool == NULL)
    return FALSE;
  pl_shared_lease (&run->pool->shared, run->budget);
  pl_pool_set_room (run->pool, pl_run_blocks (&run->settings), run->settings.queue_depth);
  if (processes)
    pl_budget_join (run->budget, pl_shared_members (&run->pool->shared), run->settings.workers + 2, 0);
  if (processes)
    run->processes = pl_processes_new (&run->settings, run->options->worker_program, &run->pool->shared, error);
  return !processes || run->processes != NULL;
}

/* Builds the plan; @why: (nullable): the contradiction that changed its types, told beside what is wrong with it now.
 * Returns: %FALSE with @issues, or with @error, where types come from a file that has changed. */
static gboolean
run_plan (Run *run, const GError *why, PlIssues *issues, GError **error)
{
  /* A plan that stands has been built before, by the check: what it warns of has been said. */
  g_autoptr (PlIssues) said = pl_issues_new ();
  run->plan = pl_replan (run->job, run->sources, run->options->to_terminal, run->budget, run->options->cancelled, said,
                         error);
  if (run->plan == NULL)
    {
      if (pl_issues_n_errors (said) == 0)
        return FALSE;
      GError *change = why != NULL ? g_error_copy (why) : NULL;
      if (why != NULL)
        pl_inputs_blame (run->sources, &change);
      if (g_error_matches (change, PL_IO_ERROR, PL_IO_ERROR_BUSY))
        {
          g_propagate_error (error, change);
          return FALSE;
        }
      g_clear_error (&change);
      if (why != NULL)
        pl_issues_warn (issues, NULL, NULL, "column types were widened: %s", why->message);
      pl_plan_free (pl_plan_build (run->job, run->sources, run->options->to_terminal, issues));
      return FALSE;
    }
  run->settings = run->plan->run;
  pl_budget_set_room (run->budget, pl_run_room (&run->settings), n_workers (run));
  run->segments = pl_segments_new (run->plan);
  pl_segments_lease (run->segments, run->plan, run->budget);
  return TRUE;
}

/* Returns: how many columns' types are known of all rows now that were not; -1 with @error. */
static gint
classify (Run *run, PlSource *source, GError **error)
{
  gint n_more = 0;
  for (guint i = 0; i < source->schema->n_fields; i++)
    n_more -= source->readings[i].is_certain;
  if (!pl_infer (source, &run->settings, run->budget, run->options->cancelled, error))
    return -1;
  for (guint i = 0; i < source->schema->n_fields; i++)
    n_more += source->readings[i].is_certain;
  return n_more;
}

/* Widens the types of the source that a pass failed on; those of all where it was a stage behind that one which found
 * them too narrow. @why: the contradiction. */
static gboolean
run_widen (Run *run, const GError *why, GError **error)
{
  PlSource *source = g_steal_pointer (&run->contradicted);
  gint n_more = source != NULL ? classify (run, source, error) : 0;
  for (guint i = 0; i < run->sources->len && n_more == 0; i++)
    n_more = classify (run, g_ptr_array_index (run->sources, i), error);
  /* What is certain is not contradicted again. */
  if (n_more == 0)
    g_set_error (error, PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL,
                 "the types of the sources cannot be widened to hold all of their values: %s", why->message);
  return n_more > 0;
}

/* One pass, and what has to be done for another one. @why: (inout): why there is this one; why there is to be another
 * one.
 * Returns: whether it is to be tried again; else @ok says what became of it. */
static gboolean
run_once (Run *run, GError **why, PlIssues *issues, gboolean *ok, GError **error)
{
  GError *failure = NULL;
  *ok = FALSE;
  run->again = FALSE;
  gboolean planned = run_plan (run, *why, issues, &failure);
  g_clear_error (why);
  if (planned)
    *ok = run_prepare (run, &failure) && run_pass (run, &failure);
  if (!*ok && failure != NULL)
    pl_inputs_blame (run->sources, &failure);
  gboolean contradicted = g_error_matches (failure, PL_DATA_ERROR, PL_DATA_ERROR_CONTRADICTION);
  gboolean again = run->again || contradicted;
  if (again)
    run_clear_pass (run);
  if (contradicted)
    {
      *why = g_steal_pointer (&failure);
      again = run_widen (run, *why, &failure);
    }
  if (failure != NULL)
    g_propagate_error (error, failure);
  return again;
}

gboolean
pl_run (const PlJob *job, GPtrArray *sources, const PlRunOptions *options, PlRunSummary **summary, PlIssues *issues,
        GError **error)
{
  static const PlRunOptions no_options;
  Run run = {
      .job = job,
      .sources = sources,
      .options = options != NULL ? options : &no_options,
      .summary = summary_new (),
      .budget = pl_budget_new (),
  };
  g_autoptr (GError) why = NULL;
  gint64 start = g_get_monotonic_time ();
  gboolean ok;
  while (run_once (&run, &why, issues, &ok, error))
    ;
  run.summary->microseconds = g_get_monotonic_time () - start;
  run.summary->memory_limit = run.settings.memory_limit;
  run.summary->memory = pl_budget_tell (run.budget);
  if (run.processes != NULL)
    pl_processes_memory (run.processes, run.summary->memory);
  if (summary != NULL)
    *summary = g_steal_pointer (&run.summary);
  run_clear (&run);
  return ok;
}
