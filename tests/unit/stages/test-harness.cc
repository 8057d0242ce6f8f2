// The harness says of mistakes what the program says: message, line and column.
#include "harness.hh"
#include <glib/gstdio.h>

// The issues of `pipeline check` for the same group, whose heading is line 1 there, too, without file and caret lines.
static std::string
checked (const char *kind, const std::string &settings, const std::string &header)
{
  g_autofree char *folder = g_dir_make_tmp ("pipeline-harness-XXXXXX", NULL);
  g_autofree char *job = g_build_filename (folder, "job.ini", NULL), *data = g_build_filename (folder, "in.csv", NULL);
  const std::string text
      = std::string ("[") + kind + " x]\n" + settings
        + "\ninput = in\n[source in]\npath = in.csv\ninfer = false\n[sink out]\ninput = x\npath = -\n";
  g_autofree char *errors = NULL;
  std::string found;
  EXPECT_TRUE (g_file_set_contents (job, text.c_str (), -1, NULL));
  EXPECT_TRUE (g_file_set_contents (data, (header + "\n").c_str (), -1, NULL));
  const char *arguments[] = {g_getenv ("PIPELINE_PROGRAM"), "check", job, NULL};
  EXPECT_TRUE (g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &errors,
                             NULL, NULL));
  g_auto (GStrv) lines = g_strsplit (errors, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (const char *place = strstr (*line, "job.ini:"))
      found += std::string (place + strlen ("job.ini:")) + "\n";
  g_remove (job);
  g_remove (data);
  g_rmdir (folder);
  return found;
}

TEST (Harness, NamesMistakesWhereTheProgramDoes)
{
  const struct
  {
    const char *kind, *settings;
  } mistakes[] = {
      {"sort", "by = a; dely desc"},
      {"sort", "   by   =\ta;; b  "},
      {"sort", ""},
      {"derive", "\n# a comment\n\"odd = name\" = delay +\nc = 'é' || dely\n"},
      {"derive", "a = ünknown(1)\nb = 1 +"},
      {"limit", "rows = ten\noffset = -1"},
      {"limit", "row = 1"},
      {"limit", "rows = 1\nrows = 2"},
      {"filter", "where = a + 1\nwhat is this"},
      {"group-by", "by = a\nn = sum(delay) + other"},
      {"select", "columns = a; b as a"},
      {"row-number", "as = delay\nstart = one\nby = a; nothing"},
      {"tail", "rows = all"},
      {"top-k", "sort = \"odd name\"\nk = 0"},
  };
  for (const auto &mistake : mistakes)
    {
      const std::string ours = issues (mistake.kind, mistake.settings, "a,b,delay");
      EXPECT_NE (ours, "");
      EXPECT_EQ (ours, checked (mistake.kind, mistake.settings, "a,b,delay")) << mistake.kind;
    }
}
