/* Chooses the scan kernel for the machine the program runs on. */
#include "scan.h"

const PlScanKernel *const *
pl_scan_kernels (void)
{
  static const PlScanKernel *kernels[4];
  static gsize ready;
  if (g_once_init_enter (&ready))
    {
      guint n = 0;
#if defined(__x86_64__)
      __builtin_cpu_init ();
      gboolean avx2 = __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("bmi")
                      && __builtin_cpu_supports ("bmi2") && __builtin_cpu_supports ("popcnt")
                      && __builtin_cpu_supports ("pclmul");
      if (avx2 && __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw"))
        kernels[n++] = &pl_scan_avx512;
      if (avx2)
        kernels[n++] = &pl_scan_avx2;
#elif defined(__aarch64__)
      kernels[n++] = &pl_scan_neon;
#endif
      kernels[n] = &pl_scan_portable;
      g_once_init_leave (&ready, 1);
    }
  return kernels;
}

const PlScanKernel *
pl_scan_kernel (void)
{
  return pl_scan_kernels ()[0];
}
