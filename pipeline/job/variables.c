/* ${name} in values: from --var and [vars], else built in.
 *
 * Variables may use others; a circle is reported with its path. $${ stands for the two characters ${. A variable is
 * expanded once, and the clock is read once, so that every place sees the same value. */
#include "variables.h"
#include <string.h>

#include "../base/suggest.h"
#include "../base/settings.h"
#include "../base/error.h"

/* Variables that use variables can grow a value without end. */
#define MAX_VALUE (1 << 20)
/* Variables are expanded from inside others: each is a place on the stack. */
#define MAX_DEPTH 1000

static const char *const built_in[] = {"today", "yesterday", "now", "job", NULL};

typedef struct
{
  GPtrArray *groups;
  PlSettings *vars;   /* (nullable) */
  PlSettings *job;    /* (nullable) */
  GPtrArray *open;    /* names being expanded, outermost first */
  GHashTable *done;   /* settings that are expanded */
  GHashTable *failed; /* those of them in which something was reported */
  GHashTable *used;   /* names */
  char *file_stem;
  GDateTime *now;
  PlIssues *issues;
} Expander;

static void expand_setting (Expander *expander, PlSettings *group, PlSetting *setting);

static PlSettings *
find_group (const GPtrArray *groups, const char *kind)
{
  for (guint i = 0; i < groups->len; i++)
    if (strcmp (((PlSettings *) g_ptr_array_index (groups, i))->kind, kind) == 0)
      return g_ptr_array_index (groups, i);
  return NULL;
}

/* Where a reference stands that something is wrong with. */
typedef struct
{
  const PlSettings *group;
  const PlSetting *setting;
  const char *p; /* in the setting's value */
} Reference;

/* Counted only for a mistake: a value may hold many references. */
static guint
offset_of (const Reference *reference)
{
  return (guint) g_utf8_pointer_to_offset (reference->setting->value, reference->p);
}

static void
report_circle (Expander *expander, const char *name, const Reference *at)
{
  GString *path = g_string_new (NULL);
  gboolean inside = FALSE;
  for (guint i = 0; i < expander->open->len; i++)
    {
      const char *open = g_ptr_array_index (expander->open, i);
      inside |= strcmp (open, name) == 0;
      if (inside)
        g_string_append_printf (path, "%s → ", open);
    }
  pl_issues_add (expander->issues, at->group, at->setting, offset_of (at), PL_JOB_ERROR_BAD_VALUE,
                 "variables use each other in a circle: %s%s", path->str, name);
  g_string_free (path, TRUE);
}

static void
report_unknown (Expander *expander, const char *name, const Reference *at)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  gboolean looks = expander->vars != NULL && !pl_issues_are_enough (expander->issues);
  for (guint i = 0; looks && i < expander->vars->entries->len; i++)
    g_ptr_array_add (names, ((PlSetting *) g_ptr_array_index (expander->vars->entries, i))->key);
  for (gsize i = 0; i < G_N_ELEMENTS (built_in); i++)
    g_ptr_array_add (names, (gpointer) built_in[i]);
  const char *nearest = pl_suggest (name, (const char *const *) names->pdata);
  if (nearest != NULL)
    pl_issues_add (expander->issues, at->group, at->setting, offset_of (at), PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown variable '%s'; did you mean '%s'?", name, nearest);
  else
    pl_issues_add (expander->issues, at->group, at->setting, offset_of (at), PL_JOB_ERROR_UNKNOWN_NAME,
                   "unknown variable '%s'; set it in [vars] or with --var %s=VALUE", name, name);
}

/* Returns: (transfer full) (nullable): NULL when @name is not built in. */
static char *
built_in_value (Expander *expander, const char *name)
{
  if (strcmp (name, "today") == 0)
    return g_date_time_format (expander->now, "%Y-%m-%d");
  if (strcmp (name, "now") == 0)
    return g_date_time_format (expander->now, "%Y-%m-%dT%H:%M:%S");
  if (strcmp (name, "job") == 0)
    return g_strdup (expander->file_stem);
  if (strcmp (name, "yesterday") != 0)
    return NULL;
  g_autoptr (GDateTime) yesterday = g_date_time_add_days (expander->now, -1);
  return g_date_time_format (yesterday, "%Y-%m-%d");
}

/* Returns: (transfer full) (nullable): the value; NULL when something was reported. */
static char *
lookup (Expander *expander, const char *name, const Reference *at)
{
  PlSettings *owner = expander->vars;
  PlSetting *variable = owner != NULL ? pl_settings_find_entry (owner, name, FALSE) : NULL;
  if (variable == NULL && strcmp (name, "job") == 0 && (owner = expander->job) != NULL)
    variable = pl_settings_find_entry (owner, "name", FALSE);
  if (variable == NULL)
    {
      char *value = built_in_value (expander, name);
      if (value == NULL)
        report_unknown (expander, name, at);
      return value;
    }
  g_hash_table_add (expander->used, g_strdup (name));
  if (!g_hash_table_contains (expander->done, variable))
    {
      if (g_ptr_array_find_with_equal_func (expander->open, name, g_str_equal, NULL))
        {
          report_circle (expander, name, at);
          return NULL;
        }
      if (expander->open->len >= MAX_DEPTH)
        {
          pl_issues_add (expander->issues, at->group, at->setting, offset_of (at), PL_JOB_ERROR_BAD_VALUE,
                         "variables use each other more than %u deep", MAX_DEPTH);
          return NULL;
        }
      g_ptr_array_add (expander->open, (gpointer) name);
      expand_setting (expander, owner, variable);
      g_ptr_array_remove_index (expander->open, expander->open->len - 1);
    }
  /* What uses a faulty variable is faulty, but that has been said. */
  return g_hash_table_contains (expander->failed, variable) ? NULL : g_strdup (variable->value);
}

static gboolean
is_name (const char *name)
{
  if (!g_ascii_isalpha (name[0]) && name[0] != '_')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && *name != '_' && *name != '-')
      return FALSE;
  return TRUE;
}

/* Appends what stands for the reference at @p ("${…"). Returns: (nullable): the character behind it. */
static const char *
expand_reference (Expander *expander, const PlSettings *group, const PlSetting *setting, const char *p, GString *out)
{
  const Reference at = {group, setting, p};
  const char *close = strchr (p, '}');
  if (close == NULL)
    {
      pl_issues_add (expander->issues, group, setting, offset_of (&at), PL_JOB_ERROR_SYNTAX,
                     "'}' is missing behind '${'; write $${ for the characters themselves");
      return NULL;
    }
  g_autofree char *name = g_strndup (p + 2, (gsize) (close - p - 2));
  if (!is_name (name))
    {
      pl_issues_add (expander->issues, group, setting, offset_of (&at), PL_JOB_ERROR_SYNTAX,
                     "'%s' is not a variable's name; write $${ for the characters '${' themselves", name);
      return NULL;
    }
  g_autofree char *value = lookup (expander, name, &at);
  if (value == NULL)
    return NULL;
  g_string_append (out, value);
  return close + 1;
}

/* Expands @setting in place, once; as it was when something in it is reported. */
static void
expand_setting (Expander *expander, PlSettings *group, PlSetting *setting)
{
  if (g_hash_table_contains (expander->done, setting))
    return;
  GString *out = g_string_new (NULL);
  const char *p = setting->value;
  while (p != NULL && *p != '\0')
    {
      if (g_str_has_prefix (p, "$${"))
        {
          g_string_append (out, "${");
          p += 3;
        }
      else if (g_str_has_prefix (p, "${"))
        p = expand_reference (expander, group, setting, p, out);
      else
        g_string_append_c (out, *p++);
      if (out->len > MAX_VALUE)
        {
          pl_issues_add (expander->issues, group, setting, G_MAXUINT, PL_JOB_ERROR_BAD_VALUE,
                         "the value of '%s' is longer than 1 MiB when its variables are replaced", setting->key);
          p = NULL;
        }
    }
  g_hash_table_add (expander->done, setting);
  if (p != NULL)
    {
      g_free (setting->value);
      setting->value = g_strdup (out->str);
    }
  else
    {
      g_hash_table_add (expander->failed, setting);
      group->faulty = TRUE;
    }
  g_string_free (out, TRUE);
}

/* A --var that nothing uses and nothing declares is a misspelt one. */
static void
check_used (Expander *expander, const GPtrArray *undeclared)
{
  g_autoptr (GPtrArray) declared = g_ptr_array_new ();
  g_autoptr (GHashTable) given_only = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < undeclared->len; i++)
    g_hash_table_add (given_only, g_ptr_array_index (undeclared, i));
  for (guint i = 0; expander->vars != NULL && i < expander->vars->entries->len; i++)
    {
      const PlSetting *setting = g_ptr_array_index (expander->vars->entries, i);
      if (!g_hash_table_contains (given_only, setting->key))
        g_ptr_array_add (declared, setting->key);
    }
  g_ptr_array_add (declared, NULL);
  for (guint i = 0; i < undeclared->len; i++)
    {
      const char *given = g_ptr_array_index (undeclared, i);
      if (g_hash_table_contains (expander->used, given))
        continue;
      const PlSetting *setting = pl_settings_find (expander->vars, given);
      gboolean looks = !pl_issues_are_enough (expander->issues);
      const char *nearest = looks ? pl_suggest (given, (const char *const *) declared->pdata) : NULL;
      if (nearest != NULL)
        pl_issues_add (expander->issues, NULL, setting, G_MAXUINT, PL_JOB_ERROR_USAGE,
                       "no value of the job uses ${%s}; did you mean '%s'?", given, nearest);
      else
        pl_issues_add (expander->issues, NULL, setting, G_MAXUINT, PL_JOB_ERROR_USAGE, "no value of the job uses ${%s}",
                       given);
    }
}

static char *
stem_of (const char *path)
{
  if (strcmp (path, "-") == 0)
    return g_strdup ("stdin");
  char *stem = g_path_get_basename (path);
  char *dot = strrchr (stem, '.');
  if (dot != NULL && dot != stem)
    *dot = '\0';
  return stem;
}

char *
pl_job_expand (GPtrArray *groups, const char *path, const GPtrArray *undeclared, PlIssues *issues)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) failed = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *stem = stem_of (path);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  Expander expander
      = {groups, find_group (groups, "vars"), find_group (groups, "job"), open, done, failed, used, stem, now, issues};
  PlSettings *group;
  for (guint i = 0; i < groups->len; i++)
    {
      group = g_ptr_array_index (groups, i);
      for (guint j = 0; j < group->entries->len; j++)
        {
          PlSetting *setting = g_ptr_array_index (group->entries, j);
          gboolean variable = group == expander.vars;
          if (variable)
            g_ptr_array_add (open, setting->key);
          expand_setting (&expander, group, setting);
          if (variable)
            g_ptr_array_remove_index (open, open->len - 1);
        }
    }
  check_used (&expander, undeclared);
  const PlSetting *name = expander.job != NULL ? pl_settings_find (expander.job, "name") : NULL;
  return g_strdup (name != NULL ? name->value : stem);
}
