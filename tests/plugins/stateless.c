/* For a case of the plugin stage: ends its process, as if all were well, where it should make a state. */
#include <pipeline/plugin.h>
#include <stdlib.h>
#include <unistd.h>

static int
columns (PlPluginSetup *setup)
{
  (void) setup;
  return 0;
}

static void *
state_new (const PlPluginSetup *setup)
{
  (void) setup;
  _exit (0);
}

static int
map (void *state, PlPluginBatch *batch)
{
  (void) state;
  (void) batch;
  return 0;
}

const PlPluginDescriptor pl_plugin_descriptor
    = {PL_PLUGIN_ABI, sizeof (PlPluginDescriptor), "stateless", columns, map, state_new, free, NULL};
