/* Frames: see frame.h. An inner frame gathers a column when it is first asked for, and knows of no others: a frame of
 * one column costs the same in a batch of thousands. */
#include "frame.h"

static gsize
batch_row (const PlFrame *frame, gsize row)
{
  for (; frame->parent != NULL; frame = frame->parent)
    row = frame->rows[row];
  return row;
}

/* Takes @error (transfer full) as what is wrong with @row, unless something before it is. */
void
pl_frame_fail (PlFrame *frame, gsize row, GError *error)
{
  gsize outer = batch_row (frame, row);
  if (frame->failure->error != NULL && frame->failure->row <= outer)
    {
      g_error_free (error);
      return;
    }
  g_clear_error (&frame->failure->error);
  frame->failure->row = outer;
  frame->failure->error = error;
}

void
pl_frame_init (PlFrame *frame, PlFrame *parent, const guint32 *rows, gsize n)
{
  *frame = (PlFrame){.parent = parent, .rows = rows, .n = n, .arena = parent->arena, .failure = parent->failure};
}

/* The slot of @field, or the empty one where it goes; there is one. */
static PlGathered *
find_gathered (const PlFrame *frame, guint field)
{
  guint slot = field * 0x9e3779b1u;
  for (slot ^= slot >> 15;; slot++)
    {
      PlGathered *gathered = &frame->gathered[slot & (frame->n_slots - 1)];
      if (gathered->column == NULL || gathered->field == field)
        return gathered;
    }
}

static void
grow_gathered (PlFrame *frame)
{
  const PlGathered *old = frame->gathered;
  guint n = frame->n_slots;
  frame->n_slots = MAX (8, 2 * n);
  frame->gathered = pl_arena_alloc0 (frame->arena, sizeof (PlGathered) * frame->n_slots);
  for (guint i = 0; i < n; i++)
    if (old[i].column != NULL)
      *find_gathered (frame, old[i].field) = old[i];
}

PlColumn *
pl_frame_column (PlFrame *frame, guint field)
{
  if (frame->parent == NULL)
    {
      g_assert (frame->columns[field] != NULL);
      if (frame->columns[field]->type.kind == PL_STRING)
        pl_column_settle (frame->columns[field], frame->n, frame->arena);
      return frame->columns[field];
    }
  if (2 * frame->n_gathered >= frame->n_slots)
    grow_gathered (frame);
  PlGathered *gathered = find_gathered (frame, field);
  if (gathered->column == NULL)
    {
      /* Only the values: texts and exact decimals do not go through computations. */
      PlColumn values = *pl_frame_column (frame->parent, field);
      values.lexical = NULL;
      values.slices = (PlSlices){0};
      values.exact = NULL;
      values.exact_scales = NULL;
      *gathered = (PlGathered){field, pl_column_gather (&values, frame->rows, frame->n, frame->arena)};
      frame->n_gathered++;
    }
  return gathered->column;
}
