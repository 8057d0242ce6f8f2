/* The plan, cut behind every reduce stage into segments that run one after the other.
 *
 *   plan      source ─► filter ─┬─► group-by ─► sort ─► sink x
 *                               └─► sink y
 *   segments  0: source    ─► filter ─┬─► group-by ┐        the rows of a reduce stage
 *                                     └─► sink y   │        feed the segment it names
 *             1: its rows  ─► sort ┐ ◄─────────────┘
 *             2: its rows  ─► sink x
 *
 * A source with `limit` gets a segment of its own with an implied limit stage, because "the first n good rows" is known
 * only when the blocks have been put in order. Cutting depends on the plan alone: every worker process cuts the same
 * segments.
 *
 * What stands behind a stage of several inputs stands in the segments of all of them: first come the blocks of the one,
 * then those of the other, so their rows are in order without being kept. A sink writes on where it stopped; a reduce
 * stage ends with the last segment it stands in. Rows that come too early for that (PlNode.keeps) are kept by an
 * implied limit stage without a limit.
 *
 *   plan      source a ─┬─► union u ─► sort ─► sink x         segments  0: a ─► u ─► sort (kept on)
 *             source b ─┘                                              1: b ─► u ─► sort (ends) ─┐
 *                                                                      2: its rows ─► sink x ◄───┘
 *
 * An input that is asked (PlStage.build) ends a segment like any reduce stage; what it leaves is the index that the
 * stage's steps ask in the segments of its other input. It is there until its own segment, which comes last, has read
 * those of its rows that go on, if any.
 *
 *   plan      source a ─┬─► join j ─► sink x                  segments  0: b ─► what j asks ─┐
 *             source b ─┘                                              1: a ─► j ┄asks┄► index
 *                                                                      2: its rows ─► j ─► sink x */
#pragma once
#include "../job/plan.h"
#include "../memory/budget.h"

G_BEGIN_DECLS

#define PL_NO_SEGMENT G_MAXUINT

typedef struct PlStep PlStep;
struct PlStep
{
  guint index;          /* in segment->steps */
  const PlStage *stage; /* NULL: a sink */
  gconstpointer config;
  const PlSink *sink;
  PlSchema *schema; /* of its output */
  const char *label;
  gint node;            /* index of the plan's node; -1: implied */
  guint output;         /* sinks: which of the plan's */
  guint feeds;          /* reduce: the segment that takes its rows, or PL_NO_SEGMENT */
  guint asks;           /* map: the segment that takes the rows of the index it asks, or PL_NO_SEGMENT */
  PlRows *asked;        /* (nullable) (unowned): map: which is this, while its segment runs */
  gboolean goes_on;     /* reduce: the same stage stands in a later segment, too, which ends it */
  const PlNode *keeper; /* (nullable): of an implied stage: who reads the rows it keeps, of its input number `input` */
  guint input;          /* of the plan's node: which of its inputs gives the rows */
  PlStep **children;    /* map: who takes its batches */
  guint n_children;
  PlLease *lease; /* (nullable): what it allocates */
};

typedef struct PlSegment PlSegment;
struct PlSegment
{
  guint index;
  PlSource *source; /* NULL: the rows of a reduce stage are the input */
  const PlSegment
      *origin; /* (nullable): without a source: the segment that reads the source whose rows the input's still are */
  gboolean keeps_origins; /* rows are kept for a segment whose stages may have something to say of them */
  PlSchema *schema;       /* of the input */
  const guint8 *uses;     /* of the input: a PlUse a column */
  PlLease *lease;         /* (nullable): what reading the input allocates */
  const char *label;      /* of the input: "source flights", "group-by by-route" */
  gint node;              /* of the input */
  GPtrArray *steps;       /* of PlStep *, parents before children */
  PlStep **roots;
  guint n_roots;
  guint64 hash;         /* segment-hash.h; 0 of a segment of its own */
  gboolean satisfiable; /* every end is a reduce stage that can have enough rows */
};

typedef struct
{
  GPtrArray *list;    /* of PlSegment *, in the order to run */
  GPtrArray *implied; /* configurations that no plan owns */
  guint n_outputs;    /* sinks of the plan */
} PlSegments;

/** pl_segments_new: @plan must outlive the result. */
PlSegments *pl_segments_new (const PlPlan *plan);
/** pl_segments_lease: from now on steps and inputs allocate in the names that @plan gives them, from @budget. */
void pl_segments_lease (PlSegments *segments, const PlPlan *plan, PlBudget *budget);
void pl_segments_free (PlSegments *segments);
/** pl_segment_new: Returns: (transfer full): one segment without steps, which reads @source. */
PlSegment *pl_segment_new (PlSource *source);
void pl_segment_free (PlSegment *segment);

/** pl_segment_foreign: Returns: (nullable): the label of a step that runs foreign code in our process: "plugin
 * score". */
const char *pl_segment_foreign (const PlSegment *segment);
/** pl_segment_is_remote: Returns: whether worker processes work on it, in a run that has some: on sources, and wherever
 * code of others runs. The rest has its rows in the main process already, whose threads are quicker with them. */
gboolean pl_segment_is_remote (const PlSegment *segment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSegments, pl_segments_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSegment, pl_segment_free)

G_END_DECLS
