/* Values from the environment and the command line, put over those of the job file.
 *
 * They are applied to the groups as scanned, before variables are replaced, so that ${…} works in them and what they
 * replace is never looked at. Groups with a name must exist; [job], [run] and [vars] are made where they are
 * missing. */
#include "overrides.h"
#include <string.h>

#include "../base/suggest.h"
#include "keys.h"
#include "scan.h"
#include "job.h"
#include "../base/settings.h"

/* A place that is no file. */
static PlSetting
spot_named (const char *origin)
{
  return (PlSetting){.origin = (char *) origin};
}

static PlSettings *
find_single (GPtrArray *groups, const char *kind, const char *origin)
{
  for (guint i = 0; i < groups->len; i++)
    {
      PlSettings *group = g_ptr_array_index (groups, i);
      if (strcmp (group->kind, kind) == 0)
        return group;
    }
  PlSettings *group = pl_settings_new (kind, "", origin, 0);
  g_ptr_array_add (groups, group);
  return group;
}

/* Sets @key, checked, wherever it came from before. Returns: whether it is new. */
static gboolean
set_entry (PlSettings *group, const char *key, gboolean quoted, const char *value, const char *origin, PlIssues *issues)
{
  PlSetting spot = spot_named (origin);
  if (!pl_kind_check_key (group, key, quoted, &spot, issues))
    {
      group->faulty = TRUE;
      return FALSE;
    }
  g_autofree char *stripped = g_strstrip (g_strdup (value));
  PlSetting *entry = pl_settings_find_entry (group, key, quoted);
  if (entry != NULL)
    {
      g_free (entry->value);
      g_free (entry->origin);
      entry->value = g_steal_pointer (&stripped);
      entry->origin = g_strdup (origin);
      entry->line = entry->column = 0;
      return FALSE;
    }
  pl_settings_add (group, key, quoted, stripped, origin, 0, 0);
  return TRUE;
}

/* --set: "GROUP.KEY=VALUE" cut up. */
typedef struct
{
  char *group; /* "run", "source flights" */
  char *key;
  gboolean quoted;
  char *value;
} Assignment;

static void
assignment_clear (Assignment *assignment)
{
  g_free (assignment->group);
  g_free (assignment->key);
  g_free (assignment->value);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Assignment, assignment_clear)

/* The key starts behind the last '.' in front of '=', or behind the first '."'. */
static gboolean
parse_assignment (const char *text, Assignment *assignment)
{
  const char *equals = strchr (text, '='), *quote = strstr (text, ".\""), *dot = NULL;
  if (quote != NULL && (equals == NULL || quote < equals))
    dot = quote;
  else
    for (const char *p = text; equals != NULL && p < equals; p++)
      if (*p == '.')
        dot = p;
  if (dot == NULL)
    return FALSE;
  const char *end;
  assignment->key = pl_key_scan (dot + 1, &assignment->quoted, &end);
  if (assignment->key == NULL || assignment->key[0] == '\0' || *end != '=')
    return FALSE;
  assignment->group = g_strstrip (g_strndup (text, (gsize) (dot - text)));
  assignment->value = g_strdup (end + 1);
  return assignment->group[0] != '\0';
}

/* The labels of all groups that an override may name; ended by NULL. */
static GPtrArray *
group_labels (const GPtrArray *groups)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < groups->len; i++)
    {
      const PlSettings *group = g_ptr_array_index (groups, i);
      if (group->kind[0] != '\0')
        g_ptr_array_add (labels, pl_settings_label (group));
    }
  g_ptr_array_add (labels, NULL);
  return labels;
}

/* The group that "kind name", or "kind" alone, means; reports at @spot when there is none or more than one. */
static PlSettings *
resolve_group (GPtrArray *groups, const char *text, const PlSetting *spot, PlIssues *issues)
{
  if (pl_kind_is_single (text))
    return find_single (groups, text, spot->origin);
  PlSettings *only = NULL;
  gboolean several = FALSE;
  for (guint i = 0; i < groups->len; i++)
    {
      PlSettings *group = g_ptr_array_index (groups, i);
      g_autofree char *label = pl_settings_label (group);
      if (strcmp (label, text) == 0)
        return group;
      if (strcmp (group->kind, text) == 0)
        {
          several = only != NULL;
          only = group;
        }
    }
  if (only != NULL && !several)
    return only;
  if (several)
    {
      g_autofree char *label = pl_settings_label (only);
      pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_USAGE,
                     "there are several [%s …] groups; say which, as in '%s.KEY=VALUE'", text, label);
      return NULL;
    }
  g_autoptr (GPtrArray) labels = group_labels (groups);
  const char *nearest = pl_suggest (text, (const char *const *) labels->pdata);
  if (nearest != NULL)
    pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_USAGE, "the job has no group [%s]; did you mean [%s]?",
                   text, nearest);
  else
    pl_issues_add (issues, NULL, spot, G_MAXUINT, PL_JOB_ERROR_USAGE, "the job has no group [%s]", text);
  return NULL;
}

static void
apply_set (GPtrArray *groups, const char *text, PlIssues *issues)
{
  g_auto (Assignment) assignment = {0};
  if (!parse_assignment (text, &assignment))
    {
      PlSetting spot = spot_named ("--set");
      pl_issues_add (issues, NULL, &spot, G_MAXUINT, PL_JOB_ERROR_USAGE,
                     "'%s' is not GROUP.KEY=VALUE, as in run.workers=4", text);
      return;
    }
  g_autofree char *origin
      = g_strdup_printf (assignment.quoted ? "--set %s.\"%s\"" : "--set %s.%s", assignment.group, assignment.key);
  PlSetting spot = spot_named (origin);
  PlSettings *group = resolve_group (groups, assignment.group, &spot, issues);
  if (group != NULL)
    set_entry (group, assignment.key, assignment.quoted, assignment.value, origin, issues);
}

static void
apply_var (GPtrArray *groups, const char *text, GPtrArray *undeclared, PlIssues *issues)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals != NULL ? g_strstrip (g_strndup (text, (gsize) (equals - text))) : NULL;
  if (name == NULL || name[0] == '\0')
    {
      PlSetting spot = spot_named ("--var");
      pl_issues_add (issues, NULL, &spot, G_MAXUINT, PL_JOB_ERROR_USAGE, "'%s' is not NAME=VALUE, as in day=2001-01-31",
                     text);
      return;
    }
  g_autofree char *origin = g_strconcat ("--var ", name, NULL);
  if (set_entry (find_single (groups, "vars", origin), name, FALSE, equals + 1, origin, issues))
    g_ptr_array_add (undeclared, g_steal_pointer (&name));
}

/* "PIPELINE_SOURCE_FLIGHTS_BLOCK_SIZE": capitals, everything but letters and digits an underscore. */
static char *
environment_name (const PlSettings *group, const char *key)
{
  GString *name = g_string_new ("PIPELINE_");
  g_string_append (name, group->kind);
  g_string_append_c (name, '_');
  if (group->name[0] != '\0')
    g_string_append_printf (name, "%s_", group->name);
  g_string_append (name, key);
  for (gsize i = 0; i < name->len; i++)
    name->str[i] = g_ascii_isalnum (name->str[i]) ? g_ascii_toupper (name->str[i]) : '_';
  return g_string_free (name, FALSE);
}

/* The names that variables may have, for all groups at once: a variable is looked up in them, not tried on each. */
typedef struct
{
  GHashTable *meanings; /* name → Meaning */
  GPtrArray *known;     /* (unowned) the names of documented keys */
  GPtrArray *groups;    /* of char *: what the names of each group begin with */
} Names;

typedef struct
{
  PlSettings *group;
  char *key;
  gboolean quoted;
} Meaning;

static void
meaning_free (gpointer data)
{
  g_free (((Meaning *) data)->key);
  g_free (data);
}

/* Of several meanings the first counts. Returns: (transfer none): the name, as the table has it. */
static const char *
add_meaning (Names *names, PlSettings *group, const char *key, gboolean quoted)
{
  char *name = environment_name (group, key);
  gpointer present;
  if (g_hash_table_lookup_extended (names->meanings, name, &present, NULL))
    {
      g_free (name);
      return present;
    }
  Meaning *meaning = g_new (Meaning, 1);
  *meaning = (Meaning){group, g_strdup (key), quoted};
  g_hash_table_insert (names->meanings, name, meaning);
  return name;
}

static void
add_group_names (Names *names, PlSettings *group)
{
  for (guint i = 0; i < group->entries->len; i++)
    {
      const PlSetting *entry = g_ptr_array_index (group->entries, i);
      add_meaning (names, group, entry->key, entry->quoted);
    }
  g_ptr_array_add (names->groups, environment_name (group, ""));
  g_autofree const char **keys = pl_kind_key_names (group->kind);
  for (gsize i = 0; keys[i] != NULL; i++)
    g_ptr_array_add (names->known, (gpointer) add_meaning (names, group, keys[i], FALSE));
}

/* [run] and [job] come first, and are made when a variable is about them. */
static Names
collect_names (GPtrArray *groups, const char *const *environment)
{
  const char *const singles[] = {"PIPELINE_RUN_", "PIPELINE_JOB_"};
  const char *const kinds[] = {"run", "job"};
  Names names = {g_hash_table_new_full (g_str_hash, g_str_equal, g_free, meaning_free), g_ptr_array_new (),
                 g_ptr_array_new_with_free_func (g_free)};
  for (gsize k = 0; k < G_N_ELEMENTS (singles); k++)
    for (gsize i = 0; environment[i] != NULL; i++)
      if (g_str_has_prefix (environment[i], singles[k]))
        {
          g_autofree char *origin = g_strndup (environment[i], strcspn (environment[i], "="));
          add_group_names (&names, find_single (groups, kinds[k], origin));
          break;
        }
  for (guint i = 0; i < groups->len; i++)
    add_group_names (&names, g_ptr_array_index (groups, i));
  return names;
}

/* Returns: (nullable): the key that @name nearly is, of the groups that it names. */
static const char *
suggest_key (const Names *names, const char *name)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  for (guint g = 0; g < names->groups->len; g++)
    for (guint k = 0; g_str_has_prefix (name, names->groups->pdata[g]) && k < names->known->len; k++)
      if (g_str_has_prefix (names->known->pdata[k], names->groups->pdata[g]))
        g_ptr_array_add (candidates, names->known->pdata[k]);
  g_ptr_array_add (candidates, NULL);
  return pl_suggest (name, (const char *const *) candidates->pdata);
}

/* A variable that names a group of the job and nearly a key of it is a slip of the pen; other PIPELINE_ variables are
 * somebody else's: those of another job, say, which has other sources. */
static void
apply_variable (const Names *names, const char *name, const char *value, PlIssues *issues)
{
  const Meaning *meaning = g_hash_table_lookup (names->meanings, name);
  if (meaning != NULL)
    {
      set_entry (meaning->group, meaning->key, meaning->quoted, value, name, issues);
      return;
    }
  const char *nearest = pl_issues_are_enough (issues) ? NULL : suggest_key (names, name);
  if (nearest == NULL)
    return;
  PlSetting spot = spot_named (name);
  pl_issues_add (issues, NULL, &spot, G_MAXUINT, PL_JOB_ERROR_USAGE, "no setting has this name; did you mean %s?",
                 nearest);
}

static gboolean
is_ours (const char *variable)
{
  return g_str_has_prefix (variable, "PIPELINE_") && strchr (variable, '=') != NULL
         && g_utf8_validate (variable, -1, NULL);
}

static void
apply_environment (GPtrArray *groups, const char *const *environment, PlIssues *issues)
{
  gboolean any = FALSE;
  for (gsize i = 0; environment[i] != NULL && !any; i++)
    any = is_ours (environment[i]);
  if (!any)
    return;
  Names names = collect_names (groups, environment);
  for (gsize i = 0; environment[i] != NULL; i++)
    if (is_ours (environment[i]))
      {
        const char *equals = strchr (environment[i], '=');
        g_autofree char *name = g_strndup (environment[i], (gsize) (equals - environment[i]));
        apply_variable (&names, name, equals + 1, issues);
      }
  g_hash_table_unref (names.meanings);
  g_ptr_array_unref (names.known);
  g_ptr_array_unref (names.groups);
}

GPtrArray *
pl_job_override (GPtrArray *groups, const PlOverrides *overrides, PlIssues *issues)
{
  GPtrArray *undeclared = g_ptr_array_new_with_free_func (g_free);
  if (overrides == NULL)
    return undeclared;
  if (overrides->environment != NULL)
    apply_environment (groups, (const char *const *) overrides->environment, issues);
  for (gsize i = 0; overrides->sets != NULL && overrides->sets[i] != NULL; i++)
    apply_set (groups, overrides->sets[i], issues);
  for (gsize i = 0; overrides->vars != NULL && overrides->vars[i] != NULL; i++)
    apply_var (groups, overrides->vars[i], undeclared, issues);
  return undeclared;
}
