/* For the suites of faults: ends its process, in the way that the option deed names: while it is set up (in = columns),
 * or in the middle of its rows (in = map). */
#include <pipeline/plugin.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *deed = "", *place = "";

__attribute__ ((noinline)) static int
use_up_the_stack (int depth)
{
  volatile char bytes[4096];
  bytes[0] = (char) depth;
  return depth < 0 ? 0 : use_up_the_stack (depth + 1) + bytes[0];
}

static void
leave (const char *where)
{
  if (strcmp (where, place) != 0)
    return;
  if (strcmp (deed, "exit") == 0)
    exit (0);
  if (strcmp (deed, "_exit") == 0)
    _exit (0);
  if (strcmp (deed, "_Exit") == 0)
    _Exit (0);
  if (strcmp (deed, "quick_exit") == 0)
    quick_exit (0);
  if (strcmp (deed, "pthread_exit") == 0)
    pthread_exit (NULL);
  if (strcmp (deed, "trap") == 0)
    raise (SIGTRAP);
  if (strcmp (deed, "abort") == 0)
    abort ();
  if (strcmp (deed, "sys") == 0)
    raise (SIGSYS);
  if (strcmp (deed, "segv") == 0)
    *(volatile int *) 8 = 1;
  if (strcmp (deed, "stack") == 0)
    use_up_the_stack (0);
}

static int
columns (PlPluginSetup *setup)
{
  static const PlPluginField field = {.name = "one", .type = PL_PLUGIN_INT};
  for (uint32_t i = 0; i < setup->n_options; i++)
    if (strcmp (setup->options[i].name, "deed") == 0)
      deed = strdup (setup->options[i].value);
    else if (strcmp (setup->options[i].name, "in") == 0)
      place = strdup (setup->options[i].value);
  leave ("columns");
  return setup->add (setup, &field);
}

static int
map (void *state, PlPluginBatch *batch)
{
  static int n;
  int64_t *ones = batch->results[0].values;
  (void) state;
  if (__atomic_add_fetch (&n, 1, __ATOMIC_RELAXED) == 3)
    leave ("map");
  for (size_t row = 0; row < batch->n_rows; row++)
    ones[row] = 1;
  return 0;
}

const PlPluginDescriptor pl_plugin_descriptor
    = {.abi = PL_PLUGIN_ABI, .size = sizeof (PlPluginDescriptor), .name = "leave", .columns = columns, .map = map};
