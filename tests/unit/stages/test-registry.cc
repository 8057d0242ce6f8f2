// Whatever is registered is documented: stages, aggregates and functions alike.
#include "harness.hh"
#include "../../../stages/aggregates/aggregate.h"
#include "../../../stages/functions/registry.h"
#include "../../../stages/aggregates/registry.h"
#include "../../../stages/stage.h"
#include "../../../pipeline/base/settings.h"
#include <vector>

static bool
is_sentence (const char *text)
{
  return text != NULL && strlen (text) > 8 && g_ascii_isupper (*text) && text[strlen (text) - 1] != '.';
}

TEST (Registry, StagesAreSortedAndDocumented)
{
  const PlStage *const *stages = pl_stages ();
  ASSERT_NE (stages[0], nullptr);
  for (guint i = 0; stages[i] != NULL; i++)
    {
      const PlStage *stage = stages[i];
      SCOPED_TRACE (stage->name);
      if (i > 0)
        {
          EXPECT_LT (strcmp (stages[i - 1]->name, stage->name), 0);
        }
      EXPECT_EQ (pl_stage_find (stage->name), stage);
      EXPECT_TRUE (is_sentence (stage->summary));
      ASSERT_NE (stage->description, nullptr);
      EXPECT_GT (strlen (stage->description), 80u);
      ASSERT_NE (stage->example, nullptr);
      EXPECT_TRUE (g_str_has_prefix (stage->example, (std::string ("[") + stage->name + " ").c_str ()));
      EXPECT_NE (stage->configure != nullptr, stage->configure_inputs != nullptr);
      EXPECT_NE (stage->config_free, nullptr);
      EXPECT_NE (stage->require, nullptr);
      ASSERT_NE (stage->keys, nullptr);
      for (const PlSettingKey *key = stage->keys; key->name != NULL; key++)
        {
          EXPECT_NE (key->type, nullptr) << key->name;
          EXPECT_TRUE (is_sentence (key->summary)) << key->name;
        }
      if (stage->map != NULL)
        {
          EXPECT_NE (stage->map->process != nullptr, stage->map->expand != nullptr);
        }
      else
        {
          EXPECT_NE (stage->reduce->consume, nullptr);
          EXPECT_NE (stage->reduce->save, nullptr);
          EXPECT_NE (stage->reduce->load, nullptr);
          EXPECT_NE (stage->reduce->finish, nullptr);
        }
    }
}

TEST (Registry, UnknownStagesAreNotFound)
{
  EXPECT_EQ (pl_stage_find ("sorted"), nullptr);
}

TEST (Registry, AggregatesAreDocumented)
{
  for (const PlAggregate *const *a = pl_aggregates (); *a != NULL; a++)
    {
      SCOPED_TRACE ((*a)->name);
      EXPECT_TRUE (is_sentence ((*a)->summary)) << (*a)->summary;
      EXPECT_TRUE (g_str_has_prefix ((*a)->signature, (*a)->name));
      ASSERT_NE ((*a)->example, nullptr);
      EXPECT_NE (strstr ((*a)->example, (*a)->name), nullptr);
      EXPECT_EQ (pl_aggregate_find ((*a)->name), *a);
      EXPECT_LE ((*a)->min_args, (*a)->max_args);
    }
}

TEST (Registry, FunctionsAreDocumented)
{
  for (const PlFunction *const *f = pl_functions (); *f != NULL; f++)
    {
      SCOPED_TRACE ((*f)->name);
      ASSERT_NE ((*f)->summary, nullptr);
      EXPECT_FALSE (g_str_has_suffix ((*f)->summary, ".")) << (*f)->summary;
      EXPECT_TRUE (g_str_has_prefix ((*f)->signature, (*f)->name));
      ASSERT_NE ((*f)->example, nullptr);
      EXPECT_NE (strstr ((*f)->example, (*f)->name), nullptr);
      EXPECT_EQ (pl_function_table ()->find ((*f)->name), *f);
    }
}

// A state that is cut short anywhere is refused and never read past its end.
TEST (Registry, CutOffStatesAreRefused)
{
  const struct
  {
    const char *kind;
    std::vector<std::pair<const char *, const char *> > settings;
  } cases[] = {
      {"group-by", {{"by", "s; x"}, {"order", "appearance"}, {"n", "count()"}, {"t", "sum(x)"}}},
      {"sort", {{"by", "s; x desc"}}},
      {"distinct", {{"by", "s"}}},
      {"top-k", {{"by", "s"}, {"sort", "x"}, {"k", "2"}}},
      {"limit", {{"rows", "3"}}},
  };
  for (const auto &c : cases)
    {
      SCOPED_TRACE (c.kind);
      const PlStage *stage = pl_stage_find (c.kind);
      PlArena *arena = pl_arena_new ();
      PlIssues *problems = pl_issues_new ();
      PlSettings *settings = pl_settings_new (c.kind, "x", "job.ini", 1);
      for (const auto &[key, value] : c.settings)
        pl_settings_add (settings, key, FALSE, value, "job.ini", 2, 1);
      PlSchema *schema, *output;
      PlBatch *batch = pl_harness_batch ("s,x:int\na-text-longer-than-twelve,1\nb,2\n,3\nb,\n", &schema, arena);
      gpointer config = stage->configure (settings, schema, &output, problems);
      ASSERT_NE (config, nullptr);
      gpointer state = stage->state_new (config);
      ASSERT_TRUE (stage->reduce->consume (config, state, batch, NULL));
      PlBuffer buffer = PL_BUFFER_INIT;
      stage->reduce->save (config, state, &buffer);
      for (gsize length = 0; length < buffer.length; length++)
        {
          g_autofree guint8 *bytes = (guint8 *) g_memdup2 (buffer.data, length);
          PlCursor cursor = {bytes, length, 0, FALSE};
          gpointer loaded = stage->reduce->load (config, &cursor);
          EXPECT_EQ (loaded, nullptr) << length;
          EXPECT_TRUE (cursor.failed);
          stage->state_free (loaded);
        }
      pl_buffer_clear (&buffer);
      stage->state_free (state);
      stage->config_free (config);
      pl_schema_unref (output);
      pl_schema_unref (schema);
      pl_settings_free (settings);
      pl_issues_free (problems);
      pl_arena_free (arena);
    }
}
