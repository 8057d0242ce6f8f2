/* Outputs: what appears, when, with which permissions, and what stays when it must not. */
#include "support.h"
#include "../../../pipeline/io/output-private.h"
#include "../../../pipeline/io/temporary.h"
#include "../../../pipeline/io/append.h"
#include "../../../pipeline/io/publish.h"
#include "../../../pipeline/base/error.h"
#include <fcntl.h>
#include <csignal>
#include <sys/resource.h>
#include <thread>

class Output : public InFolder
{
protected:
  void
  SetUp () override
  {
    InFolder::SetUp ();
    set = pl_output_set_new ();
  }
  void
  TearDown () override
  {
    pl_output_set_free (set);
    InFolder::TearDown ();
  }
  PlOutput *
  add (const char *path, PlOutputMode mode = PL_OUTPUT_REPLACE, PlCompression compression = PL_COMPRESSION_NONE)
  {
    return pl_output_set_add (set, path, mode, compression, nullptr);
  }
  static void
  write (PlOutput *output, const std::string &bytes)
  {
    ASSERT_NE (output, nullptr);
    ASSERT_TRUE (pl_output_write (output, bytes.data (), bytes.size (), nullptr));
  }
  PlOutput *
  begin_append (const char *path, PlCompression compression = PL_COMPRESSION_NONE)
  {
    PlOutput *output = add (path, PL_OUTPUT_APPEND, compression);
    return output != nullptr && pl_output_set_begin (set, nullptr) ? output : nullptr;
  }
  /* "" or "code:message". */
  std::string
  publish ()
  {
    g_autoptr (GError) error = nullptr;
    if (pl_output_set_publish (set, &error))
      return "";
    EXPECT_EQ (error->domain, PL_IO_ERROR);
    return std::to_string (error->code) + ":" + error->message;
  }
  std::string
  add_failure (const char *path, PlOutputMode mode = PL_OUTPUT_REPLACE, PlCompression compression = PL_COMPRESSION_NONE)
  {
    g_autoptr (GError) error = nullptr;
    if (pl_output_set_add (set, path, mode, compression, &error) != nullptr && pl_output_set_begin (set, &error))
      return "added";
    EXPECT_EQ (error->domain, PL_IO_ERROR);
    return std::to_string (error->code) + ":" + error->message;
  }
  static std::string
  coded (PlIoErrorCode code, const std::string &message)
  {
    return std::to_string (code) + ":" + message;
  }
  static mode_t
  mode_of (const char *path)
  {
    struct stat info;
    return stat (path, &info) == 0 ? info.st_mode & 07777 : 0;
  }
  PlOutputSet *set;
};

TEST_F (Output, AppearsWhenPublishedOnly)
{
  mode_t before = umask (027);
  PlOutput *output = add ("out.csv");
  EXPECT_TRUE (pl_output_is_new (output));
  write (output, "a,b\n");
  write (output, "1,2\n");
  std::string hidden = listing ();
  std::string prefix = ".out.csv.pipeline-" + std::to_string (getpid ()) + "-";
  EXPECT_EQ (hidden.substr (0, prefix.size ()), prefix);
  EXPECT_EQ (hidden.substr (prefix.size () + 6), ".tmp ");
  hidden.pop_back ();
  EXPECT_EQ (mode_of (hidden.c_str ()), 0600u);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (listing (), "out.csv ");
  EXPECT_EQ (get ("out.csv"), "a,b\n1,2\n");
  EXPECT_EQ (mode_of ("out.csv"), 0640u);
  EXPECT_EQ (pl_output_bytes (output), 8u);
  umask (before);
}

TEST_F (Output, DiscardedWhenNotPublished)
{
  put ("out.csv", "old");
  write (add ("out.csv"), "new");
  write (add ("other.csv"), std::string (1000000, 'x'));
  pl_output_set_free (set);
  set = pl_output_set_new ();
  EXPECT_EQ (listing (), "out.csv ");
  EXPECT_EQ (get ("out.csv"), "old");
}

TEST_F (Output, ReplacesAndKeepsPermissions)
{
  put ("out.csv", "old and longer");
  g_chmod ("out.csv", 0604);
  write (add ("out.csv"), "new");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("out.csv"), "new");
  EXPECT_EQ (mode_of ("out.csv"), 0604u);
}

TEST_F (Output, EmptyOutputIsAnEmptyFile)
{
  add ("out.csv");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("out.csv"), "");
}

TEST_F (Output, CreatesFolders)
{
  write (add ("a/b/out.csv"), "x");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("a/b/out.csv"), "x");
  put ("file", "");
  EXPECT_EQ (add_failure ("file/out.csv"),
             coded (PL_IO_ERROR_CREATE, "cannot create the folder file for file/out.csv: Not a directory"));
}

TEST_F (Output, FollowsLinks)
{
  g_mkdir ("real", 0777);
  put ("real/out.csv", "old");
  ASSERT_EQ (symlink ("real/out.csv", "link.csv"), 0);
  ASSERT_EQ (symlink ("../real/new.csv", "real/dangling.csv"), 0);
  write (add ("link.csv"), "new");
  write (add ("real/dangling.csv"), "fresh");
  EXPECT_EQ (publish (), "");
  EXPECT_TRUE (g_file_test ("link.csv", G_FILE_TEST_IS_SYMLINK));
  EXPECT_EQ (get ("real/out.csv"), "new");
  EXPECT_TRUE (g_file_test ("real/dangling.csv", G_FILE_TEST_IS_SYMLINK));
  EXPECT_EQ (get ("real/new.csv"), "fresh");
  g_mkdir ("real/deep", 0777);
  ASSERT_EQ (symlink ("real", "folder"), 0);
  pl_output_set_free (set);
  set = pl_output_set_new ();
  write (add ("folder/deep/out.csv"), "deep");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("real/deep/out.csv"), "deep");
  ASSERT_EQ (symlink ("loop", "loop"), 0);
  EXPECT_EQ (add_failure ("loop"), coded (PL_IO_ERROR_CREATE, "cannot write loop: Too many levels of symbolic links"));
}

TEST_F (Output, NamesAsLongAsTheyMayBe)
{
  std::string name (251, 'n');
  name += ".csv";
  write (add (name.c_str ()), "x");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get (name.c_str ()), "x");
}

TEST_F (Output, RefusesFoldersAndDoubles)
{
  g_mkdir ("folder", 0777);
  EXPECT_EQ (add_failure ("folder"),
             coded (PL_IO_ERROR_CREATE, "cannot write folder: it is a folder; name a file in it"));
  EXPECT_EQ (add_failure ("fresh/"),
             coded (PL_IO_ERROR_CREATE, "cannot write fresh/: it is a folder; name a file in it"));
  put ("out.csv", "old");
  ASSERT_EQ (symlink ("out.csv", "alias.csv"), 0);
  ASSERT_NE (add ("out.csv"), nullptr);
  EXPECT_EQ (add_failure ("alias.csv"),
             coded (PL_IO_ERROR_CREATE, "alias.csv is written twice in one run; give each sink a path of its own"));
  ASSERT_NE (add ("fresh.csv"), nullptr);
  EXPECT_EQ (add_failure ("./fresh.csv"),
             coded (PL_IO_ERROR_CREATE, "./fresh.csv is written twice in one run; give each sink a path of its own"));
}

TEST_F (Output, WriteProtectedFilesStay)
{
  if (geteuid () == 0)
    GTEST_SKIP () << "root may write everything";
  put ("out.csv", "old");
  g_chmod ("out.csv", 0444);
  EXPECT_EQ (add_failure ("out.csv"), coded (PL_IO_ERROR_CREATE, "cannot write out.csv: Permission denied"));
}

TEST_F (Output, FailIfExists)
{
  put ("out.csv", "old");
  EXPECT_EQ (add_failure ("out.csv", PL_OUTPUT_FAIL_IF_EXISTS),
             coded (PL_IO_ERROR_CREATE, "out.csv exists already; remove it, or set mode = replace or append"));
  write (add ("new.csv", PL_OUTPUT_FAIL_IF_EXISTS), "mine");
  write (add ("other.csv"), "other");
  put ("new.csv", "theirs");
  EXPECT_EQ (publish (), coded (PL_IO_ERROR_CREATE, "new.csv was created by someone else during the run"));
  EXPECT_EQ (get ("new.csv"), "theirs");
  EXPECT_EQ (get ("other.csv"), "(no such file)");
  g_remove ("new.csv");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("new.csv"), "mine");
}

TEST_F (Output, Append)
{
  put ("out.csv", "a,b\n1,2\n");
  PlOutput *output = add ("out.csv", PL_OUTPUT_APPEND);
  PlOutput *fresh = add ("new.csv", PL_OUTPUT_APPEND);
  put ("empty.csv", "");
  PlOutput *empty = add ("empty.csv", PL_OUTPUT_APPEND);
  ASSERT_TRUE (pl_output_set_begin (set, nullptr));
  EXPECT_TRUE (pl_output_is_new (empty));
  EXPECT_FALSE (pl_output_is_new (output));
  EXPECT_TRUE (pl_output_is_new (fresh));
  write (output, "3,4\n");
  EXPECT_EQ (get ("out.csv"), "a,b\n1,2\n");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("out.csv"), "a,b\n1,2\n3,4\n");
  EXPECT_EQ (pl_output_bytes (output), 12u);
}

TEST_F (Output, AppendEndsALastLineThatHasNoEnd)
{
  put ("out.csv", "a,b\n1,2");
  write (begin_append ("out.csv"), "3,4\n");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("out.csv"), "a,b\n1,2\n3,4\n");
}

TEST_F (Output, AppendNoticesOtherWriters)
{
  put ("out.csv", "a\n");
  write (begin_append ("out.csv"), "mine\n");
  put ("out.csv", "a\ntheirs\n");
  EXPECT_EQ (publish (),
             coded (PL_IO_ERROR_BUSY, "out.csv was changed by someone else during the run, and appending would undo "
                                      "that; run again"));
  EXPECT_EQ (get ("out.csv"), "a\ntheirs\n");
}

TEST_F (Output, AppendToCompressedFiles)
{
  put ("a.csv.gz", gzip ("a\n1\n"));
  put ("a.csv.zst", zstd ("a\n1\n"));
  write (begin_append ("a.csv.gz", PL_COMPRESSION_AUTO), "2\n");
  pl_output_set_publish (set, nullptr);
  pl_output_set_free (set);
  set = pl_output_set_new ();
  write (begin_append ("a.csv.zst", PL_COMPRESSION_AUTO), "2\n");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (slurp ("a.csv.gz"), "a\n1\n2\n");
  EXPECT_EQ (slurp ("a.csv.zst"), "a\n1\n2\n");
}

TEST_F (Output, AppendOfAnotherCompression)
{
  put ("a.csv", gzip ("a\n1\n"));
  EXPECT_EQ (add_failure ("a.csv", PL_OUTPUT_APPEND),
             coded (PL_IO_ERROR_CREATE, "cannot append plain text to a.csv, which is gzip"));
  pl_output_set_free (set);
  set = pl_output_set_new ();
  put ("b.csv", "a\n");
  EXPECT_EQ (add_failure ("b.csv", PL_OUTPUT_APPEND, PL_COMPRESSION_ZSTD),
             coded (PL_IO_ERROR_CREATE, "cannot append zstd to b.csv, which is plain text"));
  pl_output_set_free (set);
  set = pl_output_set_new ();
  EXPECT_EQ (listing (), "a.csv b.csv ");
}

/* Nothing but a signal is a reason to try again. */
TEST_F (Output, AFailingReadAtAPlaceIsNotTriedForEver)
{
  put ("a", "abc");
  int fd = g_open ("a", O_WRONLY | O_CLOEXEC, 0);
  char data[8];
  errno = 0;
  EXPECT_EQ (pl_pread_all (fd, data, 8, 0), -1);
  EXPECT_EQ (errno, EBADF);
  close (fd);
  fd = g_open ("a", O_RDONLY | O_CLOEXEC, 0);
  EXPECT_EQ (pl_pread_all (fd, data, 8, 1), 2);
  EXPECT_EQ (std::string (data, 2), "bc");
  close (fd);
}

TEST_F (Output, AppendToTextThatBeginsLikeACompressedFile)
{
  put ("a.csv", "\x1f,\n");
  put ("b.csv", "1\x8b\n");
  put ("c.csv", "\x28\xb5\x2f\n");
  for (const char *name : {"a.csv", "b.csv", "c.csv"})
    add (name, PL_OUTPUT_APPEND);
  ASSERT_TRUE (pl_output_set_begin (set, nullptr));
  for (guint i = 0; i < 3; i++)
    write (static_cast<PlOutput *> (g_ptr_array_index (set->outputs, i)), "2\n");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("a.csv"), "\x1f,\n2\n");
  EXPECT_EQ (get ("b.csv"), "1\x8b\n2\n");
  EXPECT_EQ (get ("c.csv"), "\x28\xb5\x2f\n2\n");
}

TEST_F (Output, CompressionByName)
{
  PlOutput *zipped = add ("a.csv.gz", PL_OUTPUT_REPLACE, PL_COMPRESSION_AUTO);
  write (zipped, "hello\n");
  write (add ("a.csv.zst", PL_OUTPUT_REPLACE, PL_COMPRESSION_AUTO), "hello\n");
  write (add ("a.csv", PL_OUTPUT_REPLACE, PL_COMPRESSION_AUTO), "hello\n");
  add ("empty.gz", PL_OUTPUT_REPLACE, PL_COMPRESSION_AUTO);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (gunzip (get ("a.csv.gz")), "hello\n");
  EXPECT_EQ (unzstd (get ("a.csv.zst"), 100), "hello\n");
  EXPECT_EQ (get ("a.csv"), "hello\n");
  EXPECT_EQ (slurp ("empty.gz"), "");
  EXPECT_EQ (pl_output_bytes (zipped), get ("a.csv.gz").size ());
}

TEST_F (Output, CompressedBytesDoNotDependOnTheWrites)
{
  std::string text;
  for (int i = 0; i < 200000; i++)
    text += std::to_string (i * 7919L % 100003) + (i % 10 == 9 ? "\n" : ",");
  const gsize steps[] = {1, 777, 65536, text.size ()};
  for (const char *ending : {"gz", "zst"})
    {
      std::string first;
      for (gsize step : steps)
        {
          PlOutputSet *each = pl_output_set_new ();
          std::string name = "out." + std::to_string (step) + "." + ending;
          PlOutput *output = pl_output_set_add (each, name.c_str (), PL_OUTPUT_REPLACE, PL_COMPRESSION_AUTO, nullptr);
          for (gsize i = 0; i < text.size (); i += step)
            ASSERT_TRUE (pl_output_write (output, text.data () + i, MIN (step, text.size () - i), nullptr));
          ASSERT_TRUE (pl_output_set_publish (each, nullptr));
          pl_output_set_free (each);
          if (first.empty ())
            first = get (name.c_str ());
          EXPECT_TRUE (get (name.c_str ()) == first) << name;
        }
      EXPECT_TRUE ((ending[0] == 'g' ? gunzip (first) : unzstd (first, text.size () + 1)) == text);
    }
}

TEST_F (Output, Drop)
{
  PlOutput *rejects = add ("rejects.csv");
  write (add ("out.csv"), "x");
  write (rejects, "y");
  pl_output_drop (rejects);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (listing (), "out.csv ");
}

TEST_F (Output, FullDiskLeavesNothing)
{
  put ("out.csv", "old");
  PlOutput *output = add ("out.csv");
  struct rlimit before;
  getrlimit (RLIMIT_FSIZE, &before);
  struct rlimit small = {100000, before.rlim_max};
  auto handler = signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &small);
  g_autoptr (GError) error = nullptr;
  std::string bytes (1 << 20, 'x');
  gboolean ok = pl_output_write (output, bytes.data (), bytes.size (), &error);
  setrlimit (RLIMIT_FSIZE, &before);
  signal (SIGXFSZ, handler);
  EXPECT_FALSE (ok);
  ASSERT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_WRITE));
  EXPECT_STREQ (error->message, "cannot write out.csv: File too large");
  EXPECT_EQ (listing (), "out.csv ");
  EXPECT_EQ (get ("out.csv"), "old");
}

TEST_F (Output, DevicesAreWrittenInto)
{
  write (add ("/dev/null"), "x");
  EXPECT_EQ (publish (), "");
  EXPECT_TRUE (g_file_test ("/dev/null", G_FILE_TEST_EXISTS) && !g_file_test ("/dev/null", G_FILE_TEST_IS_REGULAR));
  write (add ("/dev/full"), "x");
  EXPECT_EQ (publish (), coded (PL_IO_ERROR_WRITE, "cannot write /dev/full: No space left on device"));
}

TEST_F (Output, NamedPipesAreWrittenInto)
{
  ASSERT_EQ (mkfifo ("pipe", 0600), 0);
  std::string got;
  std::thread reader ([&] { got = get ("pipe"); });
  std::string bytes (3 << 20, 'x');
  write (add ("pipe"), bytes);
  EXPECT_EQ (publish (), "");
  reader.join ();
  EXPECT_TRUE (got == bytes);
  EXPECT_EQ (listing (), "pipe ");
}

/* Runs @body with @fd as standard output. */
template <typename Body>
static void
with_stdout (int fd, Body body)
{
  fflush (stdout);
  int saved = dup (STDOUT_FILENO);
  dup2 (fd, STDOUT_FILENO);
  close (fd);
  body ();
  dup2 (saved, STDOUT_FILENO);
  close (saved);
}

TEST_F (Output, StandardOutputIsHeldBack)
{
  std::string large (5 << 20, 'x');
  const std::string texts[] = {"a,b\n1,2\n", large};
  for (const std::string &bytes : texts)
    {
      pl_output_set_free (set);
      set = pl_output_set_new ();
      int fd = open ("captured", O_RDWR | O_CREAT | O_TRUNC, 0600);
      std::string early, result;
      with_stdout (fd, [&] {
        PlOutput *output = add ("-");
        for (gsize i = 0; i < bytes.size (); i += 100000)
          write (output, bytes.substr (i, 100000));
        early = get ("captured");
        result = publish ();
      });
      EXPECT_EQ (early, "");
      EXPECT_EQ (result, "");
      EXPECT_TRUE (get ("captured") == bytes);
    }
}

TEST_F (Output, WhatIsHeldBackIsHeldWhereTheJobSays)
{
  std::string large (2 << 20, 'x');
  g_autoptr (GError) error = nullptr;
  PlOutput *output = add ("-");
  const char *const none[] = {"none", nullptr}, *const there[] = {"there", nullptr};
  pl_temporary_use (none);
  EXPECT_FALSE (pl_output_write (output, large.data (), large.size (), &error));
  EXPECT_STREQ (error->message, "cannot create a temporary file in none: No such file or directory; set TMPDIR or "
                                "temp-directory to another folder");
  g_mkdir ("there", 0700);
  pl_temporary_use (there);
  EXPECT_TRUE (pl_output_write (output, large.data (), large.size (), nullptr));
  pl_temporary_use (nullptr);
}

TEST_F (Output, ClosedPipeIsAnErrorOfItsOwn)
{
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  close (ends[0]);
  std::string result;
  auto handler = signal (SIGPIPE, SIG_DFL);
  with_stdout (ends[1], [&] {
    write (add ("-"), "x");
    result = publish ();
  });
  signal (SIGPIPE, handler);
  EXPECT_EQ (result, coded (PL_IO_ERROR_CLOSED_PIPE, "standard output was closed by its reader"));
}

TEST_F (Output, StandardOutputGoesBeforeFilesAppear)
{
  put ("out.csv", "old");
  int full = open ("/dev/full", O_WRONLY);
  std::string result;
  write (add ("out.csv"), "new");
  write (add ("-"), "x");
  with_stdout (full, [&] { result = publish (); });
  EXPECT_EQ (result, coded (PL_IO_ERROR_WRITE, "cannot write standard output: No space left on device"));
  EXPECT_EQ (get ("out.csv"), "old");
}

TEST_F (Output, ReaderThatHasEnoughDoesNotStopTheFiles)
{
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  close (ends[0]);
  std::string result;
  write (add ("-"), "x");
  write (add ("out.csv"), "new");
  with_stdout (ends[1], [&] { result = publish (); });
  EXPECT_EQ (result, coded (PL_IO_ERROR_CLOSED_PIPE, "standard output was closed by its reader"));
  EXPECT_EQ (get ("out.csv"), "new");
}

/* The name of the only file with @part in its name. */
static std::string
find_name (const std::string &listing, const std::string &part)
{
  gsize at = listing.find (part);
  gsize begin = listing.rfind (' ', at) + 1;
  return listing.substr (begin, listing.find (' ', at) - begin);
}

TEST_F (Output, FailureToRenameUndoesTheOnesBefore)
{
  put ("a.csv", "old");
  write (add ("a.csv"), "a");
  write (add ("new.csv"), "n");
  write (add ("b.csv"), "b");
  ASSERT_EQ (unlink (find_name (listing (), ".b.csv.").c_str ()), 0);
  EXPECT_EQ (publish (), coded (PL_IO_ERROR_CREATE,
                                "cannot put b.csv in its place: No such file or directory; no output was changed"));
  pl_output_set_free (set);
  set = pl_output_set_new ();
  EXPECT_EQ (get ("a.csv"), "old");
  EXPECT_EQ (listing (), "a.csv ");
}

TEST_F (Output, FolderThatWentAwayChangesNothing)
{
  put ("a.csv", "old");
  write (add ("a.csv"), "a");
  write (add ("sub/b.csv"), "b");
  std::filesystem::remove_all ("sub");
  EXPECT_EQ (publish (), coded (PL_IO_ERROR_WRITE,
                                "cannot write the publish journal " + folder + "/sub: No such file or directory"));
  pl_output_set_free (set);
  set = pl_output_set_new ();
  EXPECT_EQ (get ("a.csv"), "old");
  EXPECT_EQ (listing (), "a.csv ");
}

TEST_F (Output, FolderInPlaceOfTheTarget)
{
  write (add ("out.csv"), "new");
  g_mkdir ("out.csv", 0777);
  EXPECT_EQ (publish (),
             coded (PL_IO_ERROR_CREATE, "out.csv was replaced by something that is no file during the run"));
}

TEST_F (Output, LinksThatOthersPlantedAreRefused)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "only root can act as another user";
  g_mkdir ("open", 0);
  g_chmod ("open", 01777);
  put ("mine.csv", "old");
  put ("open/theirs.csv", "old");
  g_mkdir ("real", 0777);
  ASSERT_EQ (symlink ("../mine.csv", "open/link.csv"), 0);
  ASSERT_EQ (symlink ("../real", "open/folder"), 0);
  ASSERT_EQ (lchown ("open/link.csv", 12345, 12345), 0);
  ASSERT_EQ (lchown ("open/folder", 12345, 12345), 0);
  ASSERT_EQ (chown ("open/theirs.csv", 12345, 12345), 0);
  const char *rest = ": it belongs to another user, in a folder that everyone may write to; remove it or write to "
                     "another folder";
  EXPECT_EQ (add_failure ("open/link.csv"),
             coded (PL_IO_ERROR_CREATE, std::string ("cannot write open/link.csv") + rest));
  EXPECT_EQ (add_failure ("open/theirs.csv"),
             coded (PL_IO_ERROR_CREATE, std::string ("cannot write open/theirs.csv") + rest));
  EXPECT_EQ (add_failure ("open/folder/x.csv"),
             coded (PL_IO_ERROR_CREATE, std::string ("cannot write open/folder") + rest));
  g_chmod ("open", 0755);
  write (add ("open/link.csv"), "new");
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("mine.csv"), "new");
}
