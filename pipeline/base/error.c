/* The error domains' quarks and the exit code each error means (sysexits.h where a number has a name). */
#include "error.h"

#include <sysexits.h>

/* G_DEFINE_QUARK writes its static unguarded from any thread; this does not. */
#define DEFINE_QUARK(text, function)                                                                                   \
  GQuark function##_quark (void)                                                                                       \
  {                                                                                                                    \
    static GQuark quark;                                                                                               \
    GQuark known = __atomic_load_n (&quark, __ATOMIC_RELAXED);                                                         \
    if (known == 0)                                                                                                    \
      {                                                                                                                \
        known = g_quark_from_static_string (text);                                                                     \
        __atomic_store_n (&quark, known, __ATOMIC_RELAXED);                                                            \
      }                                                                                                                \
    return known;                                                                                                      \
  }

DEFINE_QUARK ("pl-job-error-quark", pl_job_error)
DEFINE_QUARK ("pl-data-error-quark", pl_data_error)
DEFINE_QUARK ("pl-io-error-quark", pl_io_error)
DEFINE_QUARK ("pl-worker-error-quark", pl_worker_error)

static int
io_exit_code (int code)
{
  switch ((PlIoErrorCode) code)
    {
    case PL_IO_ERROR_NOT_FOUND:
    case PL_IO_ERROR_OPEN:
      return EX_NOINPUT;
    case PL_IO_ERROR_CREATE:
      return EX_CANTCREAT;
    case PL_IO_ERROR_READ:
    case PL_IO_ERROR_WRITE:
      return EX_IOERR;
    case PL_IO_ERROR_CLOSED_PIPE:
      return EX_OK;
    case PL_IO_ERROR_BUSY:
      return EX_TEMPFAIL;
    }
  return EX_SOFTWARE;
}

int
pl_error_exit_code (const GError *error)
{
  if (error == NULL)
    return EX_OK;
  if (error->domain == PL_JOB_ERROR)
    return error->code == PL_JOB_ERROR_USAGE ? EX_USAGE : EX_CONFIG;
  if (error->domain == PL_DATA_ERROR)
    return EX_DATAERR;
  if (error->domain == PL_IO_ERROR)
    return io_exit_code (error->code);
  if (g_error_matches (error, PL_WORKER_ERROR, PL_WORKER_ERROR_NO_MEMORY))
    return EX_TEMPFAIL;
  return EX_SOFTWARE;
}
