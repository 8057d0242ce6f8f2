// Stores: every part of every type comes back, in any order, through the wire and through retaining.
#include "../../../pipeline/rows/store.h"
#include "../../stages/harness.h"
#include <gtest/gtest.h>
#include <cmath>
#include <string>
#include <vector>

static const char rows[]
    = "i:int,x:float,s,d:decimal(30/3),day:date,t:timestamp,b:bool\n"
      "1,1.50,one,-0.001,1999-12-31,2001-01-31 23:59:00.5,true\n"
      ",,,,,,\n"
      "-7,1e3,\"\",123456789012345678901234.567,2000-02-29,1969-12-31 00:00:00,false\n"
      "9223372036854775807,0.10,a text of more than sixteen bytes,0.000,0001-01-01,1970-01-01 00:00:00,\n";

class Store : public testing::Test
{
protected:
  void
  SetUp () override
  {
    arena = pl_arena_new ();
    batch = pl_harness_batch (rows, &schema, arena);
    batch->position = 100;
    store = pl_store_new (schema);
  }
  void
  TearDown () override
  {
    pl_store_free (store);
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }
  std::string
  line (int row)
  {
    std::string text (rows);
    for (int i = 0; i <= row; i++)
      text = text.substr (text.find ('\n') + 1);
    return text.substr (0, text.find ('\n') + 1);
  }
  std::string
  gather (const PlStore *from, std::vector<guint64> wanted, PlBatch *out)
  {
    std::vector<const PlRecord *> records;
    for (guint64 row : wanted)
      records.push_back (pl_store_record (from, row));
    pl_batch_init (out, schema, arena);
    pl_store_gather (from, records.data (), records.size (), out);
    GString *text = g_string_new (NULL);
    pl_harness_print (out, text);
    std::string result (text->str, text->len);
    g_string_free (text, TRUE);
    return result;
  }
  PlArena *arena;
  PlSchema *schema;
  PlBatch *batch;
  PlStore *store;
};

TEST_F (Store, GivesRowsBackInAnyOrder)
{
  PlBatch out;
  pl_store_append (store, batch, NULL, 4, NULL);
  EXPECT_EQ (pl_store_n_rows (store), 4u);
  EXPECT_EQ (gather (store, {3, 1, 0, 2, 0}, &out), line (3) + line (1) + line (0) + line (2) + line (0));
  EXPECT_EQ (pl_store_record (store, 2)->position, 102u);
}

TEST_F (Store, KeepsValuesExactsAndTextsBesideEachOther)
{
  PlBatch out;
  pl_store_append (store, batch, NULL, 4, NULL);
  gather (store, {3, 0}, &out);
  EXPECT_EQ (out.columns[0]->ints[0], G_MAXINT64);
  EXPECT_EQ (out.columns[0]->nulls, nullptr);
  EXPECT_EQ (out.columns[1]->floats[1], 1.5);
  EXPECT_EQ (out.columns[1]->exact[0], 10);
  EXPECT_EQ (out.columns[1]->exact[1], 150);
  EXPECT_EQ (out.columns[1]->exact_scales, nullptr);
  EXPECT_EQ (out.columns[1]->exact_scale, 2);
  EXPECT_EQ (out.columns[3]->decimals[1], -1);
  EXPECT_EQ (out.columns[4]->dates[1], 10956);
  EXPECT_EQ (out.columns[6]->nulls[0], 1);
  EXPECT_EQ (std::string (out.columns[1]->lexical[0].data, 4), "0.10");
}

TEST_F (Store, TakesChosenRowsAndKeys)
{
  PlBatch out;
  const guint32 chosen[] = {1, 3};
  const PlText keys[] = {{"", 0, 0}, {"key", 3, 0}};
  pl_store_append (store, batch, chosen, 2, keys);
  EXPECT_EQ (gather (store, {1, 0}, &out), line (3) + line (1));
  const PlRecord *record = pl_store_record (store, 1);
  EXPECT_EQ (std::string ((const char *) pl_store_key (store, record), record->key_length), "key");
  EXPECT_EQ (record->position, 103u);
}

TEST_F (Store, LeavesOutColumnsThatAreNotThere)
{
  PlBatch out;
  batch->columns[2] = NULL;
  batch->columns[1]->floats = NULL;
  pl_store_append (store, batch, NULL, 4, NULL);
  std::vector<const PlRecord *> records{pl_store_record (store, 0)};
  pl_batch_init (&out, schema, arena);
  pl_store_gather (store, records.data (), 1, &out);
  EXPECT_EQ (out.columns[2], nullptr);
  EXPECT_EQ (out.columns[1]->floats, nullptr);
  EXPECT_EQ (std::string (out.columns[1]->lexical[0].data, 4), "1.50");
}

// What a reader gives that was asked for exact decimals alone: doubles only in batches that have rows which need them.
TEST_F (Store, KeepsTheDoublesOfRowsThatHaveNoDecimal)
{
  const guint8 uses[7] = {0, PL_USE_EXACT, 0, 0, 0, 0, 0};
  gint64 mantissas[] = {15, 0, 0, 25};
  guint8 scales[] = {1, PL_SCALE_INEXACT, 1, 1};
  double rest[] = {0, 1e-300, -0.0, 0};
  for (bool wanted : {true, false})
    for (bool first : {true, false})
      {
        PlStore *own = wanted ? pl_store_new_for (schema, uses) : pl_store_new (schema);
        for (bool inexact : {first, !first})
          {
            PlColumn column = {};
            column.type = PL_TYPE (PL_FLOAT);
            column.exact = mantissas;
            column.exact_scale = 1;
            column.exact_scales = inexact ? scales : nullptr;
            column.floats = inexact ? rest : nullptr;
            for (guint c = 0; c < 7; c++)
              batch->columns[c] = c == 1 ? &column : nullptr;
            pl_store_append (own, batch, NULL, 4, NULL);
          }
        std::vector<const PlRecord *> records;
        for (guint64 row = first ? 0 : 4; records.size () < 4; row++)
          records.push_back (pl_store_record (own, row));
        PlBatch out;
        pl_batch_init (&out, schema, arena);
        pl_store_gather (own, records.data (), 4, &out);
        const PlColumn *column = out.columns[1];
        EXPECT_EQ (column->exact[0], 15);
        EXPECT_EQ (column->exact[3], 25);
        EXPECT_EQ (column->exact_scales[3], 1);
        EXPECT_EQ (column->exact_scales[1], PL_SCALE_INEXACT);
        EXPECT_EQ (column->floats[1], 1e-300);
        EXPECT_TRUE (std::signbit (column->floats[2]));
        pl_store_free (own);
      }
}

TEST_F (Store, RetainsRowsAndForgetsTheRest)
{
  PlBatch out;
  for (int i = 0; i < 1000; i++)
    pl_store_append (store, batch, NULL, 4, NULL);
  gsize before = pl_store_bytes (store);
  const guint64 kept[] = {3998, 7, 0};
  pl_store_retain (store, kept, 3);
  EXPECT_EQ (pl_store_n_rows (store), 3u);
  EXPECT_LT (pl_store_bytes (store), before);
  EXPECT_EQ (gather (store, {0, 1, 2}, &out), line (2) + line (3) + line (0));
  pl_store_append (store, batch, NULL, 4, NULL);
  EXPECT_EQ (gather (store, {3, 2}, &out), line (0) + line (0));
}

TEST_F (Store, SavesAndLoads)
{
  PlBatch out;
  PlBuffer buffer = PL_BUFFER_INIT;
  pl_store_append (store, batch, NULL, 4, NULL);
  pl_store_save (store, &buffer);
  PlStore *loaded = pl_store_new (schema);
  for (int i = 0; i < 2; i++)
    {
      PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
      ASSERT_TRUE (pl_store_load (loaded, &cursor));
      EXPECT_EQ (cursor.offset, buffer.length);
    }
  EXPECT_EQ (pl_store_n_rows (loaded), 8u);
  EXPECT_EQ (gather (loaded, {5, 3}, &out), line (1) + line (3));
  pl_store_free (loaded);
  // Any byte may be wrong: nothing is read past the end.
  for (gsize at = 0; at < buffer.length; at++)
    {
      PlStore *other = pl_store_new (schema);
      buffer.data[at] ^= 0x41;
      PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
      if (pl_store_load (other, &cursor))
        for (guint64 row = 0; row < pl_store_n_rows (other); row++)
          {
            const PlRecord *record = pl_store_record (other, row);
            pl_batch_init (&out, schema, arena);
            pl_store_gather (other, &record, 1, &out);
          }
      buffer.data[at] ^= 0x41;
      pl_store_free (other);
    }
  pl_buffer_clear (&buffer);
}

TEST_F (Store, ReadsAsRows)
{
  PlStore **stores = g_new0 (PlStore *, 2);
  stores[0] = pl_store_new (schema);
  stores[1] = pl_store_new (schema);
  pl_store_append (stores[1], batch, NULL, 4, NULL);
  const PlRecord **records = g_new (const PlRecord *, 3);
  records[0] = pl_store_record (stores[1], 3);
  records[1] = pl_store_record (stores[1], 0);
  records[2] = pl_store_record (stores[1], 1);
  PlRows *rows_of = pl_store_rows (schema, stores, 2, records, 3);
  EXPECT_EQ (rows_of->n_rows, 3u);
  PlBatch out;
  pl_batch_init (&out, rows_of->schema, arena);
  ASSERT_TRUE (rows_of->read (rows_of, 1, 2, &out, NULL));
  EXPECT_EQ (out.position, 1u);
  GString *text = g_string_new (NULL);
  pl_harness_print (&out, text);
  EXPECT_EQ (std::string (text->str), line (0) + line (1));
  g_string_free (text, TRUE);
  pl_rows_free (rows_of);
}
