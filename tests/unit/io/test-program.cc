/* A program's output as an input: all of it, how it ended, and that nothing of it stays. */
#include "support.h"
#include <csignal>
#include <thread>

extern "C"
{
#include "../../../pipeline/base/notice.h"
#include "../../../pipeline/io/origin.h"
#include "../../../pipeline/base/child-command.h"
#include "../../../pipeline/io/spool.h"
}

namespace
{

std::string notices;

class Program : public InFolder
{
protected:
  void
  SetUp () override
  {
    InFolder::SetUp ();
    notices = "";
    pl_notice_handle ([] (const char *text) { notices += std::string (text) + "\n"; });
  }
  void
  TearDown () override
  {
    pl_input_release_spools ();
    pl_notice_handle (nullptr);
    InFolder::TearDown ();
  }
  /* [source NAME] with command = bash -c SCRIPT. */
  static PlOrigin *
  start (const std::string &script, const char *name = "t", GError **error = nullptr)
  {
    g_autoptr (PlSettings) settings = pl_settings_new ("source", name, "job.ini", 1);
    g_autoptr (PlIssues) issues = pl_issues_new ();
    g_autofree char *quoted = g_shell_quote (script.c_str ());
    g_autofree char *command = g_strconcat ("bash -c ", quoted, nullptr);
    PlChildCommand how = {};
    pl_settings_add (settings, "command", FALSE, command, "job.ini", 2, 11);
    EXPECT_TRUE (pl_child_command_read (&how, settings, issues));
    g_free (how.shown);
    how.shown = g_strdup ("it");
    return pl_origin_start (&how, error);
  }
  static std::string
  text (PlOrigin *origin)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PlInput) input = pl_input_open (origin, "it", PL_COMPRESSION_AUTO, nullptr, &error);
    std::string all = input != nullptr ? drain (input, 5000, &error) : "";
    EXPECT_TRUE (error == nullptr || g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_READ));
    return error != nullptr ? all + "|" + error->message : all;
  }
  std::string
  run (const std::string &script)
  {
    g_autoptr (PlOrigin) origin = start (script);
    std::string first = text (origin);
    EXPECT_EQ (text (origin), first) << "read again";
    pl_input_release_spools ();
    return first;
  }
  static bool
  is_gone (const char *file)
  {
    g_autofree char *number = nullptr;
    for (int i = 0; i < 500 && !g_file_get_contents (file, &number, nullptr, nullptr); i++)
      g_usleep (10000);
    for (int i = 0; i < 500; i++)
      {
        g_autofree char *stat = g_strdup_printf ("/proc/%d/stat", atoi (number));
        g_autofree char *line = nullptr;
        if (!g_file_get_contents (stat, &line, nullptr, nullptr) || strstr (line, ") Z ") != nullptr)
          return true;
        g_usleep (10000);
      }
    return false;
  }
};

TEST_F (Program, ItsOutputIsReadToTheEnd)
{
  EXPECT_EQ (run ("echo a; echo 1"), "a\n1\n");
  EXPECT_EQ (run ("true"), "");
  std::string large = run ("seq 200000");
  EXPECT_EQ (large.size (), 1288895u);
  EXPECT_EQ (notices, "");
}

TEST_F (Program, ItIsStartedOnce)
{
  const char *script = "echo x >> times; cat times";
  g_autoptr (PlOrigin) one = start (script);
  EXPECT_EQ (text (one), "x\n");
  g_autoptr (PlOrigin) two = start (script);
  EXPECT_EQ (text (two), "x\n");
  g_autoptr (PlOrigin) other = start (script, "u");
  EXPECT_EQ (text (other), "x\nx\n");
}

TEST_F (Program, OneThatFailsHasNotGivenAllItsRows)
{
  EXPECT_EQ (run ("echo a; exit 3"), "a\n|it ended with exit code 3");
  EXPECT_EQ (run ("echo a; echo one >&2; echo two >&2; exit 1"), "a\n|it ended with exit code 1; its last words: two");
  EXPECT_EQ (run ("echo a; kill -11 $$"), "a\n|it was killed by signal 11");
  EXPECT_EQ (run ("seq 50000; exit 9").substr (288894), "|it ended with exit code 9");
  EXPECT_EQ (run ("exit 4"), "|it ended with exit code 4");
}

TEST_F (Program, TheEndOfItsOutputIsNotItsEnd)
{
  EXPECT_EQ (run ("echo a; exec >&-; sleep 0.3; exit 5"), "a\n|it ended with exit code 5");
  EXPECT_EQ (run ("echo a; exec >&-; sleep 0.3; exit 0"), "a\n");
}

TEST_F (Program, WhoeverHoldsItsOutputMayGoOn)
{
  EXPECT_EQ (run ("(sleep 0.3; echo b) & echo a"), "a\nb\n");
}

TEST_F (Program, AFailureIsNoticedWhoeverHoldsItsOutput)
{
  gint64 begin = g_get_monotonic_time ();
  EXPECT_EQ (run ("sleep 30 & echo a; exit 6"), "a\n|it ended with exit code 6");
  EXPECT_LT (g_get_monotonic_time () - begin, 10 * G_USEC_PER_SEC);
}

TEST_F (Program, ItsStderrIsPassedOn)
{
  EXPECT_EQ (run ("echo a; echo hello >&2"), "a\n");
  EXPECT_EQ (notices, "source t: hello\n");
}

TEST_F (Program, ItsStderrNeverStopsIt)
{
  EXPECT_EQ (run ("echo a; head -c 5000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2; exit 2"),
             "a\n|it ended with exit code 2; its last words: end");
}

TEST_F (Program, ItEndsWithTheRunThatNeedsNoMore)
{
  g_autoptr (PlOrigin) origin = start ("sleep 300 & echo $! > child; echo $$ > self; yes");
  {
    g_autoptr (PlInput) input = pl_input_open (origin, "it", PL_COMPRESSION_AUTO, nullptr, nullptr);
    char bytes[4];
    EXPECT_GT (pl_input_read (input, bytes, sizeof bytes, nullptr), 0);
  }
  pl_input_release_spools ();
  EXPECT_TRUE (is_gone ("self"));
  EXPECT_TRUE (is_gone ("child"));
}

TEST_F (Program, OneThatCannotBeStarted)
{
  put ("broken", "#!/no/such/interpreter\n");
  ASSERT_EQ (chmod ("broken", 0755), 0);
  g_autoptr (PlSettings) settings = pl_settings_new ("source", "t", "job.ini", 1);
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (GError) error = nullptr;
  PlChildCommand how = {};
  pl_settings_add (settings, "command", FALSE, "./broken x", "job.ini", 2, 11);
  ASSERT_TRUE (pl_child_command_read (&how, settings, issues));
  EXPECT_EQ (pl_origin_start (&how, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_OPEN));
  EXPECT_EQ (std::string (error->message), "cannot start './broken x' of [source t]: No such file or directory");
}

} // namespace
