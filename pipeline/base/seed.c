/* One secret a process: see seed.h. */
#include "seed.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <xxhash.h>

guint64 pl_hash_seed;
/* Of tables that are there before a job has been read. */
static guint64 name_seed;

/* Before main(), so that nobody has to ask whether it is there. */
__attribute__ ((constructor)) static void
draw_seed (void)
{
  guint64 seed;
  if (getrandom (&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
    seed = (guint64) g_get_real_time () ^ (guint64) getpid () << 40 ^ (guint64) (guintptr) &seed;
  pl_hash_seed = name_seed = seed;
}

void
pl_hash_seed_set (guint64 seed)
{
  pl_hash_seed = seed;
}

guint
pl_name_hash (gconstpointer name)
{
  return (guint) XXH3_64bits_withSeed (name, strlen (name), name_seed);
}
