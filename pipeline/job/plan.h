/* The checked plan: a graph of sources, stages and sinks with schemas, configurations and needed columns. Shared, const
 * while a run lasts.
 *
 *   [source a] ──► filter ──► group-by ──► sort ──► [sink x]
 *                     └─────► [sink y]
 *
 * pl_plan_open_sources() touches files; pl_plan_build() does not, and is repeated when types widen and in every process
 * worker. */
#pragma once
#include "../../stages/stage.h"
#include "../csv/source.h"
#include "../format/format.h"
#include "../io/output.h"
#include "job.h"

G_BEGIN_DECLS

#define PL_DEFAULT_BLOCK_SIZE ((guint64) 256 << 10)
/* A block that goes to another process costs two switches of threads more. */
#define PL_DEFAULT_BLOCK_SIZE_OF_PROCESSES ((guint64) 1 << 20)
#define PL_DEFAULT_RETRIES 3

typedef enum
{
  PL_NODE_SOURCE,
  PL_NODE_STAGE,
  PL_NODE_SINK
} PlNodeKind;
typedef enum
{
  PL_MODE_THREADS,
  PL_MODE_PROCESSES,
  PL_MODE_SERIAL
} PlMode;

typedef struct
{
  char *path;    /* "-" for stdout; resolved against the job's folder */
  char *display; /* as written */
  PlOutputMode mode;
  PlCompression compression;
  PlFormatOptions format;
} PlSink;

typedef struct PlNode PlNode;
struct PlNode
{
  PlNodeKind kind;
  guint index;                /* in plan->nodes */
  const char *label;          /* "group-by by-route": for messages; owned by the plan */
  const PlSettings *settings; /* (nullable): NULL for an implied sink */
  PlNode **inputs;            /* n_inputs: none of a source, one of a sink and of nearly every stage */
  guint n_inputs;
  PlNode *asks;  /* (nullable): the last input, where it is not passed on but asked (PlStage.build) */
  PlNode *asker; /* (nullable): of such an input: who asks it */
  guint8 *keeps; /* per input: its rows are kept until it is their turn, because they come too early; NULL: none */
  GPtrArray *consumers; /* (element-type PlNode): in the order written */
  PlSchema *schema;     /* output; of its input for a sink */
  guint8 *uses;         /* per field of schema: PlUse, all consumers together */
  /* one of: */
  PlSource *source;
  const PlStage *stage;
  gpointer *configs; /* per input: what is done with its rows */
  PlSink *sink;
};

/* What happens when a run of the same job is not over yet. */
typedef enum
{
  PL_LOCK_NONE,
  PL_LOCK_FAIL,
  PL_LOCK_WAIT,
  PL_LOCK_SKIP
} PlLock;

typedef struct
{
  PlMode mode;
  guint workers; /* auto: the processors this process may run on */
  guint threads_per_process;
  guint64 block_size;   /* bytes, >= 1; auto: PL_DEFAULT_BLOCK_SIZE or, for worker processes, _OF_PROCESSES */
  guint64 memory_limit; /* bytes that a run may have in memory, all of its processes together; auto: three quarters of
                           what there is; G_MAXUINT64: no limit */
  guint queue_depth;    /* blocks in flight, >= 1; auto: 8 × workers + 2 */
  gboolean has_seed;
  guint64 seed;                /* of hash tables, where it is said; else random */
  guint retries;               /* of a block whose worker died, before its rows are tried apart */
  guint64 task_timeout;        /* microseconds a worker process may take for a block; 0: any */
  guint max_tasks_per_child;   /* blocks a worker process does before another takes its place; 0: any number */
  guint64 worker_memory_limit; /* bytes of its own a worker process may keep between blocks; 0: any */
  PlLock lock;
  guint64 timeout; /* microseconds the whole run may take; 0: any */
} PlRunSettings;

typedef struct
{
  char *name;
  GPtrArray *nodes; /* of PlNode *, inputs before their consumers */
  PlRunSettings run;
} PlPlan;

/** pl_plan_open_sources: Returns: (transfer full) (element-type PlSource): one per [source] group, in order; NULL with
 * @issues or @error filled: in @issues then also what is wrong with the rest of the job, as far as that can be told. */
GPtrArray *pl_plan_open_sources (const PlJob *job, PlIssues *issues, GError **error);
/** pl_plan_build: @sources stay the caller's and must outlive the plan; their `uses` are filled in. @to_terminal: what
 * an implied sink prints as.
 * Returns: (transfer full) (nullable): NULL when @issues has errors. */
PlPlan *pl_plan_build (const PlJob *job, GPtrArray *sources, gboolean to_terminal, PlIssues *issues);
void pl_plan_free (PlPlan *plan);
/** pl_node_passes_on: Returns: whether rows of @node's input @k go on; else they are only asked (PlStage.build). */
gboolean pl_node_passes_on (const PlNode *node, guint k);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlPlan, pl_plan_free)

G_END_DECLS
