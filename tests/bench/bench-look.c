/* What a large file of numbers has in it, without having it in memory: for checks of results that no other program
 * could make here. Nothing of the program is in it.
 *
 *   ninja -C build tests/bench-look && build/tests/bench-look FILE
 *
 * Prints "rows N", "lines H" (a sum of hashes of all lines but the header: the same in any order), and for each column
 * "NAME sum S least L most M order O", where O says whether each value is "larger" than the one before, or not less
 * ("sorted"), or else "none". Fields have no quotes. What is no number counts as 0. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_COLUMNS 64

typedef struct
{
  char name[64];
  long double sum;
  double least, most, before;
  int is_sorted, is_larger;
} Column;

static Column columns[MOST_COLUMNS];

/* FNV-1a. */
static uint64_t
hash (const char *line, size_t length)
{
  uint64_t h = UINT64_C (0xcbf29ce484222325);
  for (size_t i = 0; i < length; i++)
    h = (h ^ (uint8_t) line[i]) * UINT64_C (0x100000001b3);
  return h ^ (h >> 29);
}

static int
read_header (char *line)
{
  int n = 0;
  for (char *name = strtok (line, ",\n"); name != NULL && n < MOST_COLUMNS; name = strtok (NULL, ",\n"))
    {
      columns[n] = (Column){.is_sorted = 1, .is_larger = 1};
      snprintf (columns[n++].name, sizeof columns[0].name, "%s", name);
    }
  return n;
}

static void
take (Column *column, double value, int is_first)
{
  column->sum += value;
  column->least = is_first || value < column->least ? value : column->least;
  column->most = is_first || value > column->most ? value : column->most;
  column->is_sorted &= is_first || value >= column->before;
  column->is_larger &= is_first || value > column->before;
  column->before = value;
}

int
main (int argc, char **argv)
{
  FILE *file = argc == 2 ? fopen (argv[1], "r") : NULL;
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  uint64_t rows = 0, lines = 0;
  if (file == NULL || getline (&line, &room, file) < 0)
    {
      fprintf (stderr, "usage: bench-look FILE\n");
      return 64;
    }
  const int n = read_header (line);
  for (; (length = getline (&line, &room, file)) > 0; rows++)
    {
      const char *at = line;
      lines += hash (line, (size_t) length);
      for (int i = 0; i < n && at != NULL; i++)
        {
          take (&columns[i], strtod (at, NULL), rows == 0);
          at = strchr (at, ',');
          at = at != NULL ? at + 1 : NULL;
        }
    }
  printf ("rows %llu\nlines %llu\n", (unsigned long long) rows, (unsigned long long) lines);
  for (int i = 0; i < n; i++)
    printf ("%s sum %.1Lf least %.15g most %.15g order %s\n", columns[i].name, columns[i].sum, columns[i].least,
            columns[i].most,
            columns[i].is_larger   ? "larger"
            : columns[i].is_sorted ? "sorted"
                                   : "none");
  free (line);
  return ferror (file) != 0 || fclose (file) != 0;
}
