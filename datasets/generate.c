/* Makes the large files the benchmarks run on: the same bytes for the same arguments on every machine.
 *
 *   generate SHAPE ROWS [AIRPORTS.CSV] > FILE
 *
 *   brc      station,temp; the cities of airports.csv are the first 413 stations (the One Billion Row Challenge's
 *            shape)
 *   brc10k   the same with 10,000 made-up stations
 *   g1       the group-by table of the database-like ops benchmark: id1,id2,id3,id4,id5,id6,v1,v2,v3 with K = 100
 *   wide     c1 … c40, whole numbers
 *   ids      id,group,value,text: each id below ROWS once, in a wild order; a tenth as many groups, each of which has
 * the values 0 to 9 once, where ROWS is a multiple of 10; rows of some 100 bytes quoted   name,text,value, every field
 * quoted, some with doubled quotes and newlines inside
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 PlWide;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t state = 42;

static uint64_t
next (void)
{
  uint64_t z = (state += UINT64_C (0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint64_t
below (uint64_t n)
{
  return (uint64_t) (((PlWide) next () * n) >> 64);
}

static double
unit (void)
{
  return (double) (next () >> 11) * 0x1p-53;
}

/* Box and Muller, one of the pair. */
static double
normal (double mean, double deviation)
{
  double u = 1 - unit (), v = unit ();
  return mean + deviation * sqrt (-2 * log (u)) * cos (2 * 3.14159265358979323846 * v);
}

static char *
put_number (char *out, uint64_t value, int width)
{
  char digits[24];
  int n = 0;
  do
    digits[n++] = (char) ('0' + value % 10);
  while ((value /= 10) != 0);
  while (n < width)
    digits[n++] = '0';
  while (n > 0)
    *out++ = digits[--n];
  return out;
}

/* The cities of airports.csv (its third column), each once, in order. */
static int
read_cities (const char *path, char (*names)[64], int wanted)
{
  char line[4096];
  int n = 0;
  FILE *file = fopen (path, "r");
  if (file == NULL)
    return 0;
  while (n < wanted && fgets (line, sizeof line, file) != NULL)
    {
      char *city = strchr (line, ',');
      city = city == NULL || strchr (line, '"') != NULL ? NULL : strchr (city + 1, ',');
      char *end = city == NULL ? NULL : strchr (city + 1, ',');
      if (end == NULL || end - city < 3 || end - city > 60)
        continue;
      *end = 0;
      int seen = strcmp (city + 1, "city") == 0;
      for (int i = 0; i < n && !seen; i++)
        seen = strcmp (names[i], city + 1) == 0;
      if (!seen)
        strcpy (names[n++], city + 1);
    }
  fclose (file);
  return n;
}

static void
make_names (char (*names)[64], int wanted)
{
  for (int i = 0; i < wanted; i++)
    {
      int length = 4 + (int) below (20);
      for (int j = 0; j < length; j++)
        names[i][j] = (char) ((j == 0 ? 'A' : 'a') + (int) below (26));
      put_number (names[i] + length, (uint64_t) i, 0)[0] = 0;
    }
}

static int
generate_stations (uint64_t rows, int wanted, const char *airports)
{
  char (*names)[64] = calloc ((size_t) wanted, sizeof *names);
  double *means = calloc ((size_t) wanted, sizeof *means);
  if (wanted > 1000)
    make_names (names, wanted);
  else if (read_cities (airports, names, wanted) < wanted)
    {
      fprintf (stderr, "generate: %s does not hold %d cities\n", airports, wanted);
      return 1;
    }
  for (int i = 0; i < wanted; i++)
    means[i] = -10 + 45 * unit ();
  puts ("station,temp");
  for (uint64_t i = 0; i < rows; i++)
    {
      char line[96], *out = line;
      int station = (int) below ((uint64_t) wanted);
      long tenths = lround (normal (means[station], 10) * 10);
      tenths = tenths < -999 ? -999 : tenths > 999 ? 999 : tenths;
      size_t length = strlen (names[station]);
      memcpy (out, names[station], length);
      out += length;
      *out++ = ',';
      if (tenths < 0)
        *out++ = '-';
      out = put_number (out, (uint64_t) labs (tenths) / 10, 0);
      *out++ = '.';
      *out++ = (char) ('0' + labs (tenths) % 10);
      *out++ = '\n';
      fwrite (line, 1, (size_t) (out - line), stdout);
    }
  free (names);
  free (means);
  return 0;
}

static void
generate_g1 (uint64_t rows)
{
  const uint64_t k = 100, many = rows / k > 0 ? rows / k : 1;
  puts ("id1,id2,id3,id4,id5,id6,v1,v2,v3");
  for (uint64_t i = 0; i < rows; i++)
    {
      char line[160], *out = line;
      for (int j = 0; j < 3; j++)
        {
          *out++ = 'i';
          *out++ = 'd';
          out = put_number (out, 1 + below (j < 2 ? k : many), j < 2 ? 3 : 10);
          *out++ = ',';
        }
      const uint64_t ranges[5] = {k, k, many, 5, 15};
      for (int j = 0; j < 5; j++)
        {
          out = put_number (out, 1 + below (ranges[j]), 0);
          *out++ = ',';
        }
      uint64_t millionths = below (100000000);
      out = put_number (out, millionths / 1000000, 0);
      if (millionths % 1000000 != 0)
        {
          *out++ = '.';
          out = put_number (out, millionths % 1000000, 6);
          while (out[-1] == '0')
            out--;
        }
      *out++ = '\n';
      fwrite (line, 1, (size_t) (out - line), stdout);
    }
}

static void
generate_wide (uint64_t rows)
{
  for (int j = 1; j <= 40; j++)
    printf ("c%d%c", j, j < 40 ? ',' : '\n');
  for (uint64_t i = 0; i < rows; i++)
    {
      char line[1024], *out = line;
      for (int j = 0; j < 40; j++)
        {
          out = put_number (out, below (j == 2 ? 1000 : 1000000), 0);
          *out++ = j < 39 ? ',' : '\n';
        }
      fwrite (line, 1, (size_t) (out - line), stdout);
    }
}

/* i × a prime, modulo the rows, passes through all of them, unless their number is a multiple of it. */
static void
generate_ids (uint64_t rows)
{
  static const char text[]
      = ",a text that is there so that a row is as long as rows are in many files; and no longer\n";
  const uint64_t groups = rows / 10 > 0 ? rows / 10 : 1;
  char line[256];
  puts ("id,group,value,text");
  for (uint64_t i = 0; i < rows; i++)
    {
      const uint64_t id = (uint64_t) ((PlWide) i * UINT64_C (2654435761) % rows);
      char *out = put_number (line, id, 0);
      *out++ = ',';
      out = put_number (out, id % groups, 0);
      *out++ = ',';
      out = put_number (out, id / groups, 0);
      memcpy (out, text, sizeof text - 1);
      fwrite (line, 1, (size_t) (out - line) + sizeof text - 1, stdout);
    }
}

static void
generate_quoted (uint64_t rows)
{
  puts ("\"name\",\"text\",\"value\"");
  for (uint64_t i = 0; i < rows; i++)
    {
      static const char *const texts[] = {"plain words", "he said \"\"yes\"\"", "two\nlines", "a, b and c", "x"};
      uint64_t kind = below (20);
      printf ("\"name %03d\",\"%s\",\"%d\"\n", (int) below (1000), texts[kind < 4 ? kind + 1 : 0], (int) below (10000));
    }
}

int
main (int argc, char **argv)
{
  static char buffer[1 << 20];
  if (argc < 3)
    {
      fprintf (stderr, "usage: generate brc|brc10k|g1|wide|ids|quoted ROWS [AIRPORTS.CSV]\n");
      return 64;
    }
  setvbuf (stdout, buffer, _IOFBF, sizeof buffer);
  uint64_t rows = strtoull (argv[2], NULL, 10);
  const char *airports = argc > 3 ? argv[3] : "datasets/airports.csv";
  int status = 0;
  if (strcmp (argv[1], "brc") == 0)
    status = generate_stations (rows, 413, airports);
  else if (strcmp (argv[1], "brc10k") == 0)
    status = generate_stations (rows, 10000, airports);
  else if (strcmp (argv[1], "g1") == 0)
    generate_g1 (rows);
  else if (strcmp (argv[1], "wide") == 0)
    generate_wide (rows);
  else if (strcmp (argv[1], "ids") == 0)
    generate_ids (rows);
  else if (strcmp (argv[1], "quoted") == 0)
    generate_quoted (rows);
  else
    {
      fprintf (stderr, "generate: unknown shape '%s'\n", argv[1]);
      return 64;
    }
  return fflush (stdout) != 0 || ferror (stdout) ? 1 : status;
}
