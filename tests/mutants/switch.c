/* Which fault of a tree planted by tests/mutants/plant.py is active: PL_MUTANT in the environment, which worker
 * processes inherit, is its number; without it, none is. With PL_MUTANT_HITS, a file of a byte per fault, the faults
 * that are met are noted there, so that it is known which tests pass by them. Part of the planted copy alone. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern int pl_mutant;
extern int (*pl_mutant_meets) (int);

static unsigned char *hits;
static int n_hits;

static int
meet (int number)
{
  if (number < n_hits)
    hits[number] = 1;
  return 0;
}

int pl_mutant;
int (*pl_mutant_meets) (int) = meet;

static void __attribute__ ((constructor)) read_environment (void)
{
  const char *number = getenv ("PL_MUTANT"), *path = getenv ("PL_MUTANT_HITS");
  struct stat status;

  pl_mutant = number != NULL ? atoi (number) : 0;
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0)
    return;
  void *map = fstat (fd, &status) == 0 ? mmap (NULL, (size_t) status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                                       : MAP_FAILED;
  if (map != MAP_FAILED)
    {
      hits = map;
      n_hits = (int) status.st_size;
      pl_mutant = -1;
    }
  close (fd);
}
