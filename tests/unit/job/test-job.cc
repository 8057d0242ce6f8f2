/* Reading job files: what is understood, where it stood, and each mistake word for word. */
#include "job-test.h"

#include <fstream>

namespace
{

TEST (Job, KeepsOrderAndPlaces)
{
  JobTest test ("\xef\xbb\xbf# a comment\r\n"
                "[job]\r\n"
                "name = late\r\n"
                "\r\n"
                "[source flights]\n"
                "  path =   ../x y.csv  \n"
                "[derive more]\n"
                "\tlate = delay > 15 # no comment\n"
                "\"Größe = x\" = a\n"
                "\"say \"\"hi\"\"\"=b\n"
                "empty =\n"
                "[sink out]");
  EXPECT_EQ (test.said (), "");
  EXPECT_EQ (test.written (), "job @2 name=<late>@job.ini:3:8\n"
                              "source flights@5 path=<../x y.csv>@job.ini:6:12\n"
                              "derive more@7 late=<delay > 15 # no comment>@job.ini:8:9"
                              " \"Größe = x\"=<a>@job.ini:9:15 \"say \"hi\"\"=<b>@job.ini:10:14 empty=<>@job.ini:11:8\n"
                              "sink out@12\n");
  EXPECT_STREQ (test.job->name, "late");
  EXPECT_STREQ (test.job->folder, "folder");
}

TEST (Job, IsNamedAfterItsFile)
{
  JobTest test ("[source s]\npath = x.csv\n");
  EXPECT_STREQ (test.job->name, "job");
}

/* What is accepted here, GKeyFile accepts and reads alike. */
TEST (Job, AgreesWithGKeyFile)
{
  const char *texts[] = {
      "[derive x]\na = 1\nb=2\n  c   =  3 ; 4\n",
      "# c\n\n[derive x y]\n  # d\nk = \\n \\s #\n[run]\nworkers=2\n",
      "[derive x]  \r\na b = x = y\r\n",
      "[derive x ]\n\"q q\" = 1\n",
  };
  for (const char *text : texts)
    {
      JobTest test (text);
      EXPECT_EQ (test.said (), "") << text;
      g_autoptr (GKeyFile) file = g_key_file_new ();
      ASSERT_TRUE (g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, nullptr)) << text;
      g_auto (GStrv) names = g_key_file_get_groups (file, nullptr);
      ASSERT_EQ (g_strv_length (names), test.job->groups->len);
      for (guint i = 0; names[i] != nullptr; i++)
        {
          auto group = static_cast<PlSettings *> (g_ptr_array_index (test.job->groups, i));
          g_auto (GStrv) keys = g_key_file_get_keys (file, names[i], nullptr, nullptr);
          ASSERT_EQ (g_strv_length (keys), group->entries->len);
          for (guint j = 0; keys[j] != nullptr; j++)
            {
              auto entry = static_cast<PlSetting *> (g_ptr_array_index (group->entries, j));
              g_autofree char *value = g_key_file_get_value (file, names[i], keys[j], nullptr);
              EXPECT_EQ (std::string (entry->quoted ? "\"" : "") + entry->key + (entry->quoted ? "\"" : ""), keys[j]);
              EXPECT_STREQ (entry->value, g_strchomp (value));
            }
        }
    }
  for (const char *text : {"[run", "[ru[n]\n", "[run] x\n", "a = 1\n", "[run]\nworkers\n", "[run]\n= 2\n", "[ru\tn]\n"})
    {
      JobTest test (text);
      EXPECT_EQ (pl_issues_n_errors (test.issues), 1u) << text;
      g_autoptr (GKeyFile) file = g_key_file_new ();
      EXPECT_FALSE (g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, nullptr)) << text;
    }
}

std::string
said (const std::string &text)
{
  return JobTest (text).said ();
}

TEST (Job, RefusesWhatIsNoIni)
{
  EXPECT_EQ (said ("[run"), "job.ini:1:1: ']' is missing at the end of the group's name\n");
  EXPECT_EQ (said ("[ru[n]"), "job.ini:1:4: a group's name cannot hold '['\n");
  EXPECT_EQ (said ("[run] # x"), "job.ini:1:7: nothing may stand behind ']'; comments go on a line of their own\n");
  EXPECT_EQ (said ("[ ]"), "job.ini:1:1: the group has no name; write [kind name], as in [source flights]\n");
  EXPECT_EQ (said ("[ru\tn]"), "job.ini:1:4: a group's name cannot hold a tab or another control character\n");
  EXPECT_EQ (said ("[run]\n; x"), "job.ini:2:1: a comment starts with '#', not with ';'\n");
  EXPECT_EQ (said ("[run]\nworkers"), "job.ini:2:1: expected 'key = value', a [group] or a # comment\n");
  EXPECT_EQ (said ("[run]\n= 2"), "job.ini:2:1: the key before '=' is empty\n");
  EXPECT_EQ (said ("workers = 2"), "job.ini:1:1: the key 'workers' stands above the first [group]\n");
  EXPECT_EQ (said ("[derive x]\na[0] = 2"), "job.ini:2:1: the key 'a[0]' holds '['; write it in double quotes\n");
  EXPECT_EQ (said ("[derive x]\n\"a = 2"), "job.ini:2:1: the quoted key is not closed; a '\"' is missing\n");
  EXPECT_EQ (said ("[derive x]\n\"a\" b = 2"), "job.ini:2:5: expected '=' behind the quoted key\n");
  EXPECT_EQ (said ("[job x]"), "job.ini:1:2: [job] takes no name; write [job]\n");
}

TEST (Job, RefusesWhatIsNoText)
{
  JobTest latin ("[job]\nname = Z\xfcrich\n");
  EXPECT_EQ (latin.job, nullptr);
  EXPECT_EQ (latin.said (), "job.ini:2:9: the byte 0xfc is not UTF-8 text; save the job file as UTF-8\n");
  JobTest zero (std::string ("[job]\n\0", 7));
  EXPECT_EQ (zero.job, nullptr);
  EXPECT_EQ (zero.said (), "job.ini:2:1: the byte 0x00 is not UTF-8 text; save the job file as UTF-8\n");
}

TEST (Job, NamesTheNearestGroupAndKey)
{
  EXPECT_EQ (said ("[ filtr x]\nwhere = a\n"), "job.ini:1:3: unknown group kind 'filtr'; did you mean 'filter'?\n");
  EXPECT_EQ (said ("[banana]\n"), "job.ini:1:2: unknown group kind 'banana'; `pipeline stages` lists what there is\n");
  EXPECT_EQ (said ("[filter x]\n  wher = a\n"),
             "job.ini:2:3: unknown key 'wher' in [filter x]; did you mean 'where'?\n");
  EXPECT_EQ (said ("[run]\ncolour = red\n"),
             "job.ini:2:1: unknown key 'colour' in [run]; `pipeline stages run` lists its keys\n");
  EXPECT_EQ (said ("[run]\n\"mode\" = serial\n"),
             "job.ini:2:1: the quoted key \"mode\" means a column, but [run] has none;"
             " write the key without quotes\n");
}

TEST (Job, RefusesRepetition)
{
  EXPECT_EQ (said ("[run]\nworkers = 1\nworkers = 2\n"),
             "job.ini:3:1: key 'workers' is repeated in [run]; it stands in line 2 already\n");
  EXPECT_EQ (said ("[derive x]\na = 1\n[derive  x]\nb = 2\n"),
             "job.ini:3:2: group [derive x] is repeated; it stands in line 1 already\n");
  EXPECT_EQ (said ("[run]\n[run]\n"), "job.ini:2:2: group [run] is repeated; it stands in line 1 already\n");
  EXPECT_EQ (said ("[derive x]\ninput = x\n\"input\" = a\n"), "") << "a key and a column of one name are two things";
}

TEST (Job, MissesRequiredKeys)
{
  EXPECT_EQ (said ("[source a]\npath = x\n[filter f]\n"), "job.ini:3:1: [filter f] needs the key 'where'\n");
}

TEST (Job, ReportsEverythingInOneGoByLine)
{
  JobTest test ("[source a]\n"
                "pth = ${dya}.csv\n"
                "[filtre b]\n"
                "where = x\n"
                "[sink c]\n"
                "path = ${dya}.csv\n"
                "oops\n"
                "[vars]\n"
                "day = 1\n");
  EXPECT_EQ (test.said (), "job.ini:2:1: unknown key 'pth' in [source a]; did you mean 'path'?\n"
                           "job.ini:3:2: unknown group kind 'filtre'; did you mean 'filter'?\n"
                           "job.ini:6:8: unknown variable 'dya'; did you mean 'day'?\n"
                           "    ${dya}.csv\n"
                           "    ^\n"
                           "job.ini:7:1: expected 'key = value', a [group] or a # comment\n");
}

TEST (Job, SurvivesTheWire)
{
  JobTest test ("[job]\nname = x\n[source a]\npath = ä.csv\n[derive d]\n\"a = b\" = 1\n[filtr]\n", {"run.workers=3"});
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_job_save (test.job, &buffer);
  PlCursor cursor = {reinterpret_cast<guint8 *> (buffer.data), buffer.length, 0, FALSE};
  JobTest copy ("");
  pl_job_free (copy.job);
  copy.job = pl_job_load_saved (&cursor);
  ASSERT_NE (copy.job, nullptr);
  EXPECT_EQ (cursor.offset, buffer.length);
  EXPECT_EQ (copy.written (), test.written ());
  EXPECT_STREQ (copy.job->name, "x");
  EXPECT_STREQ (copy.job->path, "job.ini");
  EXPECT_STREQ (copy.job->folder, "folder");
  EXPECT_TRUE (static_cast<PlSettings *> (g_ptr_array_index (copy.job->groups, 3))->faulty);
  for (gsize length = 0; length < buffer.length; length++)
    {
      PlCursor cut = {reinterpret_cast<guint8 *> (buffer.data), length, 0, FALSE};
      EXPECT_EQ (pl_job_load_saved (&cut), nullptr) << length;
      EXPECT_TRUE (cut.failed);
    }
}

TEST (Job, IsLoadedFromAFile)
{
  g_autofree char *folder = g_dir_make_tmp ("job-XXXXXX", nullptr);
  std::string path = std::string (folder) + "/nightly.v2.ini";
  std::ofstream (path) << "[source a]\npath = x.csv\n";
  g_autoptr (PlIssues) issues = pl_issues_new ();
  g_autoptr (PlJob) job = pl_job_load (path.c_str (), nullptr, issues, nullptr);
  ASSERT_NE (job, nullptr);
  EXPECT_STREQ (job->name, "nightly.v2");
  EXPECT_STREQ (job->folder, folder);
  EXPECT_EQ (remove (path.c_str ()), 0);

  GError *error = nullptr;
  EXPECT_EQ (pl_job_load (path.c_str (), nullptr, issues, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND));
  EXPECT_EQ (std::string (error->message), "cannot open the job file '" + path + "': No such file or directory");
  g_clear_error (&error);
  EXPECT_EQ (pl_job_load (folder, nullptr, issues, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, PL_IO_ERROR, PL_IO_ERROR_OPEN));
  EXPECT_EQ (std::string (error->message), "cannot read the job file '" + std::string (folder) + "': Is a directory");
  g_clear_error (&error);
  EXPECT_EQ (rmdir (folder), 0);
}

TEST (Job, RefusesToSwallowDataFiles)
{
  GError *error = nullptr;
  g_autoptr (PlIssues) issues = pl_issues_new ();
  EXPECT_EQ (pl_job_load ("/dev/zero", nullptr, issues, &error), nullptr);
  EXPECT_STREQ (error->message, "'/dev/zero' is larger than 16 MiB: that is no job file");
  g_clear_error (&error);
}

} // namespace
