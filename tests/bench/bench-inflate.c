/* What inflating alone takes: reads a compressed file through the program's own input into one buffer and looks at
 * nothing. Prints seconds.
 *
 *   ninja -C build tests/bench-inflate && build/tests/bench-inflate FILE
 */
#include <stdio.h>

#include "../../pipeline/io/input.h"

#define PIECE (256 << 10) /* the program's own block size */

static char buffer[PIECE];

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (PlOrigin) origin = argc == 2 ? pl_origin_open (argv[1], &error) : NULL;
  g_autoptr (PlInput) input
      = origin != NULL ? pl_input_open (origin, argv[1], PL_COMPRESSION_AUTO, NULL, &error) : NULL;
  gssize n = -1;
  while (input != NULL && (n = pl_input_read (input, buffer, PIECE, &error)) > 0)
    ;
  if (n < 0)
    {
      fprintf (stderr, "bench-inflate: %s\n", error != NULL ? error->message : "usage: bench-inflate FILE");
      return 1;
    }
  printf ("%.6f\n", (double) (g_get_monotonic_time () - start) / 1e6);
  return 0;
}
