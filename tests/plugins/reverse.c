/* For the cases of the plugin stage: the text of a column, backwards; "crash" is a crash, "fail" is a bad row. */
#include <pipeline/plugin.h>
#include <stdlib.h>
#include <string.h>

static int
columns (PlPluginSetup *setup)
{
  static const PlPluginField field = {.name = "reversed", .type = PL_PLUGIN_STRING};
  for (uint32_t i = 0; i < setup->n_inputs; i++)
    if (setup->n_options == 1 && strcmp (setup->inputs[i].name, setup->options[0].value) == 0)
      {
        setup->data = (void *) (uintptr_t) i;
        return setup->need (setup, i) || setup->add (setup, &field);
      }
  return setup->fail (setup, "column", "there is no such column");
}

static void *
state_new (const PlPluginSetup *setup)
{
  uint32_t *state = malloc (sizeof *state);
  *state = (uint32_t) (uintptr_t) setup->data;
  return state;
}

static int
map (void *state, PlPluginBatch *batch)
{
  const PlPluginColumn *input = &batch->inputs[*(uint32_t *) state];
  const PlPluginText *texts = input->values;
  PlPluginText *result = batch->results[0].values;
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
        return batch->fail (batch, row, "this name cannot be turned round");
      char *out = batch->allocate (batch, text->length + 1);
      for (uint32_t i = 0; i < text->length; i++)
        out[i] = text->data[text->length - 1 - i];
      result[row] = (PlPluginText){out, text->length, 0};
    }
  return 0;
}

const PlPluginDescriptor pl_plugin_descriptor
    = {PL_PLUGIN_ABI, sizeof (PlPluginDescriptor), "reverse", columns, map, state_new, free, NULL};
