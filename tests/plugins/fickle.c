/* For a case of the plugin stage: takes the job in the process that is asked first, and refuses it in every other
 * one. */
#include <pipeline/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
columns (PlPluginSetup *setup)
{
  int first = 0;
  FILE *file = fopen ("first", "r");
  if (file != NULL && fscanf (file, "%d", &first) == 1 && first != (int) getpid ())
    return setup->fail (setup, NULL, "not here");
  if (file != NULL)
    fclose (file);
  file = fopen ("first", "w");
  fprintf (file, "%d", (int) getpid ());
  fclose (file);
  return 0;
}

static int
map (void *state, PlPluginBatch *batch)
{
  (void) state;
  (void) batch;
  return 0;
}

const PlPluginDescriptor pl_plugin_descriptor
    = {PL_PLUGIN_ABI, sizeof (PlPluginDescriptor), "fickle", columns, map, NULL, NULL, NULL};
