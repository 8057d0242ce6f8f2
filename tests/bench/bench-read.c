/* What the machine allows: reads a file with read(2) into one buffer and looks at nothing; or maps it and touches every
 * page of it. Prints seconds and seconds of processor time.
 *
 *   ninja -C build tests/bench-read && build/tests/bench-read FILE [--map]
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE (256 << 10) /* the program's own block size */

static char buffer[PIECE];

static double
seconds_of (struct timeval time)
{
  return (double) time.tv_sec + (double) time.tv_usec / 1e6;
}

/* Returns: bytes touched, negative when it cannot be mapped. */
static ssize_t
map_all (int fd)
{
  struct stat status;
  if (fstat (fd, &status) != 0 || status.st_size == 0)
    return -1;
  size_t size = (size_t) status.st_size, sum = 0;
  const unsigned char *bytes = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED)
    return -1;
  for (size_t at = 0; at < size; at += 4096)
    sum += bytes[at];
  munmap ((void *) (size_t) bytes, size);
  return (ssize_t) (sum & 1);
}

int
main (int argc, char **argv)
{
  struct timespec start, end;
  struct rusage usage;
  int map = argc == 3 && strcmp (argv[2], "--map") == 0;
  int fd = argc == 2 || map ? open (argv[1], O_RDONLY) : -1;
  ssize_t n = 0;
  if (fd < 0)
    {
      fprintf (stderr, "usage: bench-read FILE [--map]\n");
      return 64;
    }
  clock_gettime (CLOCK_MONOTONIC, &start);
  if (map)
    n = map_all (fd);
  else
    while ((n = read (fd, buffer, PIECE)) > 0)
      ;
  clock_gettime (CLOCK_MONOTONIC, &end);
  getrusage (RUSAGE_SELF, &usage);
  printf ("%.6f %.6f\n", (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec) / 1e9,
          seconds_of (usage.ru_utime) + seconds_of (usage.ru_stime));
  return n < 0;
}
