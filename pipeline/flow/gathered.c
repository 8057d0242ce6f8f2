/* What workers leave behind: states and counters, and their form on the wire. */
#include "gathered.h"
#include "../csv/overlong.h"
#include "../base/error-bytes.h"
#include "../base/memory.h"
#include "../spill/part.h"
#include "worker.h"

/* What a stage does with states is done in its name. */
static void
new_state (PlPartial *partial, guint i, const PlStep *step)
{
  PlLease *before = pl_lease_enter (step->lease);
  const gint64 total = pl_lease_total ();
  gpointer state = partial->states[i] = step->stage->state_new (step->config);
  if (step->asked != NULL)
    step->stage->map->ask->attach (state, step->asked);
  partial->held[i] = pl_lease_total () - total;
  pl_lease_enter (before);
}

static void
free_state (const PlStep *step, gpointer state)
{
  PlLease *before = pl_lease_enter (step->lease);
  step->stage->state_free (state);
  pl_lease_enter (before);
}

gboolean
pl_step_takes_notes (const PlStep *step)
{
  return step->asked != NULL && step->stage->map->ask->takes_notes (step->config);
}

/* Whether what @step gathers is handed over: states of reduce stages, and notes on an index. */
static gboolean
is_gathered (const PlStep *step)
{
  return step->stage != NULL && (step->stage->reduce != NULL || pl_step_takes_notes (step));
}

static void
save_state (const PlStep *step, gpointer state, PlBuffer *buffer)
{
  PlLease *before = pl_lease_enter (step->lease);
  if (step->stage->reduce != NULL)
    step->stage->reduce->save (step->config, state, buffer);
  else
    step->stage->map->ask->save (state, buffer);
  pl_lease_enter (before);
}

static void
load_state (PlPartial *partial, guint i, const PlStep *step, PlCursor *cursor)
{
  PlLease *before = pl_lease_enter (step->lease);
  const gint64 total = pl_lease_total ();
  partial->states[i] = step->stage->reduce != NULL ? step->stage->reduce->load (step->config, cursor)
                                                   : step->stage->map->ask->load (step->config, cursor);
  partial->held[i] = pl_lease_total () - total;
  pl_lease_enter (before);
}

/* Empties the state of @from, when all goes well. */
static gboolean
merge_states (PlPartial *into, PlPartial *from, guint i, const PlStep *step)
{
  PlLease *before = pl_lease_enter (step->lease);
  const gint64 total = pl_lease_total ();
  gboolean ok = step->stage->reduce->merge (step->config, into->states[i], from->states[i]);
  if (ok)
    {
      step->stage->state_free (g_steal_pointer (&from->states[i]));
      into->held[i] += from->held[i] + pl_lease_total () - total;
    }
  pl_lease_enter (before);
  return ok;
}

static void
merge_notes (PlPartial *into, const PlPartial *from, guint i, const PlStep *step)
{
  PlLease *before = pl_lease_enter (step->lease);
  const gint64 total = pl_lease_total ();
  step->stage->map->ask->merge (into->states[i], from->states[i]);
  into->held[i] += pl_lease_total () - total;
  pl_lease_enter (before);
}

/* Without states. */
static PlPartial *
partial_alloc (const PlSegment *segment)
{
  PlPartial *partial = g_new0 (PlPartial, 1);
  partial->segment = segment;
  partial->states = g_new0 (gpointer, segment->steps->len + 1);
  partial->counts = g_new0 (PlStepCount, segment->steps->len + 1);
  partial->held = g_new0 (gint64, segment->steps->len + 1);
  partial->shrunk = g_new0 (gint64, segment->steps->len + 1);
  partial->overlong = pl_overlong_new ();
  return partial;
}

PlPartial *
pl_partial_new (const PlSegment *segment, gboolean to_map)
{
  PlPartial *partial = partial_alloc (segment);
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->state_new != NULL && (to_map || is_gathered (step)))
        new_state (partial, i, step);
    }
  return partial;
}

void
pl_partial_free (PlPartial *partial)
{
  if (partial == NULL)
    return;
  for (guint i = 0; i < partial->segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (partial->segment->steps, i);
      if (partial->states[i] != NULL)
        free_state (step, partial->states[i]);
    }
  g_free (partial->states);
  g_free (partial->counts);
  g_free (partial->held);
  g_free (partial->shrunk);
  g_array_unref (partial->overlong);
  if (partial->evidence != NULL)
    pl_evidence_free (partial->evidence, partial->segment->source->schema->n_fields);
  g_clear_error (&partial->error);
  g_free (partial);
}

void
pl_partial_save (const PlPartial *partial, PlBuffer *buffer)
{
  guint n_steps = partial->segment->steps->len;
  PlPartWriter part;
  pl_part_begin (&part, buffer, partial->segment->hash);
  pl_part_begin_section (&part);
  pl_buffer_append (buffer, partial->counts, sizeof (PlStepCount) * (n_steps + 1));
  pl_buffer_put_u64 (buffer, partial->bytes);
  pl_buffer_put_u64 (buffer, partial->trace);
  pl_error_put (buffer, partial->error);
  pl_overlong_put (partial->overlong, buffer);
  pl_part_end_section (&part);
  for (guint i = 0; i < n_steps; i++)
    {
      const PlStep *step = g_ptr_array_index (partial->segment->steps, i);
      if (partial->states[i] == NULL || !is_gathered (step))
        continue;
      pl_part_begin_section (&part);
      save_state (step, partial->states[i], buffer);
      pl_part_end_section (&part);
    }
  pl_part_end (&part);
}

void
pl_partial_renew (PlPartial *partial)
{
  guint n_steps = partial->segment->steps->len;
  memset (partial->counts, 0, sizeof (PlStepCount) * (n_steps + 1));
  partial->bytes = 0;
  partial->trace = 0;
  g_array_set_size (partial->overlong, 0);
  for (guint i = 0; i < n_steps; i++)
    {
      const PlStep *step = g_ptr_array_index (partial->segment->steps, i);
      if (partial->states[i] == NULL || !is_gathered (step))
        continue;
      free_state (step, partial->states[i]);
      new_state (partial, i, step);
    }
}

static void
load_counts (PlPartial *partial, PlCursor *section)
{
  const guint n_steps = partial->segment->steps->len;
  const void *counts = pl_cursor_get_raw (section, sizeof (PlStepCount) * (n_steps + 1));
  if (counts != NULL)
    memcpy (partial->counts, counts, sizeof (PlStepCount) * (n_steps + 1));
  partial->bytes = pl_cursor_get_u64 (section);
  partial->trace = pl_cursor_get_u64 (section);
  partial->error = pl_error_get (section);
  pl_overlong_get (partial->overlong, section);
}

/* Whether nothing of @section is left or missing. */
static gboolean
is_used_up (const PlCursor *section)
{
  return !section->failed && section->offset == section->length;
}

PlPartial *
pl_partial_load (const PlSegment *segment, PlCursor *cursor)
{
  PlPartial *partial = partial_alloc (segment);
  PlPartReader part;
  PlCursor section;
  gboolean ok = pl_part_open (&part, cursor, segment->hash) && pl_part_next (&part, &section);
  if (ok)
    load_counts (partial, &section);
  ok = ok && is_used_up (&section);
  for (guint i = 0; i < segment->steps->len && ok; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (!is_gathered (step))
        continue;
      ok = pl_part_next (&part, &section);
      if (ok)
        load_state (partial, i, step, &section);
      ok = ok && is_used_up (&section);
    }
  if (ok && pl_part_close (&part))
    return partial;
  cursor->failed = TRUE;
  pl_partial_free (partial);
  return NULL;
}

void
pl_partial_count (const PlPartial *partial, PlStepCount *counts)
{
  for (guint i = 0; i <= partial->segment->steps->len; i++)
    {
      counts[i].rows_in += partial->counts[i].rows_in;
      counts[i].rows_out += partial->counts[i].rows_out;
      counts[i].batches += partial->counts[i].batches;
      counts[i].nanoseconds += partial->counts[i].nanoseconds;
    }
}

static gboolean
can_merge (const PlSegment *segment)
{
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (step->stage != NULL && step->stage->reduce != NULL && step->stage->reduce->merge == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_partial_merge (PlPartial *into, PlPartial *from)
{
  const PlSegment *segment = into->segment;
  if (!can_merge (segment))
    return FALSE;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (pl_step_takes_notes (step))
        merge_notes (into, from, i, step);
      if (step->stage == NULL || step->stage->reduce == NULL)
        continue;
      if (!merge_states (into, from, i, step))
        return FALSE;
      new_state (from, i, step);
    }
  pl_partial_count (from, into->counts);
  into->bytes += from->bytes;
  into->trace += from->trace;
  pl_overlong_move (into->overlong, from->overlong, G_MAXUINT64);
  if (into->error == NULL)
    into->error = g_steal_pointer (&from->error);
  return TRUE;
}

/* The states of step @i that workers have left. */
static GPtrArray *
states_of (const GPtrArray *partials, guint i)
{
  GPtrArray *states = g_ptr_array_new ();
  for (guint p = 0; p < partials->len; p++)
    {
      const PlPartial *partial = g_ptr_array_index (partials, p);
      if (partial->states[i] != NULL)
        g_ptr_array_add (states, partial->states[i]);
    }
  return states;
}

gboolean
pl_partials_leave (const PlSegment *segment, const GPtrArray *partials, PlParallel *parallel, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (!pl_step_takes_notes (step))
        continue;
      g_autoptr (GPtrArray) states = states_of (partials, i);
      PlLease *before = pl_lease_enter (step->lease);
      ok = step->stage->map->ask->leave (states->pdata, states->len, step->asked, parallel, error);
      pl_lease_enter (before);
    }
  return ok;
}

/* What has hardly grown since it gave memory back has nothing to give. */
static gboolean
has_grown (const PlPartial *partial, guint i, const PlStep *step)
{
  const gint64 shrunk = partial->shrunk[i];
  return __atomic_load_n (&step->lease->held, __ATOMIC_RELAXED) >= shrunk + shrunk / 8;
}

/* Whether the state of step @i can go to disk, and is worth it. */
static gboolean
is_worth_spilling (const PlPartial *partial, guint i, const PlStep *step)
{
  const gint64 worth = step->lease->all->worth;
  const gboolean can
      = step->stage->reduce != NULL ? step->stage->reduce->spill != NULL : step->stage->map->ask->spill != NULL;
  return can && worth > 0 && partial->held[i] >= worth;
}

static gboolean
spill_state (PlPartial *partial, guint i, const PlStep *step, GError **error)
{
  return step->stage->reduce != NULL ? step->stage->reduce->spill (step->config, partial->states[i], error)
                                     : step->stage->map->ask->spill (partial->states[i], error);
}

static gboolean
ease_state (PlPartial *partial, guint i, const PlStep *step, GError **error)
{
  const PlReduceStage *reduce = step->stage->reduce;
  const gint64 total = pl_lease_total ();
  gboolean ok = TRUE;
  PlLease *before = pl_lease_enter (step->lease);
  if (reduce != NULL && reduce->shrink != NULL && has_grown (partial, i, step))
    {
      reduce->shrink (step->config, partial->states[i]);
      pl_lease_enter (before);
      partial->shrunk[i] = __atomic_load_n (&step->lease->held, __ATOMIC_RELAXED);
      pl_lease_enter (step->lease);
    }
  if (pl_lease_is_low (step->lease) && is_worth_spilling (partial, i, step))
    {
      ok = spill_state (partial, i, step, error);
      pl_memory_trim ();
    }
  pl_lease_enter (before);
  partial->held[i] += pl_lease_total () - total;
  return ok;
}

gboolean
pl_partial_ease (PlPartial *partial, GError **error)
{
  const PlSegment *segment = partial->segment;
  for (guint i = 0; i < segment->steps->len && pl_lease_is_low (segment->lease); i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      if (partial->states[i] != NULL && is_gathered (step) && !ease_state (partial, i, step, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
pl_partial_check_enough (const PlPartial *partial, PlChain *chain, GError **error)
{
  const PlSegment *segment = partial->segment;
  guint64 enough = 0;
  GError *failure = NULL;
  if (!segment->satisfiable)
    return TRUE;
  for (guint i = 0; i < segment->steps->len; i++)
    {
      const PlStep *step = g_ptr_array_index (segment->steps, i);
      guint64 position = 0;
      if (step->stage->map != NULL)
        continue;
      if (!step->stage->reduce->satisfied (step->config, &partial->states[i], 1, &position, &failure))
        {
          const gboolean ok = failure == NULL;
          if (!ok)
            g_propagate_error (error, failure);
          return ok;
        }
      enough = MAX (enough, position);
    }
  pl_chain_lower_bound (chain, enough);
  return TRUE;
}
