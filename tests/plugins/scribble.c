/* For the suites of faults: doubles a column, and at one row writes over memory and into descriptors that are not its
 * own. Options: at, deed. What deed names is done once in each process that meets the row, or, with often = 1, with
 * every batch from that row on. */
#include <fcntl.h>
#include <pipeline/plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *deed = "none";
static int64_t at = -1;
static int is_done, is_often;
static uint32_t column;

static const char *
option (const PlPluginSetup *setup, const char *name)
{
  for (uint32_t i = 0; i < setup->n_options; i++)
    if (strcmp (setup->options[i].name, name) == 0)
      return setup->options[i].value;
  return "";
}

static int
columns (PlPluginSetup *setup)
{
  static const PlPluginField field = {.name = "twice", .type = PL_PLUGIN_INT};
  deed = strdup (option (setup, "deed"));
  at = atoll (option (setup, "at"));
  is_often = *option (setup, "often") != 0;
  for (uint32_t i = 0; i < setup->n_inputs; i++)
    if (strcmp (setup->inputs[i].name, "a") == 0)
      {
        column = i;
        return setup->need (setup, i) || setup->add (setup, &field);
      }
  return setup->fail (setup, NULL, "there is no column a");
}

/* Every shared mapping with @rights, the first @length bytes of each. */
static void
write_over (const char *rights, size_t skip, size_t length, int byte)
{
  char line[512], found[8];
  unsigned long start, end;
  FILE *maps = fopen ("/proc/self/maps", "r");
  while (maps != NULL && fgets (line, sizeof line, maps) != NULL)
    if (sscanf (line, "%lx-%lx %7s", &start, &end, found) == 3 && strcmp (found, rights) == 0
        && strstr (line, "memfd") != NULL && end - start > skip)
      memset ((char *) start + skip, byte, end - start - skip < length ? end - start - skip : length);
  if (maps != NULL)
    fclose (maps);
}

static void
write_into_descriptors (int from, const char *bytes, size_t length)
{
  for (int fd = from; fd < 64; fd++)
    if (fcntl (fd, F_GETFD) != -1 && write (fd, bytes, length) < 0)
      continue;
}

static void
do_it (void)
{
  char bytes[4096];
  int is_zero = strncmp (deed, "zero-", 5) == 0;
  const char *what = is_zero ? deed + 5 : deed;
  memset (bytes, is_zero ? 0 : 'A', sizeof bytes);
  if (strcmp (what, "descriptors") == 0)
    write_into_descriptors (4, bytes, sizeof bytes);
  else if (strcmp (what, "channel") == 0)
    write_into_descriptors (3, bytes, sizeof bytes);
  else if (strcmp (what, "half-header") == 0)
    {
      if (write (3, "\x31\x57\x6c\x50\x07", 5) == 5)
        pause ();
    }
  else if (strcmp (what, "endless-message") == 0)
    {
      /* The header of an answer that never comes. */
      unsigned char header[16] = {0x31, 0x57, 0x6c, 0x50, 7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f};
      if (write (3, header, sizeof header) > 0)
        pause ();
    }
  else if (strcmp (what, "truncate") == 0)
    {
      int fd = 3;
      while (fd < 64 && ftruncate (fd, 0) != 0)
        fd++;
    }
  if (strcmp (what, "memory") == 0 || strcmp (what, "start") == 0)
    write_over ("rw-s", 0, strcmp (what, "start") == 0 ? 4096 : 64 << 20, bytes[0]);
  else if (strcmp (what, "rest") == 0)
    write_over ("rw-s", 4096, 64 << 20, bytes[0]);
  else if (strcmp (what, "input") == 0)
    write_over ("r--s", 0, 64 << 20, bytes[0]);
}

static int
map (void *state, PlPluginBatch *batch)
{
  const int64_t *values = batch->inputs[column].values;
  int64_t *results = batch->results[0].values;
  (void) state;
  for (size_t row = 0; row < batch->n_rows; row++)
    {
      if (values[row] == at || (is_done && is_often && row == 0))
        {
          if (!is_done || is_often)
            do_it ();
          is_done = 1;
        }
      results[row] = values[row] * 2;
    }
  return 0;
}

const PlPluginDescriptor pl_plugin_descriptor
    = {.abi = PL_PLUGIN_ABI, .size = sizeof (PlPluginDescriptor), .name = "scribble", .columns = columns, .map = map};
