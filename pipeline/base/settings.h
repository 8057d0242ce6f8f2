/* One group of the job file after all overrides, with the spot where each value stands; and the list of
 * everything found wrong with a job, so that several mistakes are reported in one go.
 *
 * The job layer fills these in; sources, stages and sinks read them. */
#pragma once
#include "error.h"

G_BEGIN_DECLS

typedef struct
{
  char *key;       /* as the user means it: without the quotes of a quoted key */
  gboolean quoted; /* written "in quotes": a column name, never a key of the stage */
  char *value;     /* after ${variables}; outer spaces removed */
  char *origin;    /* "configs/job.ini", "--set", "PIPELINE_RUN_WORKERS" */
  guint line;      /* 1-based in that file; 0 where origin is no file */
  guint column;    /* 1-based column (characters) of the value's first character; 0 likewise */
} PlSetting;

typedef struct
{
  char *kind; /* "source", "group-by", "run" … */
  char *name; /* "" where the group has none */
  char *origin;
  guint line;          /* of the [group] */
  GPtrArray *entries;  /* of PlSetting *, in the order written; only pl_settings_add() adds to it */
  GHashTable *indices; /* (nullable): the entries by key, once there are many: private to settings.c */
  gboolean faulty;     /* a mistake in it has been reported already: nothing is to be built from it */
} PlSettings;

PlSettings *pl_settings_new (const char *kind, const char *name, const char *origin, guint line);
void pl_settings_free (PlSettings *settings);
/** pl_settings_add: Returns: (transfer none): the new entry, at the end; all strings are copied. */
PlSetting *pl_settings_add (PlSettings *settings, const char *key, gboolean quoted, const char *value,
                            const char *origin, guint line, guint column);
/** pl_settings_find: Returns: (transfer none) (nullable): the entry of the unquoted @key. */
const PlSetting *pl_settings_find (const PlSettings *settings, const char *key);
/** pl_settings_find_entry: Returns: (transfer none) (nullable): the first entry of @key, written "so" or not. */
PlSetting *pl_settings_find_entry (const PlSettings *settings, const char *key, gboolean quoted);
/** pl_settings_get: Returns: (transfer none) (nullable): its value, or @fallback. */
const char *pl_settings_get (const PlSettings *settings, const char *key, const char *fallback);

/* A documented key. `type` is a word of the manual: "expression", "columns", "count", "choice a|b", "flag", "size",
 * "text". */
typedef struct
{
  const char *name;
  const char *type;
  const char *fallback; /* as the user would write it; NULL: none */
  const char *summary;  /* one sentence, no full stop */
  gboolean required;
} PlSettingKey;

typedef struct
{
  char *text;   /* outer spaces removed, quotes kept */
  guint offset; /* characters from the start of the value to the item's first character */
} PlItem;

/** pl_items_split:
 * @separator: usually ';'
 *
 * Cuts a value at separators outside '…', "…" and (…). An empty value gives no items; one empty item behind
 * a last separator is dropped; other empty items are kept.
 * Returns: (transfer full) (element-type PlItem): */
GPtrArray *pl_items_split (const char *value, char separator);
/** pl_item_unquote: Returns: (transfer full): the name in @text: `"Airport ""X"" Name"` without its quotes, or @text
 * itself. */
char *pl_item_unquote (const char *text);

typedef struct
{
  GError *error; /* message without the spot */
  char *origin;
  guint line, column;
  char *source_line; /* (nullable): the whole value, printed with a caret under @caret; a GRefString */
  guint caret;       /* characters into source_line */
  gboolean warning;  /* a notice: printed, not fatal */
} PlIssue;

typedef struct PlIssues PlIssues;

PlIssues *pl_issues_new (void);
void pl_issues_free (PlIssues *issues);
/** pl_issues_add:
 * @settings: (nullable): the group it is about
 * @setting: (nullable): the entry it is about, when it is about one
 * @offset: characters into the setting's value where the mistake is; G_MAXUINT when it is about the whole value
 */
void pl_issues_add (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, guint offset,
                    PlJobErrorCode code, const char *format, ...) G_GNUC_PRINTF (6, 7);
/** pl_issues_take: adds @error (transfer full) with its domain and code kept. */
void pl_issues_take (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, guint offset,
                     GError *error);
void pl_issues_warn (PlIssues *issues, const PlSettings *settings, const PlSetting *setting, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/** pl_issues_mark: Returns: how many there are, for the next two. */
guint pl_issues_mark (const PlIssues *issues);
/** pl_issues_have: Returns: whether an error that was added since @mark is one that @is accepts. */
gboolean pl_issues_have (const PlIssues *issues, guint mark, gboolean (*is) (const GError *error));
/** pl_issues_rewind: drops what was added since @mark; only before they are listed. */
void pl_issues_rewind (PlIssues *issues, guint mark);
/** pl_issues_n_errors: warnings are not counted. */
guint pl_issues_n_errors (const PlIssues *issues);
/** pl_issues_are_enough: Returns: whether more mistakes would help nobody: who finds them in a long list may stop
 * looking, so that thousands of them cost no more than a few. */
gboolean pl_issues_are_enough (const PlIssues *issues);
/** pl_issues_list: Returns: (transfer none) (element-type PlIssue): in order of line; notices among them. */
const GPtrArray *pl_issues_list (PlIssues *issues);
/** pl_issues_format: Returns: (transfer full): `origin:line:column: message`, and the caret lines where there are any;
 * what is of others in it is shown (show.h), so that line ends are ours. */
char *pl_issues_format (const PlIssue *issue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSettings, pl_settings_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlIssues, pl_issues_free)

G_END_DECLS
