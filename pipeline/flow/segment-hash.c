/* See segment-hash.h. */
#include "segment-hash.h"

#include <xxhash.h>

static void
put_schema (PlBuffer *buffer, const PlSchema *schema)
{
  pl_buffer_put_u32 (buffer, schema->n_fields);
  for (guint f = 0; f < schema->n_fields; f++)
    {
      const PlField *field = &schema->fields[f];
      pl_buffer_put_string (buffer, field->name);
      pl_buffer_append (buffer, &field->type, sizeof field->type);
    }
}

static void
put_settings (PlBuffer *buffer, const PlSettings *settings)
{
  for (guint e = 0; settings != NULL && e < settings->entries->len; e++)
    {
      const PlSetting *setting = settings->entries->pdata[e];
      pl_buffer_put_string (buffer, setting->key);
      pl_buffer_put_string (buffer, setting->value);
    }
}

static void
put_step (PlBuffer *buffer, const PlStep *step, const PlPlan *plan)
{
  pl_buffer_put_string (buffer, step->stage != NULL ? step->stage->name : NULL);
  pl_buffer_put_string (buffer, step->label);
  pl_buffer_put_u32 (buffer, step->input);
  if (step->node >= 0)
    put_settings (buffer, ((const PlNode *) plan->nodes->pdata[step->node])->settings);
  put_schema (buffer, step->schema);
}

guint64
pl_segment_hash (const PlSegment *segment, const PlPlan *plan)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  put_schema (&buffer, segment->schema);
  pl_buffer_append (&buffer, segment->uses, segment->schema->n_fields);
  for (guint i = 0; i < segment->steps->len; i++)
    put_step (&buffer, segment->steps->pdata[i], plan);
  return XXH3_64bits (buffer.data, buffer.length);
}
