/* The exit code of every error code, and the serial PlParallel. */
#include <gtest/gtest.h>

#include <glib.h>
#include <vector>

#include "../../../pipeline/base/error.h"
#include "../../../pipeline/base/parallel.h"

static int
exit_code (GQuark domain, int code)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "x");
  return pl_error_exit_code (error);
}

TEST (Error, JobErrorsAre78AndUsageIs64)
{
  EXPECT_EQ (exit_code (PL_JOB_ERROR, PL_JOB_ERROR_USAGE), 64);
  for (int code = PL_JOB_ERROR_SYNTAX; code <= PL_JOB_ERROR_GRAPH; code++)
    EXPECT_EQ (exit_code (PL_JOB_ERROR, code), 78);
}

TEST (Error, DataErrorsAre65)
{
  for (int code = PL_DATA_ERROR_BAD_ROW; code <= PL_DATA_ERROR_CONTRADICTION; code++)
    EXPECT_EQ (exit_code (PL_DATA_ERROR, code), 65);
}

TEST (Error, IoErrorsSayWhatFailed)
{
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND), 66);
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_OPEN), 66);
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_READ), 74);
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_CREATE), 73);
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_WRITE), 74);
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_CLOSED_PIPE), 0);
  EXPECT_EQ (exit_code (PL_IO_ERROR, PL_IO_ERROR_BUSY), 75);
}

TEST (Error, TheRestIsInternal)
{
  EXPECT_EQ (exit_code (PL_WORKER_ERROR, PL_WORKER_ERROR_DIED), 70);
  EXPECT_EQ (exit_code (PL_WORKER_ERROR, PL_WORKER_ERROR_INTERNAL), 70);
  EXPECT_EQ (exit_code (G_FILE_ERROR, G_FILE_ERROR_FAILED), 70);
  EXPECT_EQ (pl_error_exit_code (nullptr), 0);
}

TEST (Parallel, SerialRunsEveryTaskInOrder)
{
  PlParallel *parallel = pl_parallel_serial ();
  std::vector<guint> seen;
  parallel->run (
      parallel, 5, [] (guint index, gpointer data) { static_cast<std::vector<guint> *> (data)->push_back (index); },
      &seen);
  EXPECT_EQ (seen, (std::vector<guint>{0, 1, 2, 3, 4}));
  EXPECT_EQ (parallel->n_workers, 1u);
}
