/* What a run that was killed leaves, and what the next run makes of it. The killed run is a child process that ends
 * without cleaning up. */
#include "support.h"
#include <csignal>
#include <fcntl.h>
#include <sys/file.h>
#include <functional>
#include <sys/wait.h>

extern "C"
{
#include "../../../pipeline/io/publish-journal.h"
#include "../../../pipeline/io/publish.h"
#include "../../../pipeline/io/recover.h"
}

class Recover : public InFolder
{
protected:
  void
  SetUp () override
  {
    InFolder::SetUp ();
    put ("a.csv", "old a");
    g_mkdir ("sub", 0777);
    put ("sub/b.csv", "old b");
  }
  /* Three outputs, written and finished, in a process that then does @last and is gone. */
  static void
  die_after (const std::function<void (GPtrArray *)> &last)
  {
    pid_t pid = fork ();
    if (pid == 0)
      {
        PlOutputSet *set = pl_output_set_new ();
        for (const char *path : {"a.csv", "sub/b.csv", "sub/c.csv"})
          {
            PlOutput *output = pl_output_set_add (set, path, PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, nullptr);
            pl_output_write (output, "new", 3, nullptr);
            pl_output_flush (output, nullptr);
            output->exists = lstat (output->path, &output->now) == 0;
          }
        last (set->outputs);
        _exit (0);
      }
    waitpid (pid, nullptr, 0);
  }
  static void
  commit (GPtrArray *files)
  {
    PlPublishJournal *journal = pl_publish_journal_prepare (files, nullptr);
    if (journal == nullptr || !pl_publish_journal_commit (journal, nullptr))
      _exit (1);
  }
  static void
  place (GPtrArray *files, guint index)
  {
    auto *output = static_cast<PlOutput *> (g_ptr_array_index (files, index));
    int folder = output->target.folder->fd;
    renameat (folder, output->temporary.name, folder, output->target.name);
  }
  static void
  exchange (GPtrArray *files, guint index)
  {
    auto *output = static_cast<PlOutput *> (g_ptr_array_index (files, index));
    int folder = output->target.folder->fd;
    renameat2 (folder, output->temporary.name, folder, output->target.name, RENAME_EXCHANGE);
  }
  static std::string
  recover (const char *path)
  {
    const char *paths[] = {path, nullptr};
    g_autoptr (GError) error = nullptr;
    return pl_output_recover (paths, &error) ? "" : error->message;
  }
  static std::string
  journal ()
  {
    std::string all = listing ();
    gsize end = all.find (".journal ") + strlen (".journal");
    gsize begin = all.rfind (" ", end - 1);
    begin = begin == std::string::npos ? 0 : begin + 1;
    return all.substr (begin, end - begin);
  }
  void
  expect_all_old ()
  {
    EXPECT_EQ (listing (), "a.csv sub ");
    EXPECT_EQ (listing ("sub"), "b.csv ");
    EXPECT_EQ (get ("a.csv"), "old a");
    EXPECT_EQ (get ("sub/b.csv"), "old b");
  }
  void
  expect_all_new ()
  {
    EXPECT_EQ (listing (), "a.csv sub ");
    EXPECT_EQ (listing ("sub"), "b.csv c.csv ");
    EXPECT_EQ (get ("a.csv") + get ("sub/b.csv") + get ("sub/c.csv"), "newnewnew");
  }
};

TEST_F (Recover, TemporariesOfTheDeadGo)
{
  die_after ([] (GPtrArray *) {});
  EXPECT_NE (listing (), "a.csv sub ");
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (recover ("sub/other.csv"), "");
  expect_all_old ();
}

TEST_F (Recover, TemporariesOfTheLivingStay)
{
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      PlOutputSet *set = pl_output_set_new ();
      pl_output_set_add (set, "a.csv", PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, nullptr);
      if (write (ends[1], "x", 1) == 1)
        pause ();
      _exit (0);
    }
  char byte;
  ASSERT_EQ (read (ends[0], &byte, 1), 1);
  std::string before = listing ();
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (listing (), before);
  EXPECT_NE (before, "a.csv sub ");
  kill (pid, SIGKILL);
  waitpid (pid, nullptr, 0);
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (listing (), "a.csv sub ");
}

TEST_F (Recover, FilesThatOnlyLookAlikeStay)
{
  for (const char *name : {".x.pipeline-12-abcdef.tmp2", ".x.pipeline-ab-abcdef.tmp", "x.pipeline-12-abcdef.tmp",
                           ".x.pipeline-12-abc.tmp", ".pipeline.tmp"})
    put (name, "");
  std::string before = listing ();
  put (".x.pipeline-12-abcdef.tmp", "");
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (listing (), before);
}

TEST_F (Recover, PreparedIsNotPublished)
{
  die_after ([] (GPtrArray *files) { pl_publish_journal_prepare (files, nullptr); });
  EXPECT_EQ (recover ("sub/b.csv"), "");
  EXPECT_EQ (recover ("a.csv"), "");
  expect_all_old ();
}

TEST_F (Recover, CommittedIsFinished)
{
  die_after ([] (GPtrArray *files) { commit (files); });
  EXPECT_EQ (recover ("a.csv"), "");
  expect_all_new ();
}

TEST_F (Recover, CommittedIsFinishedFromAnyFolder)
{
  die_after ([] (GPtrArray *files) {
    commit (files);
    place (files, 0);
  });
  EXPECT_EQ (get ("a.csv"), "new");
  EXPECT_EQ (get ("sub/b.csv"), "old b");
  EXPECT_EQ (recover ("sub/whatever.csv"), "");
  expect_all_new ();
}

TEST_F (Recover, ExchangedIsNotExchangedBack)
{
  die_after ([] (GPtrArray *files) {
    commit (files);
    exchange (files, 0);
    exchange (files, 1);
    place (files, 2);
  });
  EXPECT_EQ (recover ("a.csv"), "");
  expect_all_new ();
}

TEST_F (Recover, WhatSomebodyChangedSinceStays)
{
  die_after ([] (GPtrArray *files) { commit (files); });
  put ("a.csv", "mended by hand");
  put ("sub/c.csv", "made by hand");
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (listing () + listing ("sub"), "a.csv sub b.csv c.csv ");
  EXPECT_EQ (get ("a.csv"), "mended by hand");
  EXPECT_EQ (get ("sub/b.csv"), "new");
  EXPECT_EQ (get ("sub/c.csv"), "made by hand");
}

TEST_F (Recover, PointerThatALivingRunHoldsStays)
{
  die_after ([] (GPtrArray *files) { commit (files); });
  std::string all = listing ("sub"), pointer;
  for (gsize begin = 0, end; (end = all.find (' ', begin)) != std::string::npos; begin = end + 1)
    if (all.substr (begin, end - begin).find (".journal") != std::string::npos)
      pointer = "sub/" + all.substr (begin, end - begin);
  ASSERT_NE (pointer, "");
  int fd = open (pointer.c_str (), O_RDWR | O_CLOEXEC);
  ASSERT_EQ (flock (fd, LOCK_EX), 0);
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (access (pointer.c_str (), F_OK), 0);
  close (fd);
  EXPECT_EQ (recover ("sub/b.csv"), "");
  expect_all_new ();
}

TEST_F (Recover, DamagedJournalIsDropped)
{
  die_after ([] (GPtrArray *files) { commit (files); });
  std::string name = journal ();
  std::string body = get (name.c_str ());
  body[body.size () / 2] ^= 1;
  put (name.c_str (), body);
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (recover ("sub/b.csv"), "");
  expect_all_old ();
}

TEST_F (Recover, JournalOfAnotherUserIsNotHeeded)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "only root can act as another user";
  die_after ([] (GPtrArray *files) { commit (files); });
  std::string name = journal ();
  ASSERT_EQ (chown (name.c_str (), 12345, 12345), 0);
  EXPECT_EQ (recover ("a.csv"), "");
  EXPECT_EQ (get ("a.csv"), "old a");
  EXPECT_EQ (journal (), name);
}

TEST_F (Recover, PublishingSeveralLeavesNothing)
{
  PlOutputSet *set = pl_output_set_new ();
  for (const char *path : {"a.csv", "sub/b.csv", "sub/c.csv", "more/d.csv"})
    pl_output_write (pl_output_set_add (set, path, PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, nullptr), "new", 3, nullptr);
  g_autoptr (GError) error = nullptr;
  EXPECT_TRUE (pl_output_set_publish (set, &error)) << error->message;
  pl_output_set_free (set);
  EXPECT_EQ (listing (), "a.csv more sub ");
  EXPECT_EQ (listing ("sub"), "b.csv c.csv ");
  EXPECT_EQ (listing ("more"), "d.csv ");
  EXPECT_EQ (get ("a.csv") + get ("sub/b.csv") + get ("sub/c.csv") + get ("more/d.csv"), "newnewnewnew");
}
