/* What a stage is: one const descriptor in one file, one line in registry.c.
 *
 * A map stage turns a batch into a batch; a reduce stage swallows batches into a state per worker and, when the
 * input has ended, turns all states into rows. The engine calls:
 *
 *   configure   once, main thread, when the job is read. Gives the shared, const configuration and the output schema
 *   prepare     once, main thread, when all of the plan is right: how the run is going to be
 *   require     once, main thread, before there is a state: which input columns are needed, and how, for what is needed
 *               of the output; the configuration may note what that is, and is const from then on
 *   state_new   once a worker, on that worker (NULL: the stage needs no state)
 *   process /   per batch, on the worker that owns the state; never two calls at once on one state, but other
 *    consume    workers are in the same function with their states: configuration is read-only here
 *   shrink,     between two batches, on the worker that owns the state, while memory is low; in mode processes on the
 *    spill      thread in the main process that gathers what a worker process hands over
 *   end         per worker (map stages only), on that worker, when the input has ended and nothing has failed
 *   attach      once a worker, of a map stage that asks an index: its state gets what the build input has become
 *   leave       once a segment, main thread, when its input has ended: what states have noted goes into the index
 *   save/load   process workers only: a state as bytes, from the worker process to the main one; several times in a
 *               run: after save the state is thrown away and a new one begun, so that little is lost with a worker that
 *               dies
 *   finish      once, main thread, after every worker has ended; may use `parallel` for the heavy part
 *
 * Positions (table/batch.h) rise within a worker's calls. Nothing may depend on how rows are spread over workers. */
#pragma once
#include "../pipeline/base/buffer.h"
#include "../pipeline/base/parallel.h"
#include "../pipeline/base/settings.h"
#include "../pipeline/rows/rows.h"

G_BEGIN_DECLS

/* Who uses one configuration: a few stages want to know. */
typedef struct
{
  guint workers;   /* that may be in process() at once, in this process */
  guint processes; /* that have a configuration of their own each: worker processes, else 1 */
  guint copies;    /* of an index that is asked: one a worker process, else 0 */
} PlStageRun;

/* Whose code a stage runs. What is not ours may take long and die, so worker processes run it, where a run has any. */
typedef enum
{
  PL_CODE_OURS,
  PL_CODE_PROGRAM, /* of others, in a process of its own: exec */
  PL_CODE_FOREIGN, /* of others, in ours, where it may do anything: plugin; worker processes are the default then */
} PlStageCode;

/* What a stage does with the rows it is given: one line of the run's account, which must balance. */
typedef enum
{
  PL_ROWS_KEPT,         /* every row goes on: derive, select, sort */
  PL_ROWS_FILTERED,     /* rows that are missing behind it were not wanted */
  PL_ROWS_DEDUPLICATED, /* … were like another one */
  PL_ROWS_LIMITED,      /* … were beyond a number of rows */
  PL_ROWS_AGGREGATED,   /* rows become others: group-by */
  PL_ROWS_REJECTED,     /* rows that are missing were bad */
  PL_ROWS_MULTIPLIED,   /* each becomes any number of rows: unpivot */
  PL_ROWS_ASKED,        /* are there to be asked: of those that nobody asked for some may go on themselves */
  PL_ROWS_ANY,          /* any number of rows comes out: nothing can be said */
} PlRowsFate;

/* What a stage of several inputs is told of one. */
typedef struct
{
  const char *name; /* "flights": of the source or stage */
  PlSchema *schema;
} PlStageInput;

/* Who takes what a growing stage makes. */
typedef struct PlEmit PlEmit;
struct PlEmit
{
  PlArena *arena; /* for the batch that is given next: emptied before each */
  /* Takes @batch, of pl_batch_grow(), with at least one row and at most PL_BATCH_ROWS; it is the taker's to change.
   * Returns: %FALSE: no more are wanted; expand() returns %FALSE then, too, without an error of its own. */
  gboolean (*give) (PlEmit *emit, PlBatch *batch);
};

/* What a map stage that asks an index (PlBuildInput) does beside: all of it with one state. */
typedef struct
{
  /* @index: const, shared by all workers, and there as long as @state is. */
  void (*attach) (gpointer state, PlRows *index);
  /* Whether states note something while they ask: which rows have been found, say. The rest is about that, and is not
   * called where they do not. A note may be taken several times, because blocks are done again; what it says must not
   * depend on that. */
  gboolean (*takes_notes) (gconstpointer config);
  /* Called once for each segment in which the stage asks, with the states of all workers. */
  gboolean (*leave) (gpointer const *states, guint n_states, PlRows *index, PlParallel *parallel, GError **error);
  /* May be NULL: as PlReduceStage.spill(), of what has been noted. */
  gboolean (*spill) (gpointer state, GError **error);
  /* Not of a state that has spilled. */
  void (*save) (gconstpointer state, PlBuffer *buffer);
  /* Returns: (transfer full): a state that is only there for merge() and leave(), or NULL with cursor->failed. */
  gpointer (*load) (gconstpointer config, PlCursor *cursor);
  void (*merge) (gpointer into, gconstpointer from);
} PlAskStage;

/* What turns a batch into a batch, or into any number of them. */
typedef struct
{
  /* In place: @batch has the input schema on entry and the output schema on return; n_rows may become 0. */
  gboolean (*process) (gconstpointer config, gpointer state, PlBatch *batch, GError **error);
  /* In place of process(): gives on rows that are made of those of @batch, in their order, in batches of the output
   * schema. It gives the same for a row whatever rows are behind it, because a batch may be tried again without its
   * last rows. The rows that are made of one are in one batch, or begin one where they are too many: so which of them
   * fails first does not depend on what is in front of them. */
  gboolean (*expand) (gconstpointer config, gpointer state, PlBatch *batch, PlEmit *emit, GError **error);
  /* May be NULL: whether process() can fail at a row, or refuse one; with NULL it can. */
  gboolean (*may_fail) (gconstpointer config);
  /* May be NULL: what can only be known at the end; a failure counts as one behind all rows. */
  gboolean (*end) (gconstpointer config, gpointer state, GError **error);
  const PlAskStage *ask; /* (nullable): with PlStage.build alone */
} PlMapStage;

/* What swallows batches into a state and turns all states into rows. */
typedef struct
{
  gboolean keeps_origins; /* rows come out as they came in, each with what batch->originate said of it */
  /* May write to @batch's failed_row and arena only. */
  gboolean (*consume) (gconstpointer config, gpointer state, PlBatch *batch, GError **error);
  /* %TRUE when no row at a position > *@position can change the result of these @states together any more (limit).
   * Asked of one state by the worker that owns it, to stop early, and of all states when every worker has ended, so
   * that whether a later failure counts does not depend on how rows were spread. With @error it cannot be found out,
   * because rows on disk cannot be read, say; nobody changes the states then, and the run fails. May be NULL. */
  gboolean (*satisfied) (gconstpointer config, gpointer const *states, guint n_states, guint64 *position,
                         GError **error);
  /* May be NULL. Gives back what @state can do without, at once and without taking more first. Asked for by the worker
   * that owns it, between two batches, while memory is low (pl_lease_is_low()). */
  void (*shrink) (gconstpointer config, gpointer state);
  /* May be NULL. Puts what @state keeps on disk (spill/spill.h); the state goes on with what comes. Asked for as
   * shrink() is, when that was not enough, and not in worker processes, which hand states over instead.
   * Returns: %FALSE with @error, where the disk is full: the run ends then. */
  gboolean (*spill) (gconstpointer config, gpointer state, GError **error);
  /* Not of a state that has spilled. */
  void (*save) (gconstpointer config, gpointer state, PlBuffer *buffer);
  /* Returns: (transfer full): a state, or NULL with cursor->failed. */
  gpointer (*load) (gconstpointer config, PlCursor *cursor);
  /* Process workers only, main process, any thread: @into takes in @from, which is freed by the caller. Either may hold
   * rows before and behind the other's. May be NULL, or refuse: then both go to finish(). Worth having where states of
   * the same input overlap. */
  gboolean (*merge) (gconstpointer config, gpointer into, gpointer from);
  /* Empties @states (the engine still frees them with state_free). n_states >= 1; some may have seen nothing. */
  PlRows *(*finish) (gconstpointer config, gpointer *states, guint n_states, PlParallel *parallel, GError **error);
} PlReduceStage;

typedef struct PlStage PlStage;

/* A second input of a map stage, whose rows are not passed on but asked: all of them are read before the first row of
 * the other input is. The plan makes a node of its own of it, which ends a segment; what its finish() gives is the
 * index that every state of the map stage is attached to, on threads and in worker processes. The index is a PlRows
 * like others: its rows are those that go on themselves, and are read when all have asked. */
typedef struct
{
  const char *key;      /* the required key that names the input: "right" */
  const PlStage *stage; /* a reduce stage, in no list: configured by configure_inputs() of the map stage */
  /* Whether rows of the index go on. @config: the map stage's, of the build input. */
  gboolean (*gives_rest) (gconstpointer config);
  /* Called once, main thread, before those are read: no more rows ask. */
  gboolean (*rest) (PlRows *index, GError **error);
  /* Whether the index is on disk, where rows cannot ask one by one: then all rows of a segment are read twice. The
   * first time `keys`, a reduce stage in no list that uses the map stage's configuration of the other input, takes them
   * in the stage's place; answer() turns its states into what the rows find when they ask the second time. Both times
   * a row has the same position. Main thread. */
  const PlStage *keys;
  gboolean (*wants_keys) (PlRows *index);
  /* @bound, @failure: (nullable): why rows from position @bound on have not been read; the second time the run fails at
   * one of them the latest */
  gboolean (*answer) (PlRows *index, gpointer const *states, guint n_states, guint64 bound, const GError *failure,
                      PlParallel *parallel, GError **error);
  /* Whether it is on disk at all, so that it cannot be saved. */
  gboolean (*is_on_disk) (PlRows *index);
  /* The index as bytes, for worker processes, which ask copies of it. @config: the map stage's, of the other input. Not
   * of one that is on disk. */
  void (*save) (gconstpointer config, PlRows *index, PlBuffer *buffer);
  /* Returns: (transfer full): the index, or NULL with cursor->failed. */
  PlRows *(*load) (gconstpointer config, PlCursor *cursor);
} PlBuildInput;

struct PlStage
{
  const char *name;        /* "group-by": the group kind in the job file */
  const char *summary;     /* one line: "One row per distinct key, with aggregates" */
  const char *description; /* a paragraph or two for `pipeline stages NAME` */
  const char *example;     /* job-file lines, as a user would write them */
  PlStageCode code;
  gboolean takes_slices;    /* process() or consume() knows PlColumn.slices; for others the engine has them settled */
  PlRowsFate rows;          /* how its rows in and rows out go together; the engine counts and checks them */
  const PlSettingKey *keys; /* ended by a NULL name */
  const char *free_keys; /* what any other key means ("a column: name = expression"), or NULL when others are errors */

  /* Problems go to @issues, all of them; NULL is returned when there was any error.
   * @output (transfer full) is set on success, and on failure where the columns are known all the same (of a filter,
   * say), so that the stages below can be checked too; a column whose type is not known has PL_NULL. @settings outlives
   * the configuration. Unknown keys and required ones that are missing are reported by the job layer, which reads
   * `keys` and `free_keys`: the required ones are there. */
  gpointer (*configure) (const PlSettings *settings, PlSchema *input, PlSchema **output, PlIssues *issues);
  /* In place of configure(), of a map stage that puts the rows of several inputs together. @configs[i] (transfer full):
   * what is done with those of @inputs[i], to which require(), process() and the other functions are called. With
   * `build` there are two inputs, of which the second is asked: @configs[1] is for those of its rows that go on, and
   * @configs[2] that of build->stage, whose rows @configs[1] requires.
   * Returns: %FALSE where configure() returns %NULL; @configs are %NULL then. */
  gboolean (*configure_inputs) (const PlSettings *settings, const PlStageInput *inputs, guint n_inputs,
                                gpointer *configs, PlSchema **output, PlIssues *issues);
  void (*config_free) (gpointer config);
  /* May be NULL. */
  void (*prepare) (gpointer config, const PlStageRun *run);
  /* @output_uses and @input_uses hold a PlUse per field; @input_uses comes zeroed. */
  void (*require) (gpointer config, const guint8 *output_uses, guint8 *input_uses);

  gpointer (*state_new) (gconstpointer config);
  void (*state_free) (gpointer state);

  /* One of the two. */
  const PlMapStage *map;
  const PlReduceStage *reduce;
  const PlBuildInput *build; /* (nullable): of a map stage with configure_inputs() */
};

/** pl_stages: Returns: (transfer none) (array zero-terminated=1): every stage kind, by name. */
const PlStage *const *pl_stages (void);
/** pl_stage_find: Returns: (transfer none) (nullable): the stage kind of that name. */
const PlStage *pl_stage_find (const char *name);

G_END_DECLS
