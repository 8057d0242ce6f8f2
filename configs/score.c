/* A plugin: what score.py does, in C. Build it beside its job, then run that:
 *   cc -shared -fPIC -O2 $(pkg-config --cflags pipeline-plugin) -o configs/score.so configs/score.c -lm
 * In the source tree, where nothing is installed, `-I.` is in the place of pkg-config. */
#include <math.h>
#include <pipeline/plugin.h>
#include <stdlib.h>
#include <string.h>

/* What columns() finds out: the same for every worker. */
typedef struct
{
  uint32_t distance, delay;
  int rounds;
} Score;

static int
find_column (PlPluginSetup *setup, const char *name, uint32_t *column)
{
  for (uint32_t i = 0; i < setup->n_inputs; i++)
    if (strcmp (setup->inputs[i].name, name) == 0)
      {
        *column = i;
        if (setup->inputs[i].type != PL_PLUGIN_INT)
          return setup->fail (setup, NULL, "distance and delay must be of type int");
        return setup->need (setup, i);
      }
  return setup->fail (setup, NULL, "there must be columns distance and delay");
}

static int
score_columns (PlPluginSetup *setup)
{
  static const PlPluginField result = {.name = "score", .type = PL_PLUGIN_FLOAT};
  Score *score = calloc (1, sizeof *score);
  setup->data = score;
  score->rounds = 100;
  for (uint32_t i = 0; i < setup->n_options; i++)
    {
      const PlPluginOption *option = &setup->options[i];
      if (strcmp (option->name, "rounds") != 0)
        return setup->fail (setup, option->name, "there is no such option; there is: rounds");
      score->rounds = atoi (option->value);
      if (score->rounds < 1)
        return setup->fail (setup, option->name, "rounds must be a whole number from 1 on");
    }
  if (find_column (setup, "distance", &score->distance) != 0 || find_column (setup, "delay", &score->delay) != 0)
    return 1;
  return setup->add (setup, &result);
}

/* A state per worker: here nothing but a look at what all share. */
static void *
score_state_new (const PlPluginSetup *setup)
{
  return setup->data;
}

static void
score_state_free (void *state)
{
  (void) state;
}

static int
score_map (void *state, PlPluginBatch *batch)
{
  const Score *score = state;
  const PlPluginColumn *distance = &batch->inputs[score->distance], *delay = &batch->inputs[score->delay];
  double *result = batch->results[0].values;
  for (size_t row = 0; row < batch->n_rows; row++)
    {
      /* Null in, null out. */
      if ((distance->nulls != NULL && distance->nulls[row]) || (delay->nulls != NULL && delay->nulls[row]))
        {
          batch->results[0].nulls[row] = 1;
          continue;
        }
      double miles = (double) ((const int64_t *) distance->values)[row];
      double late = fabs ((double) ((const int64_t *) delay->values)[row]);
      double speed = 0;
      if (miles < 0)
        return batch->fail (batch, row, "a distance below zero");
      for (int minutes = 1; minutes < score->rounds; minutes++)
        speed += sin (miles / minutes) / (minutes + late);
      result[row] = speed;
    }
  return 0;
}

static void
score_setup_free (PlPluginSetup *setup)
{
  free (setup->data);
}

const PlPluginDescriptor pl_plugin_descriptor = {
    .abi = PL_PLUGIN_ABI,
    .size = sizeof (PlPluginDescriptor),
    .name = "score",
    .columns = score_columns,
    .map = score_map,
    .state_new = score_state_new,
    .state_free = score_state_free,
    .setup_free = score_setup_free,
};
