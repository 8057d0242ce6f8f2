/* Nanoseconds a number: functions that round correctly, in each kind of loop and with what the loops leave open, beside
 * those of the C library; the best of many rounds. Run it again with GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2_Usable,
 * and the C library is as on a processor without FMA. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../pipeline/rounded/rounded.h"

#define NUMBERS 2048
#define ROUNDS 400

static double x[NUMBERS], y[NUMBERS], out[NUMBERS];
static guint64 unsure[NUMBERS];

/* Calls of the compiler's own would be left out or made vectors of. */
static double (*const volatile c_functions[]) (double) = {exp, log, log10, log2};
static double (*const volatile c_pow) (double, double) = pow;
static const char *const names[] = {"exp", "ln", "log10", "log2", "power"};

typedef void (*Work) (guint function, const PlRoundedLoops *loops);

static double
measure (Work work, guint function, const PlRoundedLoops *loops)
{
  gint64 best = G_MAXINT64;
  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 start = g_get_monotonic_time ();
      for (guint i = 0; i < 10; i++)
        work (function, loops);
      best = MIN (best, g_get_monotonic_time () - start);
    }
  return (double) best * 1000 / (10.0 * NUMBERS);
}

static void
by_library (guint function, const PlRoundedLoops *loops G_GNUC_UNUSED)
{
  double (*one) (double) = function < PL_N_ROUNDED_FUNCTIONS ? c_functions[function] : NULL;
  double (*two) (double, double) = c_pow;
  for (guint i = 0; i < NUMBERS; i++)
    out[i] = one != NULL ? one (x[i]) : two (x[i], y[i]);
}

static void
by_loop (guint function, const PlRoundedLoops *loops)
{
  if (function < PL_N_ROUNDED_FUNCTIONS)
    loops->map[function](x, out, unsure, NUMBERS);
  else
    loops->power (x, y, out, unsure, NUMBERS);
}

static void
by_all (guint function, const PlRoundedLoops *loops G_GNUC_UNUSED)
{
  if (function < PL_N_ROUNDED_FUNCTIONS)
    pl_rounded_map (function, x, out, NUMBERS);
  else
    pl_rounded_power (x, FALSE, y, FALSE, out, NUMBERS);
}

static void
fill (guint function)
{
  guint64 state = 1;
  for (guint i = 0; i < NUMBERS; i++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u;
      double share = (double) (state >> 11) * 0x1p-53;
      x[i] = function == PL_ROUNDED_EXP ? share * 40 - 20 : share * 1000;
      y[i] = (double) ((state >> 20) % 1000) / 100;
    }
}

int
main (void)
{
  for (guint function = 0; function < G_N_ELEMENTS (names); function++)
    {
      fill (function);
      double library = measure (by_library, function, NULL);
      printf ("%-6s C library %5.2f", names[function], library);
      for (guint i = 0; pl_rounded_loops (i) != NULL; i++)
        {
          double loop = measure (by_loop, function, pl_rounded_loops (i));
          printf (", %s %5.2f (%.2f times)", pl_rounded_loops (i)->name, loop, loop / library);
        }
      double all = measure (by_all, function, NULL);
      printf (", in all %5.2f (%.2f times)\n", all, all / library);
    }
  return 0;
}
