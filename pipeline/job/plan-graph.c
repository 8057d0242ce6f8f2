/* Groups → graph: who takes whose rows.
 *
 * Each sink and nearly every stage has one input: the source or stage above it in the file, or the one that `input`
 * names. Stages that put rows together have several, named by `inputs`. Walks go against the flow, depth first and
 * without recursion: jobs may be long. */
#include "plan-graph.h"
#include <string.h>

#include "../base/seed.h"
#include "../base/suggest.h"
#include "keys.h"

static void
draft_free (gpointer data)
{
  PlDraft *draft = data;
  g_free (draft->label);
  g_free (draft->inputs);
  g_free (draft);
}

static const char *
name_of (const PlDraft *draft)
{
  return draft->group == NULL || draft->build_key != NULL ? "" : draft->group->name;
}

/* What is shown of a draft in a path. */
static const char *
short_name (const PlDraft *draft)
{
  return name_of (draft)[0] != '\0' ? name_of (draft) : draft->label;
}

/* Adds the input that @draft asks, in front of it: a draft of its own. */
static void
add_asked (GPtrArray *drafts, PlDraft *draft, const PlBuildInput *build)
{
  PlDraft *asked = g_new0 (PlDraft, 1);
  asked->group = draft->group;
  asked->label = g_strdup_printf ("%s, %s", draft->label, build->key);
  asked->faulty = draft->faulty;
  asked->kind = PL_NODE_STAGE;
  asked->build_key = build->key;
  draft->asks = asked;
  g_ptr_array_add (drafts, asked);
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
      else
        {
          const PlStage *stage = pl_stage_find (group->kind);
          draft->takes_several = stage != NULL && stage->configure_inputs != NULL && stage->build == NULL;
          if (stage != NULL && stage->build != NULL)
            add_asked (drafts, draft, stage->build);
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

/* The key that names the inputs of @draft. Returns: (nullable): its setting. */
static const PlSetting *
find_input_setting (const PlDraft *draft)
{
  const char *key = draft->build_key != NULL ? draft->build_key : draft->takes_several ? "inputs" : "input";
  return draft->group != NULL ? pl_settings_find (draft->group, key) : NULL;
}

static void
add_input (PlDraft *draft, PlDraft *input)
{
  draft->inputs = g_renew (PlDraft *, draft->inputs, draft->n_inputs + 1);
  draft->inputs[draft->n_inputs++] = input;
}

/* Reports that no source or stage has @name, which stands @offset characters into @setting. */
static void
report_input (const GPtrArray *drafts, GHashTable *sinks, const PlDraft *draft, const PlSetting *setting, guint offset,
              const char *name, PlIssues *issues)
{
  if (g_hash_table_contains (sinks, name))
    {
      pl_issues_add (issues, draft->group, setting, offset, PL_JOB_ERROR_GRAPH, "[sink %s] gives no rows; %s names %s",
                     name, setting->key, draft->takes_several ? "sources and stages" : "a source or a stage");
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
  const char *nearest = pl_suggest (name, (const char *const *) names->pdata);
  if (nearest != NULL)
    pl_issues_add (issues, draft->group, setting, offset, PL_JOB_ERROR_UNKNOWN_NAME,
                   "no source or stage is named '%s'; did you mean '%s'?", name, nearest);
  else
    pl_issues_add (issues, draft->group, setting, offset, PL_JOB_ERROR_UNKNOWN_NAME, "no source or stage is named '%s'",
                   name);
}

static void
connect_one (const GPtrArray *drafts, GHashTable *named, GHashTable *sinks, PlDraft *draft, PlDraft *above,
             PlIssues *issues)
{
  const PlSetting *setting = find_input_setting (draft);
  PlDraft *input = setting != NULL ? g_hash_table_lookup (named, setting->value) : above;
  if (input != NULL)
    {
      add_input (draft, input);
      return;
    }
  draft->faulty = TRUE;
  if (setting != NULL)
    report_input (drafts, sinks, draft, setting, G_MAXUINT, setting->value, issues);
  else if (draft->group->kind[0] != '\0' && draft->build_key == NULL)
    pl_issues_add (issues, draft->group, NULL, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                   "nothing stands above [%s]; put a [source] there, or say what it reads with input = NAME",
                   draft->label);
}

static void
connect_several (const GPtrArray *drafts, GHashTable *named, GHashTable *sinks, PlDraft *draft, PlIssues *issues)
{
  const PlSetting *setting = find_input_setting (draft);
  g_autoptr (GPtrArray) items = setting != NULL ? pl_items_split (setting->value, ';') : NULL;
  g_autoptr (GHashTable) taken = g_hash_table_new (NULL, NULL);
  if (items == NULL || items->len == 0)
    {
      pl_issues_add (issues, draft->group, setting, G_MAXUINT, PL_JOB_ERROR_GRAPH,
                     "[%s] takes its rows from several; name the sources and stages: inputs = a; b", draft->label);
      draft->faulty = TRUE;
      return;
    }
  for (guint i = 0; i < items->len && !pl_issues_are_enough (issues); i++)
    {
      const PlItem *item = g_ptr_array_index (items, i);
      g_autofree char *name = pl_item_unquote (item->text);
      PlDraft *input = g_hash_table_lookup (named, name);
      if (input == NULL)
        report_input (drafts, sinks, draft, setting, item->offset, name, issues);
      else if (!g_hash_table_add (taken, input))
        pl_issues_add (issues, draft->group, setting, item->offset, PL_JOB_ERROR_GRAPH,
                       "'%s' stands twice in inputs; its rows are taken once", name);
      else
        {
          add_input (draft, input);
          continue;
        }
      draft->faulty = TRUE;
    }
}

static void
connect_all (const GPtrArray *drafts, GHashTable *named, PlIssues *issues)
{
  g_autoptr (GHashTable) sinks = index_names (drafts, TRUE);
  PlDraft *above = NULL;
  for (guint i = 0; i < drafts->len; i++)
    {
      PlDraft *draft = g_ptr_array_index (drafts, i);
      if (draft->takes_several)
        connect_several (drafts, named, sinks, draft, issues);
      else if (draft->build_key != NULL)
        connect_one (drafts, named, sinks, draft, NULL, issues);
      else if (draft->kind != PL_NODE_SOURCE)
        connect_one (drafts, named, sinks, draft, above, issues);
      if (draft->asks != NULL)
        {
          add_input (draft, draft->asks);
          draft->faulty |= draft->asks->faulty;
        }
      if (draft->kind != PL_NODE_SINK && draft->build_key == NULL)
        above = draft;
    }
}

/* Reports the circle of @members (element-type PlDraft), each of which takes the rows of the one behind it, the last
 * those of the first. */
static void
report_cycle (const GPtrArray *members, PlIssues *issues)
{
  const guint n = members->len;
  guint blamed = n;
  /* The group to blame is the topmost one of the circle that says input = …: without such a key there is no circle. */
  for (guint i = 0; i < n; i++)
    {
      PlDraft *member = g_ptr_array_index (members, i);
      const PlDraft *input = g_ptr_array_index (members, (i + 1) % n);
      member->faulty = TRUE;
      if (find_input_setting (member) != NULL && input->build_key == NULL
          && (blamed == n || member->group->line < ((PlDraft *) g_ptr_array_index (members, blamed))->group->line))
        blamed = i;
    }
  const PlDraft *first = g_ptr_array_index (members, blamed);
  /* An input that is asked is told as the stage that asks it. */
  const guint start = first->build_key != NULL ? (blamed + n - 1) % n : blamed;
  GString *path = g_string_new (short_name (g_ptr_array_index (members, start)));
  for (guint i = 1; i <= n; i++)
    {
      const PlDraft *member = g_ptr_array_index (members, (start + n - i) % n);
      if (member->build_key == NULL)
        g_string_append_printf (path, " → %s", short_name (member));
    }
  pl_issues_add (issues, first->group, find_input_setting (first), G_MAXUINT, PL_JOB_ERROR_GRAPH, "cycle: %s",
                 path->str);
  g_string_free (path, TRUE);
}

#define ON_THE_WAY 1
#define DONE 2

/* The circle that ends with @draft, which stands on @stack already. */
static void
open_cycle (const GPtrArray *stack, const PlDraft *draft, PlIssues *issues)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new ();
  guint first = stack->len - 1;
  while (g_ptr_array_index (stack, first) != draft)
    first--;
  for (guint i = first; i < stack->len; i++)
    g_ptr_array_add (members, g_ptr_array_index (stack, i));
  report_cycle (members, issues);
  for (guint i = 0; i < members->len; i++)
    {
      PlDraft *member = g_ptr_array_index (members, i);
      member->n_inputs = member->next = 0;
    }
}

/* Adds @draft and what its rows come from to @sorted, inputs first, but for what is there already. Circles are reported
 * and opened. */
static void
emit (GPtrArray *sorted, PlDraft *draft, PlIssues *issues)
{
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();
  if (draft->mark == DONE)
    return;
  draft->mark = ON_THE_WAY;
  g_ptr_array_add (stack, draft);
  while (stack->len > 0)
    {
      PlDraft *top = g_ptr_array_index (stack, stack->len - 1);
      if (top->next == top->n_inputs)
        {
          top->mark = DONE;
          g_ptr_array_add (sorted, top);
          g_ptr_array_set_size (stack, (gint) stack->len - 1);
          continue;
        }
      /* What is asked is read first. */
      PlDraft *input = top->inputs[top->asks != NULL ? top->n_inputs - 1 - top->next : top->next];
      top->next++;
      if (input->mark == ON_THE_WAY)
        open_cycle (stack, input, issues);
      else if (input->mark != DONE)
        {
          input->mark = ON_THE_WAY;
          g_ptr_array_add (stack, input);
        }
    }
}

/* Inputs first; those of several in the order in which they are named, so that rows come in it, and those that are
 * asked before those that ask; otherwise as written. */
static GPtrArray *
sort (GPtrArray *drafts, PlIssues *issues)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func (draft_free);
  for (guint i = 0; i < drafts->len; i++)
    if (((PlDraft *) g_ptr_array_index (drafts, i))->n_inputs > 1)
      emit (sorted, g_ptr_array_index (drafts, i), issues);
  for (guint i = 0; i < drafts->len; i++)
    emit (sorted, g_ptr_array_index (drafts, i), issues);
  g_ptr_array_set_free_func (drafts, NULL);
  g_ptr_array_unref (drafts);
  return sorted;
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
      if (!draft->consumed && draft->build_key == NULL)
        last = draft;
    }
  if (last == NULL)
    return;
  PlDraft *sink = g_new0 (PlDraft, 1);
  sink->kind = PL_NODE_SINK;
  sink->label = g_strdup ("sink");
  add_input (sink, last);
  last->consumed = TRUE;
  g_ptr_array_add (drafts, sink);
}

/* What reaches no sink is left out of the plan, and said so. @sorted: inputs first. */
static void
mark_live (const GPtrArray *sorted)
{
  for (guint i = sorted->len; i-- > 0;)
    {
      PlDraft *draft = g_ptr_array_index (sorted, i);
      draft->live = draft->live || draft->kind == PL_NODE_SINK;
      for (guint k = 0; k < draft->n_inputs && draft->live; k++)
        draft->inputs[k]->live = TRUE;
    }
}

/* Says what goes nowhere, in the order written. */
static void
warn_of_loose_ends (const GPtrArray *drafts, PlIssues *issues)
{
  for (guint i = 0; i < drafts->len && pl_issues_n_errors (issues) == 0; i++)
    {
      const PlDraft *draft = g_ptr_array_index (drafts, i);
      if (draft->kind == PL_NODE_SOURCE && !draft->consumed)
        pl_issues_warn (issues, draft->group, NULL, "nothing reads [%s]", draft->label);
      else if (draft->kind == PL_NODE_STAGE && !draft->consumed && draft->build_key == NULL)
        pl_issues_warn (issues, draft->group, NULL, "the rows of [%s] go nowhere; add a [sink] for them", draft->label);
    }
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
  for (guint i = 0; i < drafts->len; i++)
    {
      const PlDraft *draft = g_ptr_array_index (drafts, i);
      for (guint k = 0; k < draft->n_inputs; k++)
        draft->inputs[k]->consumed = TRUE;
    }
  add_implied_sink (drafts);
  g_autoptr (GPtrArray) written = g_ptr_array_new ();
  g_ptr_array_extend (written, drafts, NULL, NULL);
  GPtrArray *sorted = sort (drafts, issues);
  mark_live (sorted);
  warn_of_loose_ends (written, issues);
  return sorted;
}
