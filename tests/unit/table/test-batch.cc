/* Batches: selecting and slicing keep rows, parts and positions together, and leave shared columns alone. */
#include "helpers.h"
#include "../../../pipeline/base/error.h"

class Batch : public testing::Test
{
protected:
  PlArena *arena = pl_arena_new ();
  PlSchema *schema = pl_schema_new ();
  PlBatch batch;
  PlColumn *shared;

  void
  SetUp () override
  {
    pl_schema_add (schema, "a", type_of (PL_FLOAT));
    pl_schema_add (schema, "unused", type_of (PL_INT));
    pl_batch_init (&batch, schema, arena);
    batch.n_rows = 6;
    batch.position = G_GUINT64_CONSTANT (3) << 32;
    shared = pl_column_new (arena, type_of (PL_FLOAT), 6);
    pl_column_add_nulls (shared, arena, 6);
    shared->lexical = pl_arena_new_array (arena, PlText, 6);
    shared->exact = pl_arena_new_array (arena, gint64, 6);
    shared->exact_scales = pl_arena_new_array (arena, guint8, 6);
    for (guint i = 0; i < 6; i++)
      {
        shared->floats[i] = i;
        shared->nulls[i] = i == 4;
        shared->lexical[i] = text_of (&"012345"[i]);
        shared->exact[i] = 10 * i;
        shared->exact_scales[i] = static_cast<guint8> (i);
      }
    batch.columns[0] = shared;
  }

  void
  TearDown () override
  {
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }

  /* Row @row is what row @origin of the first batch was. */
  void
  expect_row (const PlBatch *b, gsize row, guint origin)
  {
    const PlColumn *column = b->columns[0];
    EXPECT_EQ (column->floats[row], origin);
    EXPECT_EQ (column->nulls[row], origin == 4);
    EXPECT_EQ (column->lexical[row].data[0], '0' + static_cast<int> (origin));
    EXPECT_EQ (column->exact[row], 10 * static_cast<gint64> (origin));
    EXPECT_EQ (column->exact_scales[row], origin);
    EXPECT_EQ (pl_batch_position (b, row), (G_GUINT64_CONSTANT (3) << 32) + origin);
  }
};

TEST_F (Batch, InitHasNoColumns)
{
  PlBatch empty;
  pl_batch_init (&empty, schema, arena);
  EXPECT_EQ (empty.n_rows, 0u);
  EXPECT_EQ (empty.columns[0], nullptr);
  EXPECT_EQ (empty.columns[1], nullptr);
}

TEST_F (Batch, CopyHasItsOwnColumnArray)
{
  PlBatch copy;
  pl_batch_copy (&copy, &batch);
  copy.columns[0] = nullptr;
  EXPECT_EQ (batch.columns[0], shared);
}

TEST_F (Batch, SelectKeepsRowsAndPositions)
{
  const guint32 rows[] = {1, 4, 5}, again[] = {0, 2};
  pl_batch_select (&batch, rows, 3);
  ASSERT_EQ (batch.n_rows, 3u);
  EXPECT_EQ (batch.columns[1], nullptr);
  expect_row (&batch, 0, 1);
  expect_row (&batch, 1, 4);
  expect_row (&batch, 2, 5);
  pl_batch_select (&batch, again, 2);
  ASSERT_EQ (batch.n_rows, 2u);
  expect_row (&batch, 0, 1);
  expect_row (&batch, 1, 5);
  EXPECT_EQ (shared->floats[0], 0);
}

TEST_F (Batch, SelectOfNoneAndOfAll)
{
  const guint32 rows[] = {0, 1, 2, 3, 4, 5};
  pl_batch_select (&batch, rows, 6);
  EXPECT_EQ (batch.n_rows, 6u);
  expect_row (&batch, 5, 5);
  pl_batch_select (&batch, rows, 0);
  EXPECT_EQ (batch.n_rows, 0u);
}

TEST_F (Batch, RawFieldsStayRawWhereAllColumnsKeepTheSameRows)
{
  const guint32 rows[] = {0, 3, 5};
  shared->raw = 7;
  pl_batch_select (&batch, rows, 3);
  EXPECT_EQ (batch.columns[0]->raw, 7u);
  pl_batch_slice (&batch, 1, 2);
  EXPECT_EQ (batch.columns[0]->raw, 7u);
  EXPECT_EQ (pl_column_gather (batch.columns[0], rows, 1, arena)->raw, 0u);
}

TEST_F (Batch, SliceMovesEveryPart)
{
  pl_batch_slice (&batch, 2, 3);
  ASSERT_EQ (batch.n_rows, 3u);
  expect_row (&batch, 0, 2);
  expect_row (&batch, 2, 4);
  pl_batch_slice (&batch, 1, 1);
  ASSERT_EQ (batch.n_rows, 1u);
  expect_row (&batch, 0, 3);
  EXPECT_EQ (shared->floats[0], 0);
}

TEST_F (Batch, SliceOfASelection)
{
  const guint32 rows[] = {0, 3, 5};
  pl_batch_select (&batch, rows, 3);
  pl_batch_slice (&batch, 1, 2);
  expect_row (&batch, 0, 3);
  expect_row (&batch, 1, 5);
  const guint32 last[] = {1};
  pl_batch_select (&batch, last, 1);
  expect_row (&batch, 0, 5);
}

TEST_F (Batch, FailNamesThePlace)
{
  GError *error = nullptr;
  batch.locate = [] (const PlBatch *b, gsize row, gpointer data) -> char * {
    return g_strdup_printf ("%s:%u", static_cast<const char *> (data),
                            static_cast<guint> (pl_batch_position (b, row) & 0xff));
  };
  batch.locate_data = const_cast<char *> ("flights.csv");
  pl_batch_slice (&batch, 2, 3);
  EXPECT_FALSE (pl_batch_fail (&batch, 1, &error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "sum of '%s' overflows", "a"));
  EXPECT_EQ (batch.failed_row, 1u);
  expect_error (&error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "flights.csv:3: sum of 'a' overflows");
}

TEST_F (Batch, FailWithoutAPlaceIsJustTheMessage)
{
  GError *error = nullptr;
  EXPECT_FALSE (pl_batch_fail (&batch, 5, &error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "100%% wrong"));
  EXPECT_EQ (batch.failed_row, 5u);
  expect_error (&error, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "100% wrong");
  EXPECT_FALSE (pl_batch_fail (&batch, 5, nullptr, PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "nobody listens"));
}
