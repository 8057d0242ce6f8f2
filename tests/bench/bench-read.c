/* What the machine allows: reads a file with read(2) into one buffer and looks at nothing. Prints seconds and seconds of processor time.
 *
 *   ninja -C build tests/bench-read && build/tests/bench-read FILE
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PIECE (256 << 10) /* the program's own block size */

static char buffer[PIECE];

static double
seconds_of (struct timeval time)
{
  return (double) time.tv_sec + (double) time.tv_usec / 1e6;
}

int
main (int argc, char **argv)
{
  struct timespec start, end;
  struct rusage usage;
  int fd = argc == 2 ? open (argv[1], O_RDONLY) : -1;
  ssize_t n = 0;
  if (fd < 0)
    {
      fprintf (stderr, "usage: bench-read FILE\n");
      return 64;
    }
  clock_gettime (CLOCK_MONOTONIC, &start);
  while ((n = read (fd, buffer, PIECE)) > 0)
    ;
  clock_gettime (CLOCK_MONOTONIC, &end);
  getrusage (RUSAGE_SELF, &usage);
  printf ("%.6f %.6f\n", (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec) / 1e9,
          seconds_of (usage.ru_utime) + seconds_of (usage.ru_stime));
  return n < 0;
}
