// What sort keeps rows in: lines and records, runs of both saved and loaded, and the order they come out in.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/sorting/order.h"
#include "../../../pipeline/sorting/runs-spill.h"
#include "../../../pipeline/sorting/radix.h"
#include "../../../pipeline/sorting/sorted-rows.h"
#include "../../../pipeline/sorting/runs-wire.h"
#include "../../../pipeline/base/buffer.h"
}

TEST (Radix, IsAStableSortByPrefix)
{
  std::mt19937_64 random (1);
  for (size_t n : {0, 1, 2, 24, 25, 1000, 1025, 20000})
    for (guint64 mask : {~guint64 (0), guint64 (0), guint64 (255), guint64 (0xfff) << 40, guint64 (0xff000000000000ff)})
      {
        std::vector<PlSortItem> items (n), scratch (n);
        for (size_t i = 0; i < n; i++)
          {
            items[i].prefix = random () & mask;
            items[i].id = i;
          }
        std::vector<PlSortItem> expected = items;
        std::stable_sort (expected.begin (), expected.end (),
                          [] (const PlSortItem &a, const PlSortItem &b) { return a.prefix < b.prefix; });
        pl_sort_radix (items.data (), scratch.data (), n);
        for (size_t i = 0; i < n; i++)
          ASSERT_EQ (items[i].id, expected[i].id) << n << " " << mask;
      }
}

namespace
{

struct Row
{
  double x;
  std::string s, t;

  std::string
  line () const
  {
    return std::to_string (static_cast<int> (x)) + "," + s + "," + t;
  }
};

/* by = x desc; s, of rows x, s, t that pass through. */
class Runs : public testing::Test
{
protected:
  PlSchema *schema = pl_schema_new ();
  PlArena *arena = pl_arena_new ();
  PlSortOrder orders[2] = {{TRUE, FALSE}, {FALSE, FALSE}};
  guint8 uses[3] = {PL_USE_TEXT, PL_USE_TEXT, PL_USE_TEXT};
  guint fields[3] = {0, 1, 2}, tail[1] = {1};
  PlSortShape shape = {};
  std::vector<PlSortRuns *> states;
  std::vector<Row> all;

  Runs ()
  {
    pl_schema_add (schema, "x", PL_TYPE (PL_FLOAT));
    pl_schema_add (schema, "s", PL_TYPE (PL_STRING));
    pl_schema_add (schema, "t", PL_TYPE (PL_STRING));
    shape.schema = schema;
    shape.orders = orders;
    shape.uses = uses;
    shape.n_terms = 2;
    shape.n_head = 1;
    shape.lines = TRUE;
    shape.n_fields = 3;
    shape.fields = fields;
    shape.tail = tail;
    for (int i = 0; i < 2; i++)
      states.push_back (pl_sort_runs_new (&shape));
  }
  ~Runs () override
  {
    for (PlSortRuns *state : states)
      pl_sort_runs_free (state);
    pl_arena_free (arena);
    pl_schema_unref (schema);
  }

  /* @sliced: as a reader gives plain records; else texts, as of records with quotes. */
  void
  add (PlSortRuns *state, const std::vector<Row> &rows, bool sliced)
  {
    PlBatch batch;
    pl_arena_reset (arena);
    pl_batch_init (&batch, schema, arena);
    batch.n_rows = rows.size ();
    batch.position = all.size ();
    std::string data;
    guint32 *edges = pl_arena_new_array (arena, guint32, 4 * rows.size ());
    for (size_t i = 0; i < rows.size (); i++)
      {
        std::string line = rows[i].line ();
        size_t first = line.find (','), second = line.find (',', first + 1);
        edges[4 * i] = static_cast<guint32> (data.size () - 1);
        edges[4 * i + 1] = static_cast<guint32> (data.size () + first);
        edges[4 * i + 2] = static_cast<guint32> (data.size () + second);
        edges[4 * i + 3] = static_cast<guint32> (data.size () + line.size ());
        data += line + "\n";
      }
    const char *copy = pl_arena_copy (arena, data.data (), data.size ());
    for (guint c = 0; c < 3; c++)
      {
        batch.columns[c] = pl_column_new (arena, schema->fields[c].type, rows.size ());
        batch.columns[c]->raw = c + 1;
        batch.columns[c]->slices = {copy, edges + c, 4, nullptr, 0};
        for (size_t i = 0; c == 0 && i < rows.size (); i++)
          batch.columns[c]->floats[i] = rows[i].x;
        if (sliced && c != 1)
          continue;
        pl_column_settle (batch.columns[c], rows.size (), arena);
        batch.columns[c]->raw = sliced ? c + 1 : 0;
        PlText *texts = c == 0 ? batch.columns[c]->lexical : batch.columns[c]->texts;
        for (size_t i = 0; !sliced && i < rows.size (); i++)
          texts[i].flags = i % 2 != 0 ? static_cast<guint32> (PL_TEXT_PLAIN) : 0;
      }
    pl_sort_runs_add (state, &batch, batch.columns);
    all.insert (all.end (), rows.begin (), rows.end ());
  }

  void
  fill (unsigned seed, int n_batches, bool mixed, guint distinct)
  {
    std::mt19937 random (seed);
    for (int b = 0; b < n_batches; b++)
      {
        std::vector<Row> rows (1 + random () % PL_BATCH_ROWS);
        for (Row &row : rows)
          row = {static_cast<double> (random () % distinct),
                 std::string (random () % 3, 'a') + std::to_string (random () % 5),
                 random () % 500 == 0 ? std::string (40000, 'l') : std::to_string (random ())};
        add (states[random () % 2], rows, !mixed || random () % 2 != 0);
      }
  }

  std::string
  expected () const
  {
    std::vector<Row> sorted = all;
    std::stable_sort (sorted.begin (), sorted.end (),
                      [] (const Row &a, const Row &b) { return a.x != b.x ? a.x > b.x : a.s < b.s; });
    std::string text;
    for (const Row &row : sorted)
      text += row.line () + "\n";
    return text;
  }

  static std::string
  text_at (const PlColumn *column, gsize row)
  {
    const PlText &text = (column->type.kind == PL_STRING ? column->texts : column->lexical)[row];
    return pl_column_is_null (column, row) ? "" : std::string (text.data, text.length);
  }

  /* All rows, in order; the states are used up. */
  std::string
  finish ()
  {
    guint64 n = 0;
    PlSortRuns **runs = g_new (PlSortRuns *, states.size ());
    std::copy (states.begin (), states.end (), runs);
    guint64 *addresses
        = pl_sort_order (&shape, runs, static_cast<guint> (states.size ()), pl_parallel_serial (), &n, nullptr);
    PlRows *rows = pl_sort_rows (&shape, runs, static_cast<guint> (states.size ()), addresses, n);
    states.clear ();
    EXPECT_EQ (rows->n_rows, n);
    return read (rows);
  }

  /* The same by way of the disk, some of each state at a time. */
  std::string
  finish_spilled (unsigned seed, int n_batches, bool mixed, guint distinct, int n_times)
  {
    GPtrArray *spills = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (pl_spill_free));
    for (size_t s = 0; s < states.size (); s++)
      g_ptr_array_add (spills, pl_spill_new ());
    for (int time = 0; time < n_times; time++)
      {
        fill (seed + static_cast<unsigned> (time), n_batches, mixed, distinct);
        for (size_t s = 0; s < states.size (); s++)
          {
            EXPECT_TRUE (pl_sort_runs_spill (states[s], static_cast<PlSpill *> (spills->pdata[s]), nullptr));
            EXPECT_EQ (pl_sort_runs_bytes (states[s]), 0u);
          }
      }
    PlRows *rows = pl_sort_rows_spilled (&shape, pl_spill_order_new (spills, 100000, nullptr, nullptr));
    EXPECT_GT (rows->n_pieces, 1u);
    return read (rows);
  }

  std::string
  read (PlRows *rows)
  {
    std::string text;
    for (guint64 index = 0; index < rows->n_pieces; index++)
      {
        PlPiece piece;
        EXPECT_TRUE (pl_piece_open (rows, index, &piece, nullptr));
        while (!piece.ended)
          {
            PlBatch batch;
            pl_arena_reset (arena);
            pl_batch_init (&batch, schema, arena);
            EXPECT_TRUE (pl_piece_next (rows, &piece, 1000, &batch, nullptr));
            pl_batch_settle (&batch);
            for (gsize i = 0; i < batch.n_rows; i++)
              text += text_at (batch.columns[0], i) + "," + text_at (batch.columns[1], i) + ","
                      + text_at (batch.columns[2], i) + "\n";
          }
        pl_piece_close (rows, &piece);
      }
    pl_rows_free (rows);
    return text;
  }
};

}

TEST_F (Runs, LinesComeInOrderWithFewTies)
{
  fill (2, 40, false, 1 << 30);
  EXPECT_EQ (pl_sort_runs_store (states[0]), nullptr);
  EXPECT_TRUE (finish () == expected ());
}

TEST_F (Runs, LinesComeInOrderWithManyTies)
{
  fill (3, 40, false, 3);
  EXPECT_TRUE (finish () == expected ());
}

TEST_F (Runs, LinesAndRecordsComeInOneOrder)
{
  fill (4, 20, true, 1 << 30);
  EXPECT_NE (pl_sort_runs_store (states[0]), nullptr);
  EXPECT_TRUE (finish () == expected ());
}

TEST_F (Runs, LinesAndRecordsComeInOneOrderWithManyTies)
{
  fill (5, 20, true, 3);
  EXPECT_TRUE (finish () == expected ());
}

TEST_F (Runs, ComeBackFromTheDiskInOneOrder)
{
  const std::string text = finish_spilled (7, 15, false, 1 << 30, 3);
  EXPECT_TRUE (text == expected ());
}

TEST_F (Runs, ComeBackFromTheDiskInOneOrderWithManyTies)
{
  const std::string text = finish_spilled (8, 15, false, 3, 3);
  EXPECT_TRUE (text == expected ());
}

TEST_F (Runs, LinesAndRecordsComeBackFromTheDiskInOneOrder)
{
  const std::string text = finish_spilled (9, 10, true, 1 << 30, 3);
  EXPECT_TRUE (text == expected ());
}

TEST_F (Runs, LinesAndRecordsComeBackFromTheDiskInOneOrderWithManyTies)
{
  const std::string text = finish_spilled (10, 20, true, 1, 2);
  EXPECT_TRUE (text == expected ());
}

TEST_F (Runs, StatesBecomeOne)
{
  for (unsigned seed = 11; seed < 15; seed++)
    {
      fill (seed, 5, seed % 2 != 0, 50);
      pl_sort_runs_merge (states[0], states[1]);
      EXPECT_EQ (pl_sort_runs_bytes (states[1]), 0u);
    }
  EXPECT_TRUE (finish () == expected ());
}

TEST_F (Runs, ComeInOrderWithOneKeyForAll)
{
  fill (15, 40, true, 1);
  EXPECT_TRUE (finish () == expected ());
}

TEST_F (Runs, SurviveSavingAndNoPartOfThatIsTakenForTheWhole)
{
  fill (6, 6, true, 50);
  for (PlSortRuns *&state : states)
    {
      PlBuffer buffer = PL_BUFFER_INIT;
      pl_sort_runs_save (state, &buffer);
      for (gsize length = 0; length < buffer.length; length += 1 + length / 50)
        {
          PlCursor part = {reinterpret_cast<const guint8 *> (buffer.data), length, 0, FALSE};
          PlSortRuns *loaded = pl_sort_runs_new (&shape);
          EXPECT_FALSE (pl_sort_runs_load (loaded, &part)) << length;
          pl_sort_runs_free (loaded);
        }
      PlCursor whole = {reinterpret_cast<const guint8 *> (buffer.data), buffer.length, 0, FALSE};
      pl_sort_runs_free (state);
      state = pl_sort_runs_new (&shape);
      EXPECT_TRUE (pl_sort_runs_load (state, &whole));
      pl_buffer_clear (&buffer);
    }
  EXPECT_TRUE (finish () == expected ());
}
