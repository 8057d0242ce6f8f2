/* Chooses the scan kernel for the machine the program runs on. */
#include "scan.h"

#include <pthread.h>

static const PlScanKernel *kernels[5];

static void
find_kernels (void)
{
  guint n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init ();
  gboolean avx2 = __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi") && __builtin_cpu_supports ("bmi2")
                  && __builtin_cpu_supports ("popcnt") && __builtin_cpu_supports ("pclmul");
  if (avx2 && __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw"))
    kernels[n++] = &pl_scan_avx512;
  /* Their pdep takes some 18 cycles and more. */
  gboolean slow_deposit = __builtin_cpu_is ("amdfam15h") || __builtin_cpu_is ("amdfam17h");
  if (avx2 && !slow_deposit)
    kernels[n++] = &pl_scan_avx2;
  if (avx2)
    kernels[n++] = &pl_scan_avx2_plain;
#elif defined(__aarch64__)
  kernels[n++] = &pl_scan_neon;
#endif
  kernels[n] = &pl_scan_portable;
}

const PlScanKernel *const *
pl_scan_kernels (void)
{
  /* Not g_once: ThreadSanitizer knows this one. */
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once (&once, find_kernels);
  return kernels;
}

const PlScanKernel *
pl_scan_kernel (void)
{
  return pl_scan_kernels ()[0];
}
