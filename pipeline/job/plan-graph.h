/* Groups → graph: who takes whose rows. The first step from a PlJob to a PlPlan:
 *
 *   groups ──graph──► drafts, inputs first ──configure──► nodes ──uses, from the sinks up──► PlPlan
 */
#pragma once
#include "plan.h"

G_BEGIN_DECLS

/* A node to be: what stands where in the graph, before anything is configured. */
typedef struct PlDraft PlDraft;
struct PlDraft
{
  PlNodeKind kind;
  const PlSettings *group; /* (nullable): NULL for the implied sink */
  char *label;             /* "filter long-haul" */
  guint source;            /* of a source: the how manyth it is */
  PlDraft **inputs;        /* those that are known, in the order of their rows */
  guint n_inputs;
  gboolean takes_several; /* `inputs` names them, and none comes from above */
  PlDraft *asks;          /* (nullable): its last input, which is read before the others: PlStage.build */
  const char *build_key;  /* (nullable): of such an input: the key of the group that names whose rows it takes */
  gboolean consumed;      /* something takes its rows */
  gboolean live;          /* its rows reach a sink */
  gboolean faulty;        /* reported: neither it nor what takes its rows is configured */
  guint mark;             /* the walk's */
  guint next;             /* the walk's: the input to go to next */
};

/** pl_graph_build: connects the groups of @job.
 * Returns: (transfer full) (element-type PlDraft): inputs before their consumers, else in the order written; with
 * mistakes in @issues. */
GPtrArray *pl_graph_build (const PlJob *job, PlIssues *issues);

G_END_DECLS
