/* Appending: locks, targets that are damaged, and what other runs and programs do to a target meanwhile. */
#include "support.h"
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

extern "C"
{
#include "../../../pipeline/base/notice.h"
#include "../../../pipeline/io/append.h"
#include "../../../pipeline/io/publish.h"
#include "../../../pipeline/base/error.h"
}

static std::string noticed;

class Append : public InFolder
{
protected:
  void
  SetUp () override
  {
    InFolder::SetUp ();
    noticed = "";
    pl_notice_handle ([] (const char *text) { noticed += std::string (text) + "\n"; });
  }
  void
  TearDown () override
  {
    pl_notice_handle (nullptr);
    InFolder::TearDown ();
  }
  /* A set that appends @text to each of @paths, until it is published or freed. */
  struct Run
  {
    PlOutputSet *set = pl_output_set_new ();
    std::vector<PlOutput *> outputs;
    std::string failure;
    explicit Run (std::initializer_list<const char *> paths, bool waits = false, const gint *cancelled = nullptr)
    {
      g_autoptr (GError) error = nullptr;
      pl_output_set_heed (set, waits, cancelled);
      for (const char *path : paths)
        outputs.push_back (pl_output_set_add (set, path, PL_OUTPUT_APPEND, PL_COMPRESSION_AUTO, nullptr));
      if (!pl_output_set_begin (set, &error))
        failure = std::to_string (error->code) + ":" + error->message;
    }
    ~Run ()
    {
      pl_output_set_free (set);
    }
    std::string
    publish (const std::string &text)
    {
      g_autoptr (GError) error = nullptr;
      for (PlOutput *output : outputs)
        pl_output_write (output, text.data (), text.size (), nullptr);
      return pl_output_set_publish (set, &error) ? "" : std::to_string (error->code) + ":" + error->message;
    }
  };
  static std::string
  busy (const char *path)
  {
    return std::to_string (PL_IO_ERROR_BUSY) + ":another run is appending to " + path
           + "; run again when it is over, or set lock = wait";
  }
};

TEST_F (Append, ASecondRunIsToldThatThereIsAFirst)
{
  put ("out.csv", "a\n");
  Run first ({"out.csv"});
  EXPECT_EQ (Run ({"out.csv"}).failure, busy ("out.csv"));
  EXPECT_EQ (first.publish ("1\n"), "");
  Run third ({"out.csv"});
  EXPECT_EQ (third.failure, "");
  EXPECT_EQ (third.publish ("3\n"), "");
  EXPECT_EQ (get ("out.csv"), "a\n1\n3\n");
  EXPECT_EQ (listing (), "out.csv ");
}

TEST_F (Append, ASecondRunWaitsAndReadsWhatTheFirstWrote)
{
  put ("out.csv", "a\n");
  Run first ({"out.csv"});
  std::string result;
  std::thread other ([&] { result = Run ({"out.csv"}, true).publish ("2\n"); });
  g_usleep (50000);
  EXPECT_EQ (first.publish ("1\n"), "");
  pl_output_set_free (first.set);
  first.set = nullptr;
  other.join ();
  EXPECT_EQ (result, "");
  EXPECT_EQ (get ("out.csv"), "a\n1\n2\n");
}

TEST_F (Append, WhoCreatesTheFileIsWaitedForToo)
{
  Run first ({"new.csv", "other.csv"});
  EXPECT_EQ (first.failure, "");
  std::string result;
  std::thread other ([&] { result = Run ({"new.csv"}, true).publish ("2\n"); });
  g_usleep (50000);
  EXPECT_EQ (first.publish ("1\n"), "");
  pl_output_set_free (first.set);
  first.set = nullptr;
  other.join ();
  EXPECT_EQ (result, "");
  EXPECT_EQ (get ("new.csv"), "1\n2\n");
  EXPECT_EQ (get ("other.csv"), "1\n");
}

TEST_F (Append, WhoDoesNotWaitNeverReplacesAFileThatWasNotThere)
{
  Run first ({"new.csv"}), second ({"new.csv"});
  EXPECT_EQ (first.publish ("1\n"), "");
  EXPECT_EQ (second.publish ("2\n"), std::to_string (PL_IO_ERROR_BUSY)
                                         + ":new.csv was changed by someone else during the run, and appending would "
                                           "undo that; run again");
  EXPECT_EQ (get ("new.csv"), "1\n");
}

TEST_F (Append, ARunThatCannotHaveAllKeepsNone)
{
  put ("a.csv", "a\n");
  put ("b.csv", "b\n");
  Run first ({"b.csv"});
  Run second ({"a.csv", "b.csv"});
  EXPECT_EQ (second.failure, busy ("b.csv"));
  /* The second one is still there, and has given back the lock of the other file. */
  EXPECT_EQ (Run ({"a.csv"}).failure, "");
}

TEST_F (Append, WaitingIsToldOfAfterTwoSecondsAndEndsWithTheRun)
{
  put ("out.csv", "a\n");
  Run first ({"out.csv"});
  gint cancelled = 0;
  std::thread stop ([&] {
    g_usleep (2300000);
    g_atomic_int_set (&cancelled, 1);
  });
  Run second ({"out.csv"}, true, &cancelled);
  stop.join ();
  EXPECT_EQ (second.failure, std::to_string (PL_WORKER_ERROR_CANCELLED) + ":cancelled");
  EXPECT_EQ (noticed, "waiting for another run, which appends to out.csv\n");
}

/* What somebody puts there in the moment before the exchange comes back. */
TEST_F (Append, RowsThatComeAfterTheCheckAreNotLost)
{
  put ("out.csv", "a\n");
  Run run ({"out.csv"});
  /* Another program adds to the file, whose time of change is made as it was: only its size tells. */
  struct stat before;
  ASSERT_EQ (stat ("out.csv", &before), 0);
  FILE *file = fopen ("out.csv", "a");
  fputs ("theirs\n", file);
  fclose (file);
  struct timespec times[] = {before.st_atim, before.st_mtim};
  utimensat (AT_FDCWD, "out.csv", times, 0);
  EXPECT_NE (run.publish ("mine\n"), "");
  EXPECT_EQ (get ("out.csv"), "a\ntheirs\n");
}

static std::string
refused (const char *name)
{
  return std::to_string (PL_IO_ERROR_CREATE) + ":cannot append to " + name
         + ", because nobody could read what comes behind the damage: " + name + ": ";
}

TEST_F (Append, DamagedMembersAndFramesAreRefused)
{
  struct
  {
    const char *name;
    std::string whole;
  } files[] = {{"a.csv.gz", gzip ("a\n1\n") + gzip ("2\n")}, {"a.csv.zst", zstd ("a\n1\n") + zstd ("2\n")}};
  for (auto &file : files)
    for (gsize cut = 1; cut <= 6; cut++)
      {
        std::string rest = file.whole.substr (0, file.whole.size () - cut);
        put (file.name, rest);
        std::string failure = Run ({file.name}).failure;
        EXPECT_EQ (failure.substr (0, refused (file.name).size ()), refused (file.name)) << cut;
        EXPECT_NE (failure.find ("; mend it, or move it away"), std::string::npos);
        EXPECT_EQ (get (file.name), rest);
      }
  EXPECT_EQ (listing (), "a.csv.gz a.csv.zst ");
}

TEST_F (Append, CompressedTextThatDoesNotEndItsLastLineGetsALineEnd)
{
  put ("a.csv.gz", gzip ("a\n1"));
  put ("a.csv.zst", zstd ("a\n1"));
  for (const char *name : {"a.csv.gz", "a.csv.zst"})
    EXPECT_EQ (Run ({name}).publish ("2\n"), "");
  EXPECT_EQ (slurp ("a.csv.gz") + slurp ("a.csv.zst"), "a\n1\n2\na\n1\n2\n");
}
