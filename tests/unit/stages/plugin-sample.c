/* A plugin that does what its options say: every type in and out, and every mistake that can be made. */
#include <pipeline/plugin.h>
#include <stdlib.h>
#include <string.h>

#ifndef SAMPLE_ABI
#define SAMPLE_ABI PL_PLUGIN_ABI
#endif

static const char *
option (const PlPluginSetup *setup, const char *name)
{
  for (uint32_t i = 0; i < setup->n_options; i++)
    if (strcmp (setup->options[i].name, name) == 0)
      return setup->options[i].value;
  return "";
}

/* echo: a copy of each column, "copy_" in front; otherwise one text, "result". */
static int
sample_columns (PlPluginSetup *setup)
{
  const char *task = option (setup, "task");
  setup->data = (void *) task;
  if (strcmp (task, "refuse") == 0)
    return setup->fail (setup, "task", "no");
  if (strcmp (task, "silent") == 0)
    return 1;
  for (uint32_t i = 0; i < setup->n_inputs; i++)
    setup->need (setup, i);
  if (strcmp (task, "need") == 0)
    return setup->need (setup, setup->n_inputs);
  if (strcmp (task, "echo") == 0)
    {
      for (uint32_t i = 0; i < setup->n_inputs; i++)
        {
          char name[100] = "copy_";
          PlPluginField field = setup->inputs[i];
          strncat (name, field.name, 50);
          field.name = name;
          if (setup->add (setup, &field) != 0)
            return 1;
        }
      return 0;
    }
  PlPluginField field = {.name = "result", .type = PL_PLUGIN_STRING};
  if (strcmp (task, "type") == 0)
    field.type = 77;
  if (strcmp (task, "bool") == 0)
    field.type = PL_PLUGIN_BOOL;
  if (strcmp (task, "date") == 0)
    field.type = PL_PLUGIN_DATE;
  if (strcmp (task, "replace") == 0)
    field.name = setup->inputs[0].name;
  if (strcmp (task, "twice") == 0)
    setup->add (setup, &field);
  return setup->add (setup, &field);
}

static size_t
width_of (int32_t type)
{
  static const size_t widths[] = {0, 1, 8, 8, 16, sizeof (PlPluginText), 4, 8};
  return widths[type];
}

typedef struct
{
  const PlPluginSetup *setup;
  char task[16];
} State;

static void *
sample_state_new (const PlPluginSetup *setup)
{
  State *state = calloc (1, sizeof *state);
  state->setup = setup;
  strncpy (state->task, setup->data, sizeof state->task - 1);
  return state;
}

static int
echo (const State *state, PlPluginBatch *batch)
{
  for (uint32_t i = 0; i < batch->n_inputs; i++)
    {
      const PlPluginColumn *input = &batch->inputs[i];
      memcpy (batch->results[i].values, input->values, batch->n_rows * width_of (state->setup->inputs[i].type));
      if (input->nulls != NULL)
        memcpy (batch->results[i].nulls, input->nulls, batch->n_rows);
    }
  return 0;
}

/* The text of the first column, backwards; a row whose text is a word below is what it says. */
static int
reverse (const State *state, PlPluginBatch *batch)
{
  const PlPluginColumn *input = &batch->inputs[0];
  const PlPluginText *texts = input->values;
  PlPluginText *result = batch->results[0].values;
  int failed = 0;
  for (size_t row = 0; row < batch->n_rows; row++)
    {
      const PlPluginText *text = &texts[row];
      if (input->nulls != NULL && input->nulls[row])
        {
          batch->results[0].nulls[row] = 1;
          continue;
        }
      if (text->length == 5 && memcmp (text->data, "crash", 5) == 0)
        abort ();
      if (text->length == 4 && memcmp (text->data, "fail", 4) == 0)
        failed = batch->fail (batch, row, "a row that says so");
      char *out = batch->allocate (batch, text->length + 1);
      for (uint32_t i = 0; i < text->length; i++)
        out[i] = text->data[text->length - 1 - i];
      result[row].data = out;
      result[row].length = text->length;
      if (strcmp (state->task, "bytes") == 0)
        out[0] = (char) 0xff;
    }
  return failed;
}

static int
sample_map (void *data, PlPluginBatch *batch)
{
  const State *state = data;
  if (strcmp (state->task, "echo") == 0)
    return echo (state, batch);
  if (strcmp (state->task, "dumb") == 0)
    return 7;
  if (strcmp (state->task, "bool") == 0)
    {
      memset (batch->results[0].values, 0xff, batch->n_rows);
      return 0;
    }
  if (strcmp (state->task, "date") == 0)
    {
      memset (batch->results[0].values, 0x7f, batch->n_rows * 4);
      return 0;
    }
  return reverse (state, batch);
}

const PlPluginDescriptor pl_plugin_descriptor = {
    .abi = SAMPLE_ABI,
    .size = sizeof (PlPluginDescriptor),
    .name = "sample",
    .columns = sample_columns,
    .map = sample_map,
    .state_new = sample_state_new,
    .state_free = free,
};
