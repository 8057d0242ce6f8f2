/* The time that measurements are taken by. */
#pragma once
#include <glib.h>
#include <time.h>

G_BEGIN_DECLS

/** pl_clock_now: Returns: nanoseconds since some moment, which is the same in all processes of the machine. */
static inline gint64
pl_clock_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

G_END_DECLS
