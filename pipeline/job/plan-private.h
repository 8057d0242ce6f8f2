/* The steps from a PlJob to a PlPlan, shared by the files of this folder only.
 *
 *   groups ──graph──► drafts, inputs first ──configure──► nodes ──uses, from the sinks up──► PlPlan
 */
#pragma once
#include "plan.h"

G_BEGIN_DECLS

/* plan-graph.c */

/* A node to be: what stands where in the graph, before anything is configured. */
typedef struct PlDraft PlDraft;
struct PlDraft {
  PlNodeKind kind;
  const PlSettings *group;  /* (nullable): NULL for the implied sink */
  char *label;              /* "filter long-haul" */
  guint source;             /* of a source: the how manyth it is */
  PlDraft **inputs;         /* those that are known, in the order of their rows */
  guint n_inputs;
  gboolean takes_several;   /* `inputs` names them, and none comes from above */
  gboolean consumed;        /* something takes its rows */
  gboolean live;            /* its rows reach a sink */
  gboolean faulty;          /* reported: neither it nor what takes its rows is configured */
  guint mark;               /* the walk's */
  guint next;               /* the walk's: the input to go to next */
};

/** pl_graph_build: connects the groups of @job. Returns: (transfer full) (element-type PlDraft): inputs before their consumers, else in the
 * order written; with mistakes in @issues. */
GPtrArray *pl_graph_build (const PlJob *job, PlIssues *issues);

/* plan-sink.c */

/** pl_sink_check: reports what the sink of @settings cannot write of rows of @schema. */
void pl_sink_check (const PlSink *sink, const PlSettings *settings, const PlSchema *schema, PlIssues *issues);
/** pl_sink_new: @settings: (nullable): NULL for the implied sink. Returns: (transfer full) (nullable): NULL when something was reported. */
PlSink *pl_sink_new (const PlSettings *settings, const char *folder, gboolean to_terminal, PlIssues *issues);
void pl_sink_free (PlSink *sink);

/* plan-paths.c */

/** pl_paths_check: reports what @nodes (element-type PlNode, not all of them complete) would write over: inputs, the job, each other's files. */
void pl_paths_check (const PlJob *job, const GPtrArray *nodes, PlIssues *issues);

/* plan-syntax.c */

/** pl_stage_check_syntax: reports what is wrong with a stage whatever the columns of its input are. */
void pl_stage_check_syntax (const PlSettings *settings, PlIssues *issues);

/* plan-run.c */

void pl_run_settings_init (PlRunSettings *run, const PlJob *job, PlIssues *issues);
/** pl_run_settings_say: Returns: whether @group (nullable) has a @key that is not "auto". */
gboolean pl_run_settings_say (const PlSettings *group, const char *key);
/** pl_resolve_path: Returns: (transfer full): @path seen from @folder; "-" stays. */
char *pl_resolve_path (const char *folder, const char *path);
/** pl_choice_find: Returns: the index of @value in @choices, or -1 with a message of what there is. */
gint pl_choice_find (const PlSettings *group, const PlSetting *setting, const char *const *choices, PlIssues *issues);

/* processors.c */

/** pl_processors: Returns: how many processors this process may use at once, by its affinity and its control group; at least 1. */
guint pl_processors (void);

G_END_DECLS
