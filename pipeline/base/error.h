/* Error domains and codes, sorted by who must act, and the exit code each one means.
 *
 * Every function that can fail takes a GError ** last. Messages are complete sentences without a final
 * full stop and name file, line, column and value where there is one; callers never have to add context
 * that the callee knew. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** The job file (or the command line standing in for it) must be changed. Exit code 78, or 64 for
 * %PL_JOB_ERROR_USAGE. */
#define PL_JOB_ERROR (pl_job_error_quark ())
/** The data, or what the job claims about it, must be changed. Exit code 65. */
#define PL_DATA_ERROR (pl_data_error_quark ())
/** A file, a disk or a permission must be changed. Exit codes 66, 73, 74, 75. */
#define PL_IO_ERROR (pl_io_error_quark ())
/** A worker failed, or we did. Exit code 70; 75 for %PL_WORKER_ERROR_NO_MEMORY. */
#define PL_WORKER_ERROR (pl_worker_error_quark ())

typedef enum
{
  PL_JOB_ERROR_USAGE,        /* the command line is wrong: 64 */
  PL_JOB_ERROR_SYNTAX,       /* the job file is not INI, or repeats a group or key */
  PL_JOB_ERROR_UNKNOWN_NAME, /* no such group kind, key, column, function, stage */
  PL_JOB_ERROR_BAD_VALUE,    /* a key's value cannot be read */
  PL_JOB_ERROR_EXPRESSION,   /* an expression does not parse */
  PL_JOB_ERROR_TYPE,         /* an expression does not type-check */
  PL_JOB_ERROR_GRAPH,        /* a cycle, a missing input, no source */
} PlJobErrorCode;

typedef enum
{
  PL_DATA_ERROR_BAD_ROW,       /* ragged, malformed quotes, NUL, invalid UTF-8, oversized */
  PL_DATA_ERROR_BAD_VALUE,     /* a value does not fit its pinned type, or a cast failed */
  PL_DATA_ERROR_OVERFLOW,      /* integer or decimal arithmetic left its range */
  PL_DATA_ERROR_HEADER,        /* headers missing, or different between the files of a source */
  PL_DATA_ERROR_CORRUPT,       /* truncated or damaged compressed input */
  PL_DATA_ERROR_THRESHOLD,     /* max-bad-rows passed */
  PL_DATA_ERROR_CONTRADICTION, /* an inferred type was contradicted: the engine widens it and runs again; never shown */
} PlDataErrorCode;

typedef enum
{
  PL_IO_ERROR_NOT_FOUND,   /* 66 */
  PL_IO_ERROR_OPEN,        /* 66: exists, cannot be opened for reading */
  PL_IO_ERROR_READ,        /* 74 */
  PL_IO_ERROR_CREATE,      /* 73 */
  PL_IO_ERROR_WRITE,       /* 74 */
  PL_IO_ERROR_CLOSED_PIPE, /* stdout was closed: a quiet stop, 0 */
  PL_IO_ERROR_BUSY,        /* 75 */
} PlIoErrorCode;

typedef enum
{
  PL_WORKER_ERROR_DIED,      /* a worker process ended before its work did */
  PL_WORKER_ERROR_NO_MEMORY, /* the same, because there was no memory left: 75 */
  PL_WORKER_ERROR_PROTOCOL,  /* a worker sent what it must not */
  PL_WORKER_ERROR_INTERNAL,  /* an invariant of ours does not hold */
  PL_WORKER_ERROR_CANCELLED, /* the run was stopped from elsewhere; never shown */
} PlWorkerErrorCode;

GQuark pl_job_error_quark (void);
GQuark pl_data_error_quark (void);
GQuark pl_io_error_quark (void);
GQuark pl_worker_error_quark (void);

/** pl_error_exit_code:
 * @error: an error of one of the domains above, or of a GLib domain (which counts as internal)
 *
 * Returns: the process exit code of design: 64, 65, 66, 70, 73, 74, 75 or 78; 0 for a closed pipe.
 */
int pl_error_exit_code (const GError *error);

G_END_DECLS
