/* Groups → graph: who takes whose rows.
 *
 * Each stage and sink has one input: the source or stage above it in the file, or the one that `input` names. So every
 * walk against the flow is a path, and a circle is a path that meets itself. */
#include <string.h>

#include "../base/seed.h"
#include "../base/suggest.h"
#include "job-private.h"
#include "plan-private.h"

static void
draft_free (gpointer data)
{
  PlDraft *draft = data;
  g_free (draft->label);
  g_free (draft);
}

static const char *
name_of (const PlDraft *draft)
{
  return draft->group == NULL ? "" : draft->group->name;
}

/* What is shown of a draft in a path. */
static const char *
short_name (const PlDraft *draft)
{
  return name_of (draft)[0] != '\0' ? name_of (draft) : draft->label;
}

static GPtrArray *
collect (const PlJob *job)
{
  GPtrArray *drafts = g_ptr_array_new_with_free_func (draft_free);
  guint n_sources = 0;
  for (guint i = 0; i < job->groups->len; i++)
    {
      const PlSettings *group = g_ptr_array_index (job->groups, i);
      if (pl_kind_is_single (group->kind))
        continue;
      PlDraft *draft = g_new0 (PlDraft, 1);
      draft->group = group;
      draft->label = pl_settings_label (group);
      draft->faulty = group->faulty;
      draft->kind = PL_NODE_STAGE;
      if (strcmp (group->kind, "sink") == 0)
        draft->kind = PL_NODE_SINK;
      else if (strcmp (group->kind, "source") == 0)
        {
          draft->kind = PL_NODE_SOURCE;
          draft->source = n_sources++;
        }
      g_ptr_array_add (drafts, draft);
    }
  return drafts;
}

/* Returns: (transfer full): the names of sinks, or of everything else → the first PlDraft of that name. */
static GHashTable *
index_names (const GPtrArray *drafts, gboolean sinks)
{
  GHashTable *named = g_hash_table_new (pl_name_hash, g_str_equal);
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      if ((draft->kind == PL_NODE_SINK) == sinks && name_of (draft)[0] != '\0'
          && !g_hash_table_contains (named, name_of (draft)))
        g_hash_table_insert (named, (gpointer) name_of (draft), draft);
    }
  return named;
}

/* Sources and stages are named by `input`: a name must mean one of them. */
static void
check_names (const GPtrArray *drafts, GHashTable *named, PlIssues *issues)
{
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      const PlDraft *other = draft->kind != PL_NODE_SINK ? g_hash_table_lookup (named, name_of (draft)) : NULL;
      if (other == NULL || other == draft)
        continue;
      pl_issues_add (issues, draft->group, NULL, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                     "the name '%s' is taken by [%s] in line %u; sources and stages need different names",
                     name_of (draft), other->label, other->group->line);
      draft->faulty = TRUE;
    }
}

static void
report_input (const GPtrArray *drafts, GHashTable *sinks, const PlDraft *draft, const PlSetting *setting,
              PlIssues *issues)
{
  if (g_hash_table_contains (sinks, setting->value))
    {
      pl_issues_add (issues, draft->group, setting, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                     "[sink %s] gives no rows; input names a source or a stage", setting->value);
      return;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < drafts->len && !pl_issues_are_enough (issues); i++)
    {
      const PlDraft *other = g_ptr_array_index (drafts, i);
      if (other != draft && other->kind != PL_NODE_SINK && name_of (other)[0] != '\0')
        g_ptr_array_add (names, (gpointer) name_of (other));
    }
  g_ptr_array_add (names, NULL);
  const char *nearest = pl_suggest (setting->value, (const char *const *) names->pdata);
  if (nearest != NULL)
    pl_issues_add (issues, draft->group, setting, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                   "no source or stage is named '%s'; did you mean '%s'?", setting->value, nearest);
  else
    pl_issues_add (issues, draft->group, setting, G_MAXUINT, PL_JOB_ERROR_UNKNOWN_NAME,
                   "no source or stage is named '%s'", setting->value);
}

static void
connect_all (const GPtrArray *drafts, GHashTable *named, PlIssues *issues)
{
  g_autoptr (GHashTable) sinks = index_names (drafts, TRUE);
  PlDraft *above = NULL;
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      const PlSetting *setting = pl_settings_find (draft->group, "input");
      if (draft->kind != PL_NODE_SOURCE && setting != NULL)
        {
          draft->input = g_hash_table_lookup (named, setting->value);
          if (draft->input == NULL)
            report_input (drafts, sinks, draft, setting, issues);
        }
      else if (draft->kind != PL_NODE_SOURCE)
        {
          draft->input = above;
          if (above == NULL && draft->group->kind[0] != '\0')
            pl_issues_add (issues, draft->group, NULL, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                           "nothing stands above [%s]; put a [source] there, or say what it reads with input = NAME",
                           draft->label);
        }
      if (draft->kind != PL_NODE_SOURCE && draft->input == NULL)
        draft->faulty = TRUE;
      if (draft->kind != PL_NODE_SINK)
        above = draft;
    }
}

/* Reports the circle that @draft is on, in the direction of the rows, and opens it. */
static void
report_cycle (PlDraft *draft, PlIssues *issues)
{
  PlDraft *first = NULL;
  /* The group to blame is the topmost one of the circle that says input = …: without such a key there is no circle. */
  PlDraft *member = draft;
  do
    {
      if (pl_settings_find (member->group, "input") != NULL
          && (first == NULL || member->group->line < first->group->line))
        first = member;
      member = member->input;
    }
  while (member != draft);
  g_autoptr (GPtrArray) members = g_ptr_array_new ();
  GString *path = g_string_new (short_name (first));
  member = first;
  do
    {
      PlDraft *input = member->input;
      g_ptr_array_add (members, input);
      member->faulty = TRUE;
      member->input = NULL;
      member = input;
    }
  while (member != first);
  for (guint i = members->len - 1; i > 0; i--)
    g_string_append_printf (path, " → %s", short_name (g_ptr_array_index (members, i - 1)));
  g_string_append_printf (path, " → %s", short_name (first));
  pl_issues_add (issues, first->group, pl_settings_find (first->group, "input"), G_MAXUINT, PL_JOB_ERROR_GRAPH,
                 "cycle: %s", path->str);
  g_string_free (path, TRUE);
}

static void
find_cycles (const GPtrArray *drafts, PlIssues *issues)
{
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      while (draft != NULL && draft->mark == 0)
        {
          draft->mark = i + 1;
          draft = draft->input;
        }
      if (draft != NULL && draft->mark == i + 1)
        report_cycle (draft, issues);
    }
}

/* Without any [sink], the last stage that nothing reads prints. */
static void
add_implied_sink (GPtrArray *drafts)
{
  PlDraft *last = NULL;
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      if (draft->kind == PL_NODE_SINK)
        return;
      if (!draft->consumed)
        last = draft;
    }
  if (last == NULL)
    return;
  PlDraft *sink = g_new0 (PlDraft, 1);
  sink->kind = PL_NODE_SINK;
  sink->label = g_strdup ("sink");
  sink->input = last;
  last->consumed = TRUE;
  g_ptr_array_add (drafts, sink);
}

/* What reaches no sink is left out of the plan, and said so. */
static void
mark_live (const GPtrArray *drafts, PlIssues *issues)
{
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      if (draft->kind == PL_NODE_SINK)
        for (; draft != NULL && !draft->live; draft = draft->input)
          draft->live = TRUE;
    }
  for (guint i = 0; i < drafts->len && pl_issues_n_errors (issues) == 0; i++)
    {
      const PlDraft *draft = g_ptr_array_index (drafts, i);
      if (draft->kind == PL_NODE_SOURCE && !draft->consumed)
        pl_issues_warn (issues, draft->group, NULL, "nothing reads [%s]", draft->label);
      else if (draft->kind == PL_NODE_STAGE && !draft->consumed)
        pl_issues_warn (issues, draft->group, NULL, "the rows of [%s] go nowhere; add a [sink] for them", draft->label);
    }
}

static void
emit (GPtrArray *sorted, PlDraft *draft)
{
  GPtrArray *path = g_ptr_array_new ();
  for (; draft != NULL && draft->mark != G_MAXUINT; draft = draft->input)
    {
      draft->mark = G_MAXUINT;
      g_ptr_array_add (path, draft);
    }
  for (guint i = path->len; i > 0; i--)
    g_ptr_array_add (sorted, g_ptr_array_index (path, i - 1));
  g_ptr_array_unref (path);
}

/* Inputs first; otherwise as written. */
static GPtrArray *
sort (GPtrArray *drafts)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func (draft_free);
  for (guint i = 0; i < drafts->len; i++)
    emit (sorted, g_ptr_array_index (drafts, i));
  g_ptr_array_set_free_func (drafts, NULL);
  g_ptr_array_unref (drafts);
  return sorted;
}

GPtrArray *
pl_graph_build (const PlJob *job, PlIssues *issues)
{
  GPtrArray *drafts = collect (job);
  gboolean has_source = FALSE;
  for (guint i = 0; i < drafts->len; i++)
    {
      const PlDraft *draft = g_ptr_array_index (drafts, i);
      has_source |= draft->kind == PL_NODE_SOURCE || draft->group->kind[0] == '\0';
    }
  if (!has_source)
    {
      PlSettings job_as_a_whole = {.origin = job->path};
      pl_issues_add (issues, &job_as_a_whole, NULL, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                     "the job has no [source]; write [source NAME] and path = FILE");
      g_ptr_array_set_size (drafts, 0);
      return drafts;
    }
  g_autoptr (GHashTable) named = index_names (drafts, FALSE);
  check_names (drafts, named, issues);
  connect_all (drafts, named, issues);
  find_cycles (drafts, issues);
  for (guint i = 0; i < drafts->len; i++)
    {
      const PlDraft *draft = g_ptr_array_index (drafts, i);
      if (draft->input != NULL)
        draft->input->consumed = TRUE;
    }
  add_implied_sink (drafts);
  mark_live (drafts, issues);
  return sort (drafts);
}
