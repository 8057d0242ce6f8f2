/* What a new file takes over from the one it replaces, and what it begins with; folders that come and go with a run;
 * named pipes. */
#include "support.h"
#include <fcntl.h>
#include <sys/xattr.h>
#include <thread>

extern "C"
{
#include "../../../pipeline/base/notice.h"
#include "../../../pipeline/io/append.h"
#include "../../../pipeline/io/publish.h"
}

static std::string noticed;

class Attributes : public InFolder
{
protected:
  void
  SetUp () override
  {
    InFolder::SetUp ();
    set = pl_output_set_new ();
    noticed = "";
    pl_notice_handle ([] (const char *text) { noticed += std::string (text) + "\n"; });
  }
  void
  TearDown () override
  {
    pl_notice_handle (nullptr);
    pl_output_set_free (set);
    InFolder::TearDown ();
  }
  PlOutput *
  add (const char *path)
  {
    return pl_output_set_add (set, path, PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, nullptr);
  }
  std::string
  publish ()
  {
    g_autoptr (GError) error = nullptr;
    return pl_output_set_publish (set, &error) ? "" : error->message;
  }
  static std::string
  attribute (const char *path, const char *name)
  {
    char value[4096];
    gssize length = getxattr (path, name, value, sizeof value);
    return length < 0 ? g_strerror (errno) : std::string (value, static_cast<gsize> (length));
  }
  static std::string
  list_for_user (guint32 user, guint16 others)
  {
    /* linux/posix_acl_xattr.h: a version, then (tag, permissions, id) for owner, a user, group, mask, others. */
    struct Entry
    {
      guint16 tag, permissions;
      guint32 id;
    } entries[]
        = {{1, 6, G_MAXUINT32}, {2, 4, user}, {4, 4, G_MAXUINT32}, {16, 4, G_MAXUINT32}, {32, others, G_MAXUINT32}};
    guint32 version = 2;
    std::string all (reinterpret_cast<const char *> (&version), sizeof version);
    return all + std::string (reinterpret_cast<const char *> (entries), sizeof entries);
  }
  static bool
  give (const char *path, const char *name, const std::string &value)
  {
    return setxattr (path, name, value.data (), value.size (), 0) == 0;
  }
  PlOutputSet *set;
};

TEST_F (Attributes, OfAReplacedFileStay)
{
  put ("out.csv", "old");
  if (!give ("out.csv", "user.origin", "by hand"))
    GTEST_SKIP () << "the file system of " << folder << " has no attributes";
  ASSERT_TRUE (give ("out.csv", "user.empty", ""));
  pl_output_write (add ("out.csv"), "new", 3, nullptr);
  pl_output_write (add ("other.csv"), "new", 3, nullptr);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("out.csv"), "new");
  EXPECT_EQ (attribute ("out.csv", "user.origin"), "by hand");
  EXPECT_EQ (attribute ("out.csv", "user.empty"), "");
  EXPECT_EQ (attribute ("other.csv", "user.origin"), "No data available");
  EXPECT_EQ (noticed, "");
}

TEST_F (Attributes, AccessListsOfAReplacedFileStay)
{
  put ("out.csv", "old");
  std::string list = list_for_user (12345, 0);
  if (!give ("out.csv", "system.posix_acl_access", list))
    GTEST_SKIP () << "the file system of " << folder << " has no access lists";
  pl_output_write (add ("out.csv"), "new", 3, nullptr);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (attribute ("out.csv", "system.posix_acl_access"), list);
  struct stat info;
  ASSERT_EQ (stat ("out.csv", &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0640u);
}

TEST_F (Attributes, NewFilesGetTheFoldersAccessListAndReplacedOnesDoNot)
{
  put ("out.csv", "old");
  g_chmod ("out.csv", 0604);
  if (!give (".", "system.posix_acl_default", list_for_user (12345, 4)))
    GTEST_SKIP () << "the file system of " << folder << " has no access lists";
  mode_t mask = umask (077);
  pl_output_write (add ("out.csv"), "new", 3, nullptr);
  pl_output_write (add ("fresh.csv"), "new", 3, nullptr);
  EXPECT_EQ (publish (), "");
  umask (mask);
  EXPECT_EQ (attribute ("out.csv", "system.posix_acl_access"), "No data available");
  struct stat info;
  ASSERT_EQ (stat ("out.csv", &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0604u);
  /* As open(2) would have made it: the list stands in place of the umask. */
  int fd = open ("opened.csv", O_CREAT | O_WRONLY, 0666);
  close (fd);
  EXPECT_EQ (attribute ("fresh.csv", "system.posix_acl_access"), attribute ("opened.csv", "system.posix_acl_access"));
}

TEST_F (Attributes, CapabilitiesGoWithTheBytes)
{
  put ("out.csv", "old");
  /* linux/capability.h, revision 2: CAP_CHOWN. */
  if (!give ("out.csv", "security.capability", std::string ("\0\0\0\2\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)))
    GTEST_SKIP () << "only root gives capabilities";
  pl_output_write (add ("out.csv"), "new", 3, nullptr);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (attribute ("out.csv", "security.capability"), "No data available");
  EXPECT_EQ (noticed, "");
}

TEST_F (Attributes, PrivateFilesAreNobodyElsesUnlessTheyWereThere)
{
  put ("old.csv", "old");
  g_chmod ("old.csv", 0644);
  mode_t mask = umask (0);
  for (const char *name : {"old.csv", "new.csv"})
    {
      PlOutput *output = add (name);
      pl_output_keep_private (output);
      pl_output_write (output, "raw", 3, nullptr);
    }
  EXPECT_EQ (publish (), "");
  umask (mask);
  struct stat info;
  ASSERT_EQ (stat ("old.csv", &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0644u);
  ASSERT_EQ (stat ("new.csv", &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0600u);
}

TEST_F (Attributes, FoldersThatWereMadeGoWithASetThatWasNotPublished)
{
  g_mkdir ("there", 0777);
  ASSERT_NE (add ("there/a/b/out.csv"), nullptr);
  ASSERT_NE (add ("there/a/other.csv"), nullptr);
  ASSERT_NE (add ("c/out.csv"), nullptr);
  put ("c/theirs", "");
  pl_output_set_free (set);
  set = pl_output_set_new ();
  EXPECT_EQ (listing (), "c there ");
  EXPECT_EQ (listing ("there"), "");
  EXPECT_EQ (listing ("c"), "theirs ");
}

TEST_F (Attributes, FoldersOfAnOutputThatIsRefusedOrDroppedGo)
{
  PlOutput *rejects = add ("a/b/rejects.csv");
  ASSERT_NE (add ("a/out.csv"), nullptr);
  pl_output_drop (rejects);
  EXPECT_EQ (listing ("a").find ("b "), std::string::npos);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (listing ("a"), "out.csv ");
  put ("file", "");
  EXPECT_EQ (add ("d/../file/out.csv"), nullptr);
  pl_output_set_free (set);
  set = pl_output_set_new ();
  EXPECT_EQ (listing (), "a file ");
}

TEST_F (Attributes, APipeNobodyReadsIsToldOfAndGivenUpWithTheRun)
{
  ASSERT_EQ (mkfifo ("pipe", 0600), 0);
  put ("out.csv", "old");
  gint cancelled = 0;
  pl_output_set_heed (set, TRUE, &cancelled);
  pl_output_write (add ("pipe"), "x", 1, nullptr);
  pl_output_write (add ("out.csv"), "new", 3, nullptr);
  std::thread stop ([&] {
    g_usleep (2300000);
    g_atomic_int_set (&cancelled, 1);
  });
  EXPECT_EQ (publish (), "cancelled");
  stop.join ();
  EXPECT_EQ (noticed, "waiting for a reader of pipe\n");
  EXPECT_EQ (get ("out.csv"), "old");
}

TEST_F (Attributes, AReaderThatDoesNotReadIsToldOf)
{
  ASSERT_EQ (mkfifo ("pipe", 0600), 0);
  int reader = open ("pipe", O_RDONLY | O_NONBLOCK);
  gint cancelled = 0;
  pl_output_set_heed (set, TRUE, &cancelled);
  std::string bytes (4 << 20, 'x');
  pl_output_write (add ("pipe"), bytes.data (), bytes.size (), nullptr);
  std::thread stop ([&] {
    g_usleep (2300000);
    g_atomic_int_set (&cancelled, 1);
  });
  EXPECT_EQ (publish (), "cancelled");
  stop.join ();
  close (reader);
  EXPECT_EQ (noticed, "waiting for the reader of pipe\n");
}

TEST_F (Attributes, SocketsAreRefused)
{
  ASSERT_EQ (mknod ("socket", S_IFSOCK | 0600, 0), 0);
  g_autoptr (GError) error = nullptr;
  EXPECT_EQ (pl_output_set_add (set, "socket", PL_OUTPUT_REPLACE, PL_COMPRESSION_NONE, &error), nullptr);
  EXPECT_STREQ (error->message, "cannot write socket: it is a socket; name a file, a pipe or a device");
}

TEST_F (Attributes, WhatHasBeenGivenAwayIsToldOfWhenTheRestFails)
{
  ASSERT_EQ (mkfifo ("pipe", 0600), 0);
  std::string got;
  std::thread reader ([&] { got = get ("pipe"); });
  pl_output_write (add ("pipe"), "x", 1, nullptr);
  pl_output_write (add ("/dev/full"), "x", 1, nullptr);
  EXPECT_EQ (publish (), "what was for pipe has been written already; cannot write /dev/full: No space left on device");
  reader.join ();
  EXPECT_EQ (got, "x");
}

/* The folder that was found is written to, whatever has its name by then. */
TEST_F (Attributes, AFolderThatIsSwappedLeadsNobody)
{
  g_mkdir ("pub", 0777);
  g_mkdir ("victim", 0777);
  put ("victim/out.csv", "precious");
  pl_output_write (add ("pub/out.csv"), "new", 3, nullptr);
  ASSERT_EQ (rename ("pub", "gone"), 0);
  ASSERT_EQ (symlink ("victim", "pub"), 0);
  EXPECT_EQ (publish (), "");
  EXPECT_EQ (get ("victim/out.csv"), "precious");
  EXPECT_EQ (get ("gone/out.csv"), "new");
  EXPECT_EQ (listing ("victim"), "out.csv ");
}

/* A file that comes into a public folder behind the look at it gives nothing of itself to the new one. */
TEST_F (Attributes, AFileThatIsPlantedLaterIsRefused)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "only root can act as another user";
  g_mkdir ("pub", 0777);
  g_chmod ("pub", 0777);
  put ("pub/old.csv", "old");
  pl_output_write (add ("pub/old.csv"), "new", 3, nullptr);
  put ("pub/theirs.csv", "theirs");
  ASSERT_EQ (chown ("pub/theirs.csv", 12345, 12345), 0);
  ASSERT_EQ (rename ("pub/theirs.csv", "pub/old.csv"), 0);
  EXPECT_EQ (publish (),
             "cannot write pub/old.csv: it belongs to another user, in a folder that everyone may write to; "
             "remove it or write to another folder");
  pl_output_set_free (set);
  set = pl_output_set_new ();
  /* Appended to: found missing, and there when it is locked. */
  ASSERT_NE (pl_output_set_add (set, "pub/new.csv", PL_OUTPUT_APPEND, PL_COMPRESSION_NONE, nullptr), nullptr);
  ASSERT_EQ (rename ("pub/old.csv", "pub/new.csv"), 0);
  g_autoptr (GError) error = nullptr;
  EXPECT_FALSE (pl_output_set_begin (set, &error));
  EXPECT_STREQ (error->message, "cannot write pub/new.csv: it belongs to another user, in a folder that everyone may "
                                "write to; remove it or write to another folder");
}
