/* What a process leaves behind that ends at once. Each test in a process of its own: the notes belong to the whole
 * program. */
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <glib/gstdio.h>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

extern "C"
{
#include "../../../pipeline/base/cleanup.h"
}

/* The exit code of a process that does @body. */
static int
in_process (const std::function<int ()> &body)
{
  pid_t pid = fork ();
  if (pid == 0)
    _exit (body ());
  int status = 0;
  waitpid (pid, &status, 0);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -WTERMSIG (status);
}

class Cleanup : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("pipeline-test-XXXXXX", nullptr);
    folder = made;
    for (const char *name : {"a", "b"})
      ASSERT_TRUE (g_file_set_contents (path (name).c_str (), "", 0, nullptr));
  }
  void
  TearDown () override
  {
    for (const char *name : {"a", "b"})
      g_unlink (path (name).c_str ());
    g_rmdir (folder.c_str ());
  }
  std::string
  path (const char *name) const
  {
    return folder + "/" + name;
  }
  bool
  exists (const char *name) const
  {
    return g_file_test (path (name).c_str (), G_FILE_TEST_EXISTS);
  }
  std::string folder;
};

TEST_F (Cleanup, RemovesWhatIsNotedAndNotForgotten)
{
  EXPECT_EQ (in_process ([this] {
               PlCleanup *a = pl_cleanup_file (AT_FDCWD, path ("a").c_str ());
               pl_cleanup_forget (a);
               pl_cleanup_forget (nullptr);
               pl_cleanup_file (AT_FDCWD, path ("b").c_str ());
               return pl_cleanup_now () ? 7 : 1;
             }),
             7);
  EXPECT_TRUE (exists ("a"));
  EXPECT_FALSE (exists ("b"));
}

TEST_F (Cleanup, FollowsTheNameAFileGotAfterAll)
{
  EXPECT_EQ (in_process ([this] {
               pl_cleanup_spell (pl_cleanup_file (AT_FDCWD, path ("X").c_str ()), path ("a").c_str ());
               return pl_cleanup_now () ? 7 : 1;
             }),
             7);
  EXPECT_FALSE (exists ("a"));
}

TEST_F (Cleanup, RemovesFoldersThatAreEmptyByThen)
{
  for (const char *name : {"made", "made/in", "kept"})
    ASSERT_EQ (g_mkdir (path (name).c_str (), 0777), 0);
  ASSERT_TRUE (g_file_set_contents (path ("kept/file").c_str (), "", 0, nullptr));
  ASSERT_TRUE (g_file_set_contents (path ("made/in/file").c_str (), "", 0, nullptr));
  EXPECT_EQ (in_process ([this] {
               for (const char *name : {"kept", "made/in", "made"})
                 pl_cleanup_folder (AT_FDCWD, path (name).c_str ());
               pl_cleanup_file (AT_FDCWD, path ("made/in/file").c_str ());
               return pl_cleanup_now () ? 7 : 1;
             }),
             7);
  EXPECT_FALSE (exists ("made"));
  EXPECT_TRUE (exists ("kept/file"));
  g_unlink (path ("kept/file").c_str ());
  g_rmdir (path ("kept").c_str ());
}

TEST_F (Cleanup, KillsProcessesAndGroups)
{
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  EXPECT_EQ (in_process ([&ends] {
               close (ends[0]);
               pid_t pid = fork ();
               if (pid == 0)
                 {
                   setpgid (0, 0);
                   if (fork () > 0)
                     pause ();
                   pause ();
                 }
               setpgid (pid, pid);
               close (ends[1]);
               pl_cleanup_process (-pid);
               g_usleep (50000);
               return pl_cleanup_now () ? 7 : 1;
             }),
             7);
  close (ends[1]);
  char byte;
  /* The end of the pipe: nobody holds its other side any more. */
  EXPECT_EQ (read (ends[0], &byte, 1), 0);
  close (ends[0]);
}

static void
end_with_9 (void)
{
  _exit (pl_cleanup_now () ? 9 : 1);
}

TEST_F (Cleanup, WaitsForWhoHolds)
{
  EXPECT_EQ (in_process ([this] {
               pl_cleanup_on_release (end_with_9);
               pl_cleanup_file (AT_FDCWD, path ("a").c_str ());
               pl_cleanup_hold ();
               pl_cleanup_hold ();
               if (pl_cleanup_now () || !exists ("a"))
                 return 2;
               pl_cleanup_release ();
               pl_cleanup_release ();
               return 3;
             }),
             9);
  EXPECT_FALSE (exists ("a"));
}

TEST_F (Cleanup, ReleaseAloneEndsNothing)
{
  EXPECT_EQ (in_process ([] {
               pl_cleanup_on_release (end_with_9);
               pl_cleanup_hold ();
               pl_cleanup_release ();
               return 3;
             }),
             3);
}

TEST_F (Cleanup, NobodyBeginsAnythingOnceItHasBegun)
{
  EXPECT_EQ (in_process ([] {
               signal (SIGALRM, SIG_DFL);
               alarm (1);
               pl_cleanup_now ();
               pl_cleanup_hold ();
               return 3;
             }),
             -SIGALRM);
}
/* A thread that crashes waits for another that is making something which the list does not know yet. */
TEST_F (Cleanup, ACrashWaitsForWhoHolds)
{
  EXPECT_EQ (in_process ([this] {
               std::thread maker ([this] {
                 PlCleanup *note = pl_cleanup_file (AT_FDCWD, path ("X").c_str ());
                 pl_cleanup_hold ();
                 g_usleep (50000);
                 pl_cleanup_spell (note, path ("a").c_str ());
                 pl_cleanup_release ();
                 pause ();
               });
               maker.detach ();
               g_usleep (10000);
               return pl_cleanup_crashed () ? 7 : 1;
             }),
             7);
  EXPECT_FALSE (exists ("a"));
}

/* Who crashes while it holds itself would wait for ever. */
TEST_F (Cleanup, ACrashDoesNotWaitForItself)
{
  EXPECT_EQ (in_process ([this] {
               pl_cleanup_file (AT_FDCWD, path ("a").c_str ());
               pl_cleanup_hold ();
               return pl_cleanup_crashed () ? 1 : 7;
             }),
             7);
  EXPECT_TRUE (exists ("a"));
}

/* Two threads end the process at once: the one that is through first must not do so while the other has a name in its
 * hands. */
TEST_F (Cleanup, OnlyOneEnds)
{
  for (int round = 0; round < 50; round++)
    {
      for (int i = 0; i < 40; i++)
        std::ofstream (path (("n" + std::to_string (i)).c_str ()));
      EXPECT_EQ (in_process ([this] {
                   for (int i = 0; i < 40; i++)
                     pl_cleanup_file (AT_FDCWD, path (("n" + std::to_string (i)).c_str ()).c_str ());
                   for (int i = 0; i < 3; i++)
                     std::thread ([] {
                       pl_cleanup_now ();
                       _exit (7);
                     }).detach ();
                   pl_cleanup_now ();
                   return 7;
                 }),
                 7);
      for (int i = 0; i < 40; i++)
        EXPECT_FALSE (exists (("n" + std::to_string (i)).c_str ())) << round;
    }
}
