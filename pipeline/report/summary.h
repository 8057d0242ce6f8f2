/* The report of a run, for programs: `--report FILE`. */
#pragma once
#include "../engine/run.h"

G_BEGIN_DECLS

typedef struct
{
  const char *job, *path; /* the job's name (nullable) and file */
  gint64 started;         /* seconds of 1970 */
  gint64 microseconds;    /* of the whole command */
  int exit_code;
  const char *error;           /* (nullable): the first message of an error */
  const PlRunSummary *summary; /* (nullable): NULL when nothing was run */
} PlReport;

/** pl_report_json: Returns: (transfer full): one JSON object, keys in a fixed order, ended by a newline. */
char *pl_report_json (const PlReport *report);

G_END_DECLS
