/* One segment over rows made here: the bound of blocks in flight, output in order, the first of several failures. */
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/engine/segment-run.h"
#include "support.h"
#include "../../../pipeline/engine/parallel.h"
#include <algorithm>
#include <atomic>
#include <vector>

namespace
{

constexpr guint64 rows_per_block = PL_PIECE_ROWS;

/* Rows 0, 1, 2 …; reading fails at one of them, formatting at another. */
struct Numbers
{
  PlRows rows;
  guint64 n_rows;
  guint64 bad_row = G_MAXUINT64;
  guint64 bad_text = G_MAXUINT64;
  guint64 every = 1; /* only rows that this divides come out: how many is not known then */
  std::atomic<guint64> n_read{0};
};

Numbers *numbers;
std::atomic<guint64> read_while_first_was_held;
bool hold_first;

gboolean
next_numbers (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  guint64 first;
  n = pl_piece_advance (piece, numbers->n_rows, n, &first);
  batch->columns[0] = pl_column_new (batch->arena, self->schema->fields[0].type, n);
  for (guint64 number = first; number < first + n; number++)
    if (number % numbers->every == 0)
      batch->columns[0]->ints[batch->n_rows++] = (gint64) number;
  numbers->n_read += n;
  if (numbers->bad_row >= first && numbers->bad_row < first + n)
    return pl_batch_fail (batch, numbers->bad_row - first, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "cannot read");
  return TRUE;
}

void
keep_numbers (PlRows *)
{
}

gboolean
format_numbers (const PlFormatOptions *, PlBatch *batch, PlBuffer *out, GError **error)
{
  for (gsize i = 0; i < batch->n_rows; i++)
    {
      if ((guint64) batch->columns[0]->ints[i] == numbers->bad_text)
        return pl_batch_fail (batch, i, error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "cannot write");
      pl_buffer_append_printf (out, "%" G_GINT64_FORMAT "\n", batch->columns[0]->ints[i]);
    }
  if (hold_first && batch->position == 0)
    {
      g_usleep (50000);
      read_while_first_was_held = numbers->n_read.load ();
    }
  return TRUE;
}

/* A plan of one segment: numbers to a file. */
struct Plan
{
  support::Folder folder;
  std::string path = (folder.path / "out").string ();
  Numbers input;
  PlFormat format{};
  PlSink sink{};
  PlStep step{};
  PlStep *root = &step;
  PlSegment segment{};
  PlSegments segments{};
  PlSchema *schema = pl_schema_new ();

  explicit Plan (guint64 n_rows)
  {
    pl_schema_add (schema, "n", PL_TYPE (PL_INT));
    input.n_rows = n_rows;
    input.rows = {schema, n_rows, pl_rows_pieces (n_rows), FALSE, nullptr, next_numbers, nullptr, keep_numbers};
    format.rows = format_numbers;
    sink.path = sink.display = path.data ();
    sink.compression = PL_COMPRESSION_NONE;
    sink.format.format = &format;
    step.sink = &sink;
    step.label = "sink out";
    step.schema = schema;
    step.node = -1;
    step.feeds = PL_NO_SEGMENT;
    segment.label = "sort worst";
    segment.schema = schema;
    segment.node = -1;
    segment.steps = g_ptr_array_new ();
    segment.roots = &root;
    segment.n_roots = 1;
    g_ptr_array_add (segment.steps, &step);
    segments.list = g_ptr_array_new ();
    segments.n_outputs = 1;
    g_ptr_array_add (segments.list, &segment);
    numbers = &input;
    hold_first = false;
  }
  ~Plan ()
  {
    g_ptr_array_unref (segment.steps);
    g_ptr_array_unref (segments.list);
    pl_schema_unref (schema);
  }
  /* Returns: the message of the failure, or "". */
  std::string
  run (PlMode mode, guint n_workers, guint depth)
  {
    PlRunSettings settings{};
    settings.mode = mode;
    settings.workers = n_workers;
    settings.block_size = 1;
    PlPool *pool = pl_pool_new (depth, 1, 0, 0, nullptr);
    PlWriter *writer = pl_writer_new (&segments, pool, FALSE, nullptr, nullptr);
    PlCrew crew{};
    crew.desk.segment = &segment;
    crew.desk.input = &input.rows;
    crew.desk.settings = &settings;
    crew.desk.pool = pool;
    crew.writer = writer;
    crew.desk.n_workers = n_workers;
    GError *error = nullptr;
    std::string message;
    if (!pl_crew_run (&crew, &error) || !pl_writer_publish (writer, &error))
      message = error->message;
    g_clear_error (&error);
    pl_crew_clear (&crew);
    pl_writer_free (writer);
    pl_pool_free (pool);
    return message;
  }
};

TEST (Crew, OutputIsInOrderWhateverTheCrew)
{
  Plan plan (5 * rows_per_block + 17);
  std::string expected;
  for (guint64 i = 0; i < plan.input.rows.n_rows; i++)
    expected += std::to_string (i) + "\n";
  for (guint workers : {1u, 2u, 3u, 8u})
    for (guint depth : {1u, 2u, 20u})
      {
        EXPECT_EQ (plan.run (PL_MODE_THREADS, workers, depth), "");
        EXPECT_EQ (plan.folder.read ("out"), expected);
      }
  EXPECT_EQ (plan.run (PL_MODE_SERIAL, 1, 1), "");
  EXPECT_EQ (plan.folder.read ("out"), expected);
}

TEST (Crew, NoMoreBlocksAreInFlightThanTheQueueIsDeep)
{
  Plan plan (50 * rows_per_block);
  hold_first = true;
  EXPECT_EQ (plan.run (PL_MODE_THREADS, 3, 4), "");
  EXPECT_LE (read_while_first_was_held, 4 * rows_per_block);
}

TEST (Crew, TheFirstOfTwoFailuresIsReported)
{
  const guint64 n = 6 * rows_per_block;
  for (guint64 early : {(guint64) 0, (guint64) 5, (guint64) PL_BATCH_ROWS, 3 * rows_per_block + 1})
    for (guint64 late : {early + 1, early + 2 * PL_BATCH_ROWS, n - 1})
      for (guint workers : {1u, 3u})
        {
          Plan plan (n);
          plan.input.bad_row = late;
          plan.input.bad_text = early;
          std::string place = "row " + std::to_string (early + 1) + " of [sort worst]: ";
          EXPECT_EQ (plan.run (PL_MODE_THREADS, workers, 5), place + "cannot write");
          plan.input.bad_row = early;
          plan.input.bad_text = late;
          EXPECT_NE (plan.run (PL_MODE_THREADS, workers, 5).find ("cannot read"), std::string::npos);
          EXPECT_FALSE (plan.folder.has ("out"));
        }
}

TEST (Crew, RowsWhoseNumberNobodyKnows)
{
  Plan plan (3 * rows_per_block + 17);
  std::string expected;
  plan.input.every = 5000;
  plan.input.rows.n_rows = PL_ROWS_UNKNOWN;
  for (guint64 i = 0; i < plan.input.n_rows; i += plan.input.every)
    expected += std::to_string (i) + "\n";
  for (guint workers : {1u, 3u})
    {
      EXPECT_EQ (plan.run (PL_MODE_THREADS, workers, 5), "");
      EXPECT_EQ (plan.folder.read ("out"), expected);
    }
}

/* Number 20,000 is row 5: those that do not come out have no number. */
TEST (Crew, FailuresAmongRowsWhoseNumberNobodyKnows)
{
  for (guint workers : {1u, 3u})
    {
      Plan plan (3 * rows_per_block + 17);
      plan.input.every = 5000;
      plan.input.rows.n_rows = PL_ROWS_UNKNOWN;
      plan.input.bad_text = 20000;
      plan.input.bad_row = 20001;
      EXPECT_EQ (plan.run (PL_MODE_THREADS, workers, 5), "row 5 of [sort worst]: cannot write");
      plan.input.bad_row = 19999;
      EXPECT_EQ (plan.run (PL_MODE_THREADS, workers, 5), "cannot read");
    }
}

/* Makes a batch more of its first row than a block has numbers for. */
gboolean
make_too_many (gconstpointer, gpointer, PlBatch *batch, PlEmit *emit, GError **)
{
  for (guint64 given = 0; given <= G_MAXUINT32; given += PL_BATCH_ROWS)
    {
      PlBatch made = *batch;
      made.n_rows = PL_BATCH_ROWS;
      if (!emit->give (emit, &made))
        return FALSE;
    }
  return TRUE;
}

TEST (Crew, MoreRowsThanABlockHasNumbersForAreAFailure)
{
  PlMapStage map{};
  PlStage stage{};
  map.expand = make_too_many;
  stage.name = "grow";
  stage.takes_slices = TRUE;
  stage.map = &map;
  Plan plan (1);
  PlStep grow{};
  grow.index = 1;
  grow.stage = &stage;
  grow.label = "grow it";
  grow.node = -1;
  grow.feeds = grow.asks = PL_NO_SEGMENT;
  PlStep *roots[] = {&plan.step, &grow};
  g_ptr_array_add (plan.segment.steps, &grow);
  plan.segment.roots = roots;
  plan.segment.n_roots = 2;
  EXPECT_EQ (plan.run (PL_MODE_SERIAL, 1, 1),
             "row 1 of [sort worst]: [grow it] makes more than 4294967295 rows of one block of its input; set "
             "block-size in [run] smaller");
}

/* A state that takes a MiB for each batch, and can do without all but one. */
struct Hoard
{
  gsize held;
};
guint times_shrunk;
bool gives_back;

gpointer
hoard_new (gconstpointer)
{
  return g_new0 (Hoard, 1);
}

void
hoard_free (gpointer state)
{
  pl_lease_give (static_cast<Hoard *> (state)->held);
  g_free (state);
}

gboolean
hoard_consume (gconstpointer, gpointer state, PlBatch *, GError **)
{
  static_cast<Hoard *> (state)->held += 1 << 20;
  pl_lease_take (1 << 20);
  return TRUE;
}

void
hoard_shrink (gconstpointer, gpointer state)
{
  Hoard *hoard = static_cast<Hoard *> (state);
  times_shrunk++;
  if (!gives_back)
    return;
  pl_lease_give (hoard->held - (1 << 20));
  hoard->held = 1 << 20;
}

/* Runs @n_batches through a hoard in @room bytes, 0: any number. Returns: the most it held. */
gint64
hoard (guint n_batches, guint64 room)
{
  PlReduceStage reduce{};
  PlStage stage{};
  reduce.consume = hoard_consume;
  reduce.shrink = hoard_shrink;
  stage.name = "hoard";
  stage.takes_slices = TRUE;
  stage.state_new = hoard_new;
  stage.state_free = hoard_free;
  stage.reduce = &reduce;
  Plan plan (n_batches * PL_BATCH_ROWS);
  PlBudget *budget = pl_budget_new ();
  g_autoptr (PlMemoryAccount) account = pl_budget_tell (budget);
  if (room > 0)
    pl_budget_set_room (budget, account->base + (room * 5 + 1) / 2, 0);
  PlStep step{};
  step.index = 1;
  step.stage = &stage;
  step.label = "hoard it";
  step.node = -1;
  step.feeds = step.asks = PL_NO_SEGMENT;
  step.lease = pl_budget_lease (budget, "hoard it");
  plan.segment.lease = pl_budget_lease (budget, "numbers");
  PlStep *roots[] = {&plan.step, &step};
  g_ptr_array_add (plan.segment.steps, &step);
  plan.segment.roots = roots;
  plan.segment.n_roots = 2;
  times_shrunk = 0;
  EXPECT_EQ (plan.run (PL_MODE_SERIAL, 1, 1), "");
  const gint64 peak = step.lease->peak;
  pl_budget_free (budget);
  return peak;
}

TEST (Crew, StatesGiveMemoryBackWhereItIsLow)
{
  gives_back = true;
  EXPECT_EQ (hoard (100, 0), 100 << 20);
  EXPECT_EQ (times_shrunk, 0u);
  EXPECT_LE (hoard (100, 20 << 20), 21 << 20);
  EXPECT_GE (times_shrunk, 4u);
  EXPECT_LE (times_shrunk, 6u);
}

TEST (Crew, AStateThatHasNothingToGiveIsNotAskedAllTheTime)
{
  // Memory is low from the first byte on; 1.125 ^ 59 is more than 1000.
  gives_back = false;
  EXPECT_EQ (hoard (1000, 1), 1000 << 20);
  EXPECT_GE (times_shrunk, 30u);
  EXPECT_LE (times_shrunk, 59u);
}

TEST (Crew, NoRowsNoBlocks)
{
  Plan plan (0);
  EXPECT_EQ (plan.run (PL_MODE_THREADS, 3, 4), "");
  EXPECT_EQ (plan.folder.read ("out"), "");
}

TEST (Parallel, EveryTaskRunsOnce)
{
  PlParallel *parallel = pl_parallel_threads (3);
  std::vector<std::atomic<int> > runs (100);
  parallel->run (
      parallel, 100, [] (guint i, gpointer data) { (*static_cast<std::vector<std::atomic<int> > *> (data))[i]++; },
      &runs);
  EXPECT_TRUE (std::all_of (runs.begin (), runs.end (), [] (const std::atomic<int> &n) { return n == 1; }));
  parallel->run (parallel, 0, nullptr, nullptr);
  g_free (parallel);
}

} // namespace
