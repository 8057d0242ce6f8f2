/* Jobs from text, and everything said about them, for the tests of this folder. */
#pragma once
#include <gtest/gtest.h>

#include "../../../pipeline/job/plan.h"

struct JobTest
{
  PlIssues *issues = pl_issues_new ();
  PlJob *job = nullptr;
  GPtrArray *sources = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_source_free));
  PlPlan *plan = nullptr;

  explicit JobTest (const std::string &text, std::vector<const char *> sets = {}, std::vector<const char *> vars = {},
                    std::vector<const char *> environment = {}, const char *folder = "folder")
  {
    sets.push_back (nullptr);
    vars.push_back (nullptr);
    environment.push_back (nullptr);
    PlOverrides overrides = {sets.data (), vars.data (), const_cast<GStrv> (environment.data ())};
    job = pl_job_parse (text.data (), text.size (), "job.ini", folder, &overrides, issues);
  }

  JobTest (const JobTest &) = delete;

  ~JobTest ()
  {
    pl_plan_free (plan);
    g_ptr_array_unref (sources);
    pl_job_free (job);
    pl_issues_free (issues);
  }

  /* A source called @name with columns a int, b string, c float, of the one file @path. */
  void
  add_source (const char *name, const char *path)
  {
    PlSource *source = g_new0 (PlSource, 1);
    source->name = g_strdup (name);
    source->schema = pl_schema_new ();
    pl_schema_add (source->schema, "a", PL_TYPE (PL_INT));
    pl_schema_add (source->schema, "b", PL_TYPE (PL_STRING));
    pl_schema_add (source->schema, "c", PL_TYPE (PL_FLOAT));
    source->readings = g_new0 (PlReading, 3);
    source->encoding = g_strdup ("utf-8");
    source->files = g_ptr_array_new ();
    add_file (source, path);
    g_ptr_array_add (sources, source);
  }

  void
  add_file (PlSource *source, const char *path)
  {
    PlSourceFile *file = g_new0 (PlSourceFile, 1);
    file->path = g_strdup (path);
    file->display = g_strdup (path);
    g_ptr_array_add (source->files, file);
  }

  const PlPlan *
  build (gboolean to_terminal = FALSE)
  {
    if (sources->len == 0)
      for (guint i = 0; i < job->groups->len; i++)
        {
          auto group = static_cast<PlSettings *> (g_ptr_array_index (job->groups, i));
          if (strcmp (group->kind, "source") == 0)
            add_source (group->name, pl_settings_get (group, "path", "in.csv"));
        }
    return plan = pl_plan_build (job, sources, to_terminal, issues);
  }

  /* Everything reported, a line each, as users see it. */
  std::string
  said () const
  {
    std::string text;
    const GPtrArray *list = pl_issues_list (issues);
    for (guint i = 0; i < list->len; i++)
      {
        g_autofree char *one = pl_issues_format (static_cast<PlIssue *> (g_ptr_array_index (list, i)));
        text += std::string (one) + "\n";
      }
    return text;
  }

  std::string
  get (const char *kind, const char *key) const
  {
    const PlSettings *group = pl_job_group (job, kind);
    return group == nullptr ? "(no group)" : pl_settings_get (group, key, "(no key)");
  }

  /* "kind name: key=value@line:column …" of every group, in order. */
  std::string
  written () const
  {
    std::string text;
    for (guint i = 0; i < job->groups->len; i++)
      {
        auto group = static_cast<PlSettings *> (g_ptr_array_index (job->groups, i));
        text += std::string (group->kind) + " " + group->name + "@" + std::to_string (group->line);
        for (guint j = 0; j < group->entries->len; j++)
          {
            auto entry = static_cast<PlSetting *> (g_ptr_array_index (group->entries, j));
            text += std::string (" ") + (entry->quoted ? "\"" : "") + entry->key + (entry->quoted ? "\"" : "") + "=<"
                    + entry->value + ">@" + entry->origin + ":" + std::to_string (entry->line) + ":"
                    + std::to_string (entry->column);
          }
        text += "\n";
      }
    return text;
  }
};
