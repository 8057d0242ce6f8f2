// Files in all folders of temp-directory.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

extern "C"
{
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/io/temporary.h"
#include "../../../pipeline/spill/files.h"
#include <glib/gstdio.h>
}

namespace
{

class SpillFiles : public ::testing::Test
{
protected:
  void
  SetUp () override
  {
    for (std::string &folder : folders)
      {
        g_autofree char *path = g_dir_make_tmp ("pipeline-files-XXXXXX", nullptr);
        folder = path;
      }
    const char *const list[] = {folders[0].c_str (), folders[1].c_str (), nullptr};
    pl_temporary_use (list);
    handler = signal (SIGXFSZ, SIG_IGN);
    ASSERT_EQ (getrlimit (RLIMIT_FSIZE, &before), 0);
  }
  void
  TearDown () override
  {
    setrlimit (RLIMIT_FSIZE, &before);
    signal (SIGXFSZ, handler);
    pl_temporary_use (nullptr);
    for (const std::string &folder : folders)
      EXPECT_EQ (g_rmdir (folder.c_str ()), 0);
  }
  void
  set_most (rlim_t bytes)
  {
    struct rlimit little = before;
    little.rlim_cur = bytes;
    ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &little), 0);
  }
  std::string folders[2];
  struct rlimit before;
  void (*handler) (int);
};

TEST_F (SpillFiles, SectionsGoRoundAndComeBack)
{
  PlSpillFiles *files = pl_spill_files_new ();
  std::vector<PlSpillPlace> places (7);
  guint in_first = 0;
  for (guint i = 0; i < places.size (); i++)
    {
      const std::string text (i * 1000, static_cast<char> ('a' + i));
      ASSERT_TRUE (
          pl_spill_files_write (files, text.data (), static_cast<guint32> (text.size ()), &places[i], nullptr));
      in_first += places[i].file == 0;
    }
  EXPECT_EQ (in_first, 4u);
  for (guint i = 0; i < places.size (); i++)
    {
      std::string text (i * 1000, ' ');
      pl_spill_files_expect (files, &places[i]);
      ASSERT_TRUE (pl_spill_files_read (files, &places[i], &text[0], nullptr));
      EXPECT_EQ (text, std::string (i * 1000, static_cast<char> ('a' + i)));
    }
  pl_spill_files_free (files);
}

// Every other section is large, so one of the files is full long before the other one.
TEST_F (SpillFiles, WhereOneIsFullTheOtherGoesOn)
{
  PlSpillFiles *files = pl_spill_files_new ();
  const std::string large (10000, 'x'), small (100, 'y');
  PlSpillPlace place;
  GError *error = nullptr;
  gsize bytes = 0;
  set_most (20000);
  for (guint i = 0;; i++)
    {
      const std::string &text = i % 2 == 0 ? large : small;
      if (!pl_spill_files_write (files, text.data (), static_cast<guint32> (text.size ()), &place, &error))
        break;
      bytes += text.size ();
    }
  EXPECT_GT (bytes, 30000u);
  ASSERT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_WRITE));
  for (const std::string &folder : folders)
    EXPECT_NE (strstr (error->message, folder.c_str ()), nullptr) << error->message;
  g_error_free (error);
  pl_spill_files_free (files);
}

TEST_F (SpillFiles, AFileThatCannotBeMadeIsTold)
{
  const char *const none[] = {"none", nullptr};
  GError *error = nullptr;
  PlSpillPlace place;
  pl_temporary_use (none);
  PlSpillFiles *files = pl_spill_files_new ();
  EXPECT_FALSE (pl_spill_files_write (files, "x", 1, &place, &error));
  EXPECT_STREQ (error->message, "cannot create a temporary file in none: No such file or directory; set TMPDIR or "
                                "temp-directory to another folder");
  g_error_free (error);
  pl_spill_files_free (files);
}

} // namespace
