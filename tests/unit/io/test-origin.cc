/* One state of a file: what is told of every way in which it can be another one by the time it has been read. */
#include "support.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <thread>

extern "C"
{
#include "../../../pipeline/io/origin.h"
#include "../../../pipeline/io/origin-state.h"
#include "../../../pipeline/io/spool.h"
#include "../../../pipeline/base/error.h"
}

namespace
{

class Origin : public InFolder
{
protected:
  PlOrigin *origin = nullptr;
  void
  TearDown () override
  {
    pl_origin_unref (origin);
    InFolder::TearDown ();
  }
  void
  look (const std::string &bytes)
  {
    put ("a.csv", bytes);
    origin = pl_origin_open ("a.csv", nullptr);
    ASSERT_NE (origin, nullptr);
  }
  /* What the check finds: "same", "grew", "unproven", or the message. */
  std::string
  check (gboolean is_text = TRUE)
  {
    g_autoptr (GError) error = nullptr;
    switch (pl_origin_check (origin, "A", is_text, &error))
      {
      case PL_ORIGIN_SAME:
        return "same";
      case PL_ORIGIN_GREW:
        return "grew";
      case PL_ORIGIN_UNPROVEN:
        return "unproven";
      default:
        EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_BUSY));
        return error->message;
      }
  }
  /* Writes over what is there, without another file or another size. */
  static void
  overwrite (off_t offset, const std::string &bytes)
  {
    int fd = open ("a.csv", O_WRONLY);
    ASSERT_EQ (pwrite (fd, bytes.data (), bytes.size (), offset), static_cast<gssize> (bytes.size ()));
    close (fd);
  }
  static void
  append (const std::string &bytes)
  {
    int fd = open ("a.csv", O_WRONLY | O_APPEND);
    ASSERT_EQ (write (fd, bytes.data (), bytes.size ()), static_cast<gssize> (bytes.size ()));
    close (fd);
  }
  std::string
  read_all () const
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PlInput) input = pl_input_open (origin, "A", PL_COMPRESSION_AUTO, nullptr, &error);
    std::string all = input != nullptr ? drain (input, 100, &error) : "";
    return error != nullptr ? all + "|" + error->message : all;
  }
};

const std::string anew = "; run again";

TEST_F (Origin, SameFile)
{
  look ("a\n1\n");
  EXPECT_EQ (check (), "same");
  EXPECT_EQ (read_all (), "a\n1\n");
  EXPECT_EQ (check (), "same");
}

TEST_F (Origin, ReplacedByRename)
{
  look ("a,b\n1,2\n");
  put ("b.csv", "b,a\n70,8\n");
  ASSERT_EQ (rename ("b.csv", "a.csv"), 0);
  g_autoptr (PlOrigin) other = pl_origin_open ("a.csv", nullptr);
  EXPECT_EQ (other, origin) << "who opens it later must see the same state";
  EXPECT_EQ (read_all (), "a,b\n1,2\n");
  EXPECT_EQ (check (), "A changed while it was read: another file has taken its place" + anew);
}

TEST_F (Origin, Removed)
{
  look ("a\n1\n");
  unlink ("a.csv");
  EXPECT_EQ (read_all (), "a\n1\n");
  EXPECT_EQ (check (), "A changed while it was read: it is not there any more" + anew);
}

TEST_F (Origin, Shrunk)
{
  look ("a\n1\n2\n");
  ASSERT_EQ (truncate ("a.csv", 4), 0);
  EXPECT_EQ (read_all (), "a\n1\n|A changed while it was read: it had 6 bytes, now it has 4" + anew);
  EXPECT_EQ (check (), "A changed while it was read: it had 6 bytes, now it has 4" + anew);
}

TEST_F (Origin, RewrittenInPlaceWithinTheSameTick)
{
  for (guint i = 0; i < 300; i++)
    {
      look ("a\n1\n");
      overwrite (2, "2");
      ASSERT_EQ (check (), "A changed while it was read" + anew) << "round " << i;
      pl_origin_unref (origin);
      origin = nullptr;
    }
}

/* Too many for the first bytes, of which there is a digest anyway. */
static std::string
many_rows ()
{
  std::string rows = "a\n";
  for (guint i = 0; i < 500000; i++)
    rows += "1\n";
  return rows;
}

TEST_F (Origin, SmallFilesThatGrow)
{
  look ("a\n1\n");
  append ("2\n");
  EXPECT_EQ (read_all (), "a\n1\n") << "nothing behind the size at the first look";
  EXPECT_EQ (check (), "grew");
}

TEST_F (Origin, GrownFilesAreReadAnewToTell)
{
  std::string rows = many_rows ();
  look (rows);
  EXPECT_TRUE (pl_origin_cover (origin, "A", rows.size (), nullptr));
  append ("2\n");
  EXPECT_TRUE (read_all () == rows);
  EXPECT_EQ (check (), "unproven");
  EXPECT_TRUE (pl_origin_cover (origin, "A", rows.size (), nullptr));
  append ("3\n");
  EXPECT_TRUE (read_all () == rows);
  EXPECT_EQ (check (), "grew");
}

TEST_F (Origin, GrownAndRewritten)
{
  std::string rows = many_rows ();
  look (rows);
  append ("1\n");
  EXPECT_EQ (check (), "unproven");
  EXPECT_TRUE (pl_origin_cover (origin, "A", 900000, nullptr));
  overwrite (899998, "2");
  append ("1\n");
  EXPECT_EQ (check (), "A changed while it was read" + anew);
}

TEST_F (Origin, OnlyWhatWasReadCounts)
{
  std::string rows = many_rows ();
  look (rows);
  append ("1\n");
  EXPECT_EQ (check (), "unproven");
  EXPECT_TRUE (pl_origin_cover (origin, "A", 500000, nullptr));
  overwrite (600000, "2");
  append ("1\n");
  EXPECT_EQ (check (), "grew");
}

TEST_F (Origin, GrownBehindAnotherHeader)
{
  look (many_rows ());
  {
    g_autoptr (PlInput) input = pl_input_open (origin, "A", PL_COMPRESSION_AUTO, nullptr, nullptr);
    EXPECT_TRUE (pl_input_skip (input, 100, nullptr));
  }
  overwrite (0, "b");
  append ("2\n");
  EXPECT_EQ (check (), "A changed while it was read" + anew);
}

TEST_F (Origin, HeaderChangedBeforeTheSecondReading)
{
  look (many_rows ());
  {
    g_autoptr (PlInput) input = pl_input_open (origin, "A", PL_COMPRESSION_AUTO, nullptr, nullptr);
    EXPECT_TRUE (pl_input_skip (input, 100, nullptr));
  }
  append ("2\n");
  EXPECT_EQ (check (), "unproven");
  overwrite (0, "b");
  EXPECT_TRUE (pl_origin_cover (origin, "A", 900000, nullptr));
  EXPECT_EQ (check (), "A changed while it was read" + anew);
}

TEST_F (Origin, GrownFromWithinARow)
{
  look ("a\n1\n12");
  append ("34\n");
  EXPECT_EQ (check (), "A changed while it was read: it grew, and its last row was not whole yet" + anew);
  EXPECT_EQ (check (FALSE), "unproven") << "compressed bytes have no line ends";
}

TEST_F (Origin, GrownInAWideEncoding)
{
  look (std::string ("a\0\n\0001\0\n\0", 8));
  append (std::string ("2\0\n\0", 4));
  EXPECT_EQ (check (), "unproven");
}

TEST_F (Origin, WithAWriterTheBytesTell)
{
  put ("a.csv", "a\n1\n");
  int writer = open ("a.csv", O_WRONLY);
  origin = pl_origin_open ("a.csv", nullptr);
  EXPECT_TRUE (pl_origin_cover (origin, "A", 4, nullptr));
  EXPECT_EQ (check (), "same");
  /* As a write would do that had begun before the first look, or through a mapping: no new time. */
  struct stat info;
  ASSERT_EQ (fstat (writer, &info), 0);
  ASSERT_EQ (pwrite (writer, "2", 1, 2), 1);
  struct timespec times[] = {info.st_atim, info.st_mtim};
  ASSERT_EQ (futimens (writer, times), 0);
  EXPECT_EQ (check (), "A changed while it was read" + anew);
  close (writer);
}

TEST_F (Origin, WithAWriterGrowthIsToldAtOnce)
{
  put ("a.csv", "a\n1\n");
  int writer = open ("a.csv", O_WRONLY | O_APPEND);
  origin = pl_origin_open ("a.csv", nullptr);
  EXPECT_TRUE (pl_origin_cover (origin, "A", 2, nullptr));
  ASSERT_EQ (write (writer, "2\n", 2), 2);
  EXPECT_EQ (check (), "grew");
  close (writer);
}

TEST_F (Origin, AnotherProcessComparesWhatItOpens)
{
  look ("a\n1\n");
  g_autoptr (PlOrigin) loaded = pl_origin_load ("a.csv", pl_origin_state (origin));
  g_autoptr (GError) error = nullptr;
  int fd = pl_origin_borrow (loaded, "A", &error);
  ASSERT_GE (fd, 0);
  pl_origin_give_back (loaded, fd);
  append ("2\n");
  fd = pl_origin_borrow (loaded, "A", &error);
  ASSERT_GE (fd, 0) << "more is no other state";
  pl_origin_give_back (loaded, fd);
  unlink ("a.csv");
  ASSERT_EQ (mkfifo ("a.csv", 0600), 0);
  EXPECT_EQ (pl_origin_borrow (loaded, "A", &error), -1) << "and it does not wait for a pipe";
  EXPECT_EQ (std::string (error->message), "A changed while it was read: another file has taken its place" + anew);
}

TEST_F (Origin, FilesThatHaveContentButNoSize)
{
  for (const char *path : {"/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled"})
    {
      std::string expected = get (path);
      if (expected == "(no such file)")
        continue;
      EXPECT_EQ (slurp (path), expected);
      EXPECT_EQ (slurp (path), expected);
      pl_input_release_spools ();
    }
  look ("");
  EXPECT_EQ (read_all (), "");
  EXPECT_EQ (check (), "same") << "an empty file is one";
}

TEST_F (Origin, AtMostSoManyDescriptorsAreKept)
{
  struct rlimit before, low;
  ASSERT_EQ (getrlimit (RLIMIT_NOFILE, &before), 0);
  int highest = open ("/dev/null", O_RDONLY);
  close (highest);
  low = {static_cast<rlim_t> (highest + 100), before.rlim_max};
  GPtrArray *all = g_ptr_array_new_with_free_func ([] (gpointer o) { pl_origin_unref (static_cast<PlOrigin *> (o)); });
  ASSERT_EQ (setrlimit (RLIMIT_NOFILE, &low), 0);
  for (guint i = 0; i < 400; i++)
    {
      g_autoptr (GError) error = nullptr;
      std::string name = "f" + std::to_string (i);
      put (name.c_str (), "a\n" + name + "\n");
      PlOrigin *one = pl_origin_open (name.c_str (), &error);
      ASSERT_NE (one, nullptr) << i << ": " << error->message;
      g_ptr_array_add (all, one);
    }
  for (guint i = 0; i < 400; i += 50)
    {
      char bytes[16] = "";
      auto *one = static_cast<PlOrigin *> (g_ptr_array_index (all, i));
      int fd = pl_origin_borrow (one, "A", nullptr);
      EXPECT_GT (pread (fd, bytes, sizeof bytes - 1, 0), 0);
      EXPECT_EQ (std::string (bytes), "a\nf" + std::to_string (i) + "\n");
      pl_origin_give_back (one, fd);
    }
  g_ptr_array_unref (all);
  ASSERT_EQ (setrlimit (RLIMIT_NOFILE, &before), 0);
}

} // namespace
