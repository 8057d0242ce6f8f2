/* The loops first, and then one by one what they have left open: about one number in 65,000. */
#include "rounded.h"
#include "hard.h"

/* Numbers at a time, so that what is looked at twice stays in the cache. */
#define AT_A_TIME 256

void
pl_rounded_map (PlRoundedFunction function, const double *x, double *out, gsize n)
{
  const PlRoundedLoops *loops = pl_rounded_loops (0);
  guint64 unsure[AT_A_TIME];
  for (gsize start = 0; start < n; start += AT_A_TIME)
    {
      gsize count = MIN (n - start, AT_A_TIME);
      if (loops->map[function](x + start, out + start, unsure, count) == 0)
        continue;
      for (gsize i = 0; i < count; i++)
        if (unsure[i] != 0)
          out[start + i] = pl_hard_value (function, x[start + i]);
      pl_hard_leave ();
    }
}

static void
map_two (PlRoundedMapTwo loop, double (*hard) (double, double), const double *x, const double *y, double *out, gsize n)
{
  guint64 unsure[AT_A_TIME];
  if (loop (x, y, out, unsure, n) == 0)
    return;
  for (gsize i = 0; i < n; i++)
    if (unsure[i] != 0)
      out[i] = hard (x[i], y[i]);
  pl_hard_leave ();
}

static void
fill (double *numbers, double number)
{
  for (gsize i = 0; i < AT_A_TIME; i++)
    numbers[i] = number;
}

void
pl_rounded_power (const double *x, gboolean one_x, const double *y, gboolean one_y, double *out, gsize n)
{
  PlRoundedMapTwo loop = pl_rounded_loops (0)->power;
  double xs[AT_A_TIME], ys[AT_A_TIME];
  if (one_x && n > 0)
    fill (xs, x[0]);
  if (one_y && n > 0)
    fill (ys, y[0]);
  for (gsize start = 0; start < n; start += AT_A_TIME)
    map_two (loop, pl_hard_power, one_x ? xs : x + start, one_y ? ys : y + start, out + start,
             MIN (n - start, AT_A_TIME));
}

void
pl_rounded_logarithm (const double *x, const double *base, double *out, gsize n)
{
  PlRoundedMapTwo loop = pl_rounded_loops (0)->logarithm;
  for (gsize start = 0; start < n; start += AT_A_TIME)
    map_two (loop, pl_hard_logarithm, x + start, base + start, out + start, MIN (n - start, AT_A_TIME));
}
