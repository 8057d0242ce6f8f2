/* What a sub-command is: one const descriptor in one file, one line in registry.c; and what they share. */
#pragma once
#include "../engine/run.h"

G_BEGIN_DECLS

typedef struct PlCommand PlCommand;

/* Which options a command takes. */
typedef enum
{
  PL_OPTION_RUN = 1 << 0,      /* -j, --mode, --set, --var */
  PL_OPTION_PROGRESS = 1 << 1, /* --progress */
  PL_OPTION_DRY_RUN = 1 << 2,
  PL_OPTION_ANALYZE = 1 << 3,
  PL_OPTION_ROWS = 1 << 4,   /* -n */
  PL_OPTION_LISTS = 1 << 5,  /* --stages, --aggregates, --functions */
  PL_OPTION_ALWAYS = 1 << 6, /* -q, -v, --help: every command has them */
  PL_OPTION_REPORT = 1 << 7, /* --report */
} PlOptionSet;

typedef enum
{
  PL_PROGRESS_AUTO,
  PL_PROGRESS_NEVER,
  PL_PROGRESS_ALWAYS
} PlProgressMode;

/* A command line taken apart. */
typedef struct
{
  const PlCommand *const *commands; /* all there are, ended by NULL */
  const PlCommand *command;
  GPtrArray *arguments; /* of char *, ended by NULL */
  guint n_arguments;
  GPtrArray *sets, *vars; /* of char *, ended by NULL */
  gboolean quiet, verbose, help, dry_run, analyze;
  gboolean list_stages, list_aggregates, list_functions;
  PlProgressMode progress;
  guint64 rows;
  char *report; /* (nullable) */
} PlCommandLine;

struct PlCommand
{
  const char *name;
  const char *arguments;   /* "JOB", "FILE", "[NAME]" */
  const char *summary;     /* one line, no full stop */
  const char *description; /* a paragraph for `pipeline help NAME` */
  guint options;           /* PlOptionSet */
  guint min_arguments, max_arguments;
  gboolean hidden;
  int (*run) (const PlCommandLine *line); /* Returns: the exit code */
};

/* registry.c */
const PlCommand *const *pl_commands (void);
const PlCommand *pl_command_find (const char *name);

/* options.c */

/** pl_command_line_parse: @arguments: behind the command's name. Returns: %FALSE with PL_JOB_ERROR_USAGE. */
gboolean pl_command_line_parse (const PlCommand *command, char **arguments, PlCommandLine *line, GError **error);
void pl_command_line_clear (PlCommandLine *line);
/** pl_command_help: Returns: (transfer full): the text of `pipeline help NAME`. */
char *pl_command_help (const PlCommand *command);

/* say.c: messages to stderr, data to stdout */

/* The numbers of syslog. */
typedef enum
{
  PL_LEVEL_ERROR = 3,
  PL_LEVEL_WARNING = 4,
  PL_LEVEL_INFO = 6
} PlLevel;

/** pl_say_init: decides how messages look, from stderr and PIPELINE_LOG.
 * Returns: %FALSE with PL_JOB_ERROR_USAGE; messages can be said all the same. */
gboolean pl_say_init (GError **error);
/** pl_say_is_log: whether messages go to a log, which nobody may be reading now. */
gboolean pl_say_is_log (void);
/** pl_say: one message; control characters are shown, not sent to the terminal. */
void pl_say (PlLevel level, const char *format, ...) G_GNUC_PRINTF (2, 3);
/** pl_say_at_once: one line, from a signal handler. */
void pl_say_at_once (PlLevel level, const char *message);
/** pl_said_error: Returns: (nullable): the first error that was said. */
const char *pl_said_error (void);
/** pl_say_error: frees @error. Returns: its exit code. */
int pl_say_error (GError *error);
/** pl_say_issues: errors, and unless @quiet warnings, in order. Returns: the exit code of the first error, or 0. */
int pl_say_issues (PlIssues *issues, gboolean quiet);
/** pl_put: writes @text to stdout. Returns: the exit code: a closed pipe is a quiet 0. */
int pl_put (const char *text);

/* session.c: a job from its file to a checked plan, the same for every command */

typedef struct
{
  PlJob *job;
  GPtrArray *sources;
  PlPlan *plan;
  gboolean is_unwatched; /* a run whose messages go to a log: warnings, which are of the job and the same each night,
                            are left to `check` and -v */
} PlSession;

/* What pl_session_open_to_run() returns when another run holds the lock and the job says `lock = skip`. */
#define PL_SESSION_SKIPPED (-1)

/** pl_session_open: loads the job at @path with the command line's overrides, opens its sources, builds the plan, and
 * says all that is wrong in one go. Returns: the exit code; 0: all of @session is there. */
int pl_session_open (PlSession *session, const char *path, const PlCommandLine *line);
/** pl_session_open_to_run: the same for a job that is going to be run: from here on signals and the timeout are heeded,
 * the job is locked, and what killed runs have left is finished or cleared up, all before its inputs are looked at. */
int pl_session_open_to_run (PlSession *session, const char *path, const PlCommandLine *line);
/** pl_session_check: the same from @session->job, which is there already. */
int pl_session_check (PlSession *session, PlIssues *issues, const PlCommandLine *line);
/** pl_session_run: runs it, with progress and signals; reports rejected rows. @summary: (optional) (out) (nullable):
 * also of a run that failed. Returns: the exit code. */
int pl_session_run (PlSession *session, const PlCommandLine *line, PlRunSummary **summary);
/** pl_session_say_types: what is to be said of the types of the sources' columns. */
void pl_session_say_types (const PlSession *session, const PlCommandLine *line);
/** pl_session_for_file: a job that reads the CSV file @path and does nothing yet. */
void pl_session_for_file (PlSession *session, const char *path, const PlCommandLine *line, PlIssues *issues);
void pl_session_clear (PlSession *session);

/* text-table.c */

/** pl_text_table: Returns: (transfer full): @cells (element-type utf8), @n_columns a row, the first row its head,
 * aligned; columns whose cells are all numbers to the right. */
char *pl_text_table (const GPtrArray *cells, guint n_columns);

/* profile.c */

/** pl_profile_file: one value per column of the CSV file @path and per measure of it.
 * @measure: gives the n-th measure of a column of @type, an aggregate of "%s", or %NULL where it has no meaning
 * @values: (out) (element-type utf8): rows of @n_measures texts, "" for null; ended by the row count
 * Returns: the exit code. */
int pl_profile_file (PlSession *session, const PlCommandLine *line, const char *(*measure) (guint n, PlType type),
                     guint n_measures, GPtrArray **values);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlCommandLine, pl_command_line_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlSession, pl_session_clear)

G_END_DECLS
