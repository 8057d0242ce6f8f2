/* See keys-segment.h. */
#include "keys-segment.h"

/* Adds @from to @segment, without what is behind it. */
static PlStep *
add_step (PlSegment *segment, const PlStep *from)
{
  PlStep *step = g_new (PlStep, 1);
  *step = *from;
  step->index = segment->steps->len;
  step->children = g_new0 (PlStep *, 1);
  step->n_children = 0;
  g_ptr_array_add (segment->steps, step);
  return step;
}

/* Adds the way from one of @steps to @asker. Returns: (nullable): its first step; %NULL: there is none. */
static PlStep *
add_way (PlSegment *segment, PlStep *const *steps, guint n_steps, const PlStep *asker)
{
  for (guint i = 0; i < n_steps; i++)
    {
      const guint before = segment->steps->len;
      PlStep *step = add_step (segment, steps[i]);
      if (steps[i] == asker)
        {
          step->stage = asker->stage->build->keys;
          step->asks = PL_NO_SEGMENT;
          step->asked = NULL;
          return step;
        }
      step->children[0] = add_way (segment, steps[i]->children, steps[i]->n_children, asker);
      step->n_children = 1;
      if (step->children[0] != NULL)
        return step;
      g_ptr_array_set_size (segment->steps, (gint) before);
    }
  return NULL;
}

PlSegment *
pl_keys_segment_new (const PlSegment *segment, const PlStep *asker)
{
  PlSegment *keys = pl_segment_new (segment->source);
  keys->index = segment->index;
  keys->origin = segment->origin;
  keys->schema = segment->schema;
  keys->uses = segment->uses;
  keys->lease = segment->lease;
  keys->label = segment->label;
  keys->node = segment->node;
  keys->roots = g_new0 (PlStep *, 1);
  keys->roots[0] = add_way (keys, segment->roots, segment->n_roots, asker);
  keys->n_roots = 1;
  g_assert (keys->roots[0] != NULL);
  return keys;
}
