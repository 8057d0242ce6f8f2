// Stores: every part of every type comes back, in any order, through the wire and through retaining.
#include "../../../pipeline/base/lease.h"
#include "../../../pipeline/rows/store.h"
#include "../../../pipeline/table/print.h"
#include "../../stages/harness.h"
#include "../../../pipeline/rows/compact.h"
#include "../../../pipeline/rows/gather.h"
#include "../../../pipeline/rows/wire.h"
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

#define ALL (PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT)

class Store : public testing::Test
{
protected:
  PlStore *
  store_for (guint8 use) const
  {
    std::vector<guint8> uses (schema->n_fields, use);
    return pl_store_new (schema, uses.data ());
  }
  void
  SetUp () override
  {
    arena = pl_arena_new ();
    batch = pl_harness_batch (rows, &schema, arena);
    batch->position = 100;
    store = store_for (ALL);
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

TEST_F (Store, LeavesOutWhatIsNotWanted)
{
  PlBatch out;
  const guint8 uses[7] = {PL_USE_VALUE, PL_USE_TEXT | PL_USE_EXACT, 0, PL_USE_EXACT, PL_USE_TEXT, 0, PL_USE_VALUE};
  PlStore *own = pl_store_new (schema, uses);
  batch->columns[2] = NULL;
  pl_store_append (own, batch, NULL, 4, NULL);
  std::vector<const PlRecord *> records{pl_store_record (own, 0)};
  pl_batch_init (&out, schema, arena);
  pl_store_gather (own, records.data (), 1, &out);
  EXPECT_EQ (out.columns[0]->ints[0], 1);
  EXPECT_EQ (out.columns[0]->lexical, nullptr);
  EXPECT_EQ (out.columns[1]->floats, nullptr);
  EXPECT_EQ (out.columns[1]->exact[0], 150);
  EXPECT_EQ (std::string (out.columns[1]->lexical[0].data, 4), "1.50");
  EXPECT_EQ (out.columns[2], nullptr);
  EXPECT_EQ (out.columns[3]->decimals[0], -1);
  EXPECT_EQ (out.columns[4]->values, nullptr);
  EXPECT_EQ (out.columns[5], nullptr);
  pl_store_free (own);
}

// What a reader gives that was asked for exact decimals alone: doubles only in batches that have rows which need them.
TEST_F (Store, KeepsTheDoublesOfRowsThatHaveNoDecimal)
{
  const guint8 uses[7] = {0, PL_USE_EXACT, 0, 0, 0, 0, 0};
  gint64 mantissas[] = {15, 0, 0, 25};
  guint8 scales[] = {1, PL_SCALE_INEXACT, 1, 1};
  double rest[] = {0, 1e-300, -0.0, 0};
  for (bool first : {true, false})
    {
      PlStore *own = pl_store_new (schema, uses);
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

// How a batch may hold what is wanted of a column: as read from a file, as computed, and as nulls, from a file without
// the column.
enum Form
{
  READ,
  COMPUTED,
  ABSENT
};

// Readers give doubles where a row of the column has no decimal.
static bool
has_doubles_only (const PlColumn *column, gsize n_rows)
{
  for (gsize i = 0; i < n_rows && column->exact_scales != NULL; i++)
    if (column->exact_scales[i] >= PL_SCALE_COMPUTED)
      return true;
  return false;
}

static PlBatch
as_form (const PlBatch *batch, Form form, guint8 use, PlArena *arena)
{
  PlBatch other;
  pl_batch_copy (&other, batch);
  for (guint c = 0; c < batch->schema->n_fields; c++)
    {
      const PlType type = batch->schema->fields[c].type;
      PlColumn *column = (PlColumn *) pl_arena_alloc0 (arena, sizeof (PlColumn));
      *column = *batch->columns[c];
      if (form == ABSENT)
        column = pl_column_null (arena, type, batch->n_rows);
      else if (form == COMPUTED)
        {
          column->lexical = NULL;
          column->exact = NULL;
          column->exact_scales = NULL;
        }
      else if (type.kind != PL_STRING)
        {
          column->lexical = use & PL_USE_TEXT ? column->lexical : NULL;
          column->exact = use & PL_USE_EXACT ? column->exact : NULL;
          if (!(use & PL_USE_VALUE) && (column->exact != NULL || !(use & PL_USE_EXACT))
              && !(use & PL_USE_EXACT && has_doubles_only (column, batch->n_rows)))
            column->values = NULL;
        }
      other.columns[c] = column;
    }
  return other;
}

// Row @row of @column, by what is wanted of it.
static std::string
wanted (const PlColumn *column, gsize row, guint8 use)
{
  if (pl_column_is_null (column, row))
    return "null";
  PlBuffer buffer = PL_BUFFER_INIT;
  PlColumn value = *column;
  if (use & PL_USE_TEXT)
    pl_print_value (&buffer, column, row);
  pl_buffer_append (&buffer, "|", 1);
  value.lexical = NULL;
  if (use & PL_USE_VALUE || (use & PL_USE_EXACT && column->type.kind != PL_FLOAT))
    pl_print_value (&buffer, &value, row);
  if (use & PL_USE_EXACT && column->type.kind == PL_FLOAT)
    {
      const bool exact = column->exact != NULL;
      const guint8 scale = exact && column->exact_scales != NULL ? column->exact_scales[row] : column->exact_scale;
      if (exact && scale < PL_SCALE_COMPUTED)
        pl_buffer_append_printf (&buffer, "|%.17g", (double) column->exact[row] / std::pow (10.0, scale));
      else
        pl_buffer_append_printf (&buffer, "|%.17g%s", column->floats[row],
                                 exact && scale == PL_SCALE_INEXACT ? " as printed" : "");
    }
  std::string text (buffer.data, buffer.length);
  pl_buffer_clear (&buffer);
  return text;
}

// A file that lacks a column, first, in the middle or last, must not decide what is kept of the others' rows.
TEST_F (Store, KeepsWhatIsWantedWhicheverBatchComesFirst)
{
  const Form forms[] = {READ, COMPUTED, ABSENT};
  for (guint8 use = 1; use <= ALL; use++)
    for (int order = 0; order < 27; order++)
      {
        SCOPED_TRACE ("use " + std::to_string (use) + ", order " + std::to_string (order));
        PlStore *own = store_for (use);
        PlBuffer saved = PL_BUFFER_INIT;
        std::vector<PlBatch> batches;
        for (int b = 0, digits = order; b < 3; b++, digits /= 3)
          {
            batches.push_back (as_form (batch, forms[digits % 3], use, arena));
            pl_store_append (own, &batches.back (), NULL, 4, NULL);
          }
        pl_store_save (own, &saved);
        PlStore *loaded = store_for (use);
        PlCursor cursor = {(const guint8 *) saved.data, saved.length, 0, FALSE};
        ASSERT_TRUE (pl_store_load (loaded, &cursor));
        for (const PlStore *store : {own, loaded})
          {
            std::vector<const PlRecord *> records;
            for (guint64 row = 12; row-- > 0;)
              records.push_back (pl_store_record (store, row));
            PlBatch out;
            pl_batch_init (&out, schema, arena);
            pl_store_gather (store, records.data (), 12, &out);
            for (guint c = 0; c < schema->n_fields; c++)
              for (gsize i = 0; i < 12; i++)
                EXPECT_EQ (wanted (out.columns[c], i, use),
                           wanted (batches[(11 - i) / 4].columns[c], (11 - i) % 4, use))
                    << schema->fields[c].name << ", row " << i;
          }
        pl_store_free (own);
        pl_store_free (loaded);
        pl_buffer_clear (&saved);
      }
}

TEST_F (Store, RetainsRowsAndForgetsTheRest)
{
  PlBatch out;
  PlLease lease = {};
  PlLease *outside = pl_lease_enter (&lease);
  for (int i = 0; i < 100000; i++)
    pl_store_append (store, batch, NULL, 4, NULL);
  pl_lease_enter (outside);
  const gint64 before = lease.held;
  const guint64 kept[] = {3998, 7, 0};
  pl_lease_enter (&lease);
  pl_store_retain (store, kept, 3);
  pl_lease_enter (outside);
  EXPECT_EQ (pl_store_n_rows (store), 3u);
  EXPECT_LT (lease.held, before / 2);
  EXPECT_EQ (gather (store, {0, 1, 2}, &out), line (2) + line (3) + line (0));
  pl_store_append (store, batch, NULL, 4, NULL);
  EXPECT_EQ (gather (store, {3, 2}, &out), line (0) + line (0));
}

TEST_F (Store, ForgetsRowsInPlace)
{
  PlBatch out;
  PlLease lease = {};
  const char keys[] = "abcdefgh";
  const PlText some[] = {{keys, 8, 0}, {keys + 2, 3, 0}, {keys, 0, 0}, {keys + 1, 1, 0}};
  for (const guint64 every : {1, 2, 3, 7, 1000, 50000})
    {
      PlStore *other = store_for (ALL);
      std::vector<guint8> alive;
      std::vector<guint64> left;
      PlLease *outside = pl_lease_enter (&lease);
      for (int i = 0; i < 10000; i++)
        pl_store_append (other, batch, NULL, 4, some);
      pl_lease_enter (outside);
      const gint64 before = lease.held;
      const std::vector<guint64> prefixes (pl_store_prefixes (other), pl_store_prefixes (other) + 4);
      lease.peak = before;
      for (guint64 row = 0; row < 40000; row++)
        {
          alive.push_back (row % every == every / 2);
          if (alive.back ())
            left.push_back (row);
        }
      pl_lease_enter (&lease);
      pl_store_compact (other, alive.data ());
      pl_lease_enter (outside);
      EXPECT_EQ (lease.peak, before);
      EXPECT_LE (lease.held, before / (gint64) every + (6 << 20)) << every;
      ASSERT_EQ (pl_store_n_rows (other), left.size ());
      for (gsize i = 0; i < left.size (); i += MAX (left.size () / 50, 1))
        {
          EXPECT_EQ (gather (other, {i}, &out), line ((int) (left[i] % 4))) << every << ", row " << i;
          EXPECT_EQ (pl_store_prefixes (other)[i], prefixes[left[i] % 4]) << every << ", row " << i;
        }
      pl_lease_enter (&lease);
      pl_store_append (other, batch, NULL, 4, some);
      EXPECT_EQ (gather (other, {left.size () + 1}, &out), line (1));
      pl_store_free (other);
      pl_lease_enter (outside);
      EXPECT_EQ (lease.held, 0);
    }
}

TEST_F (Store, KeepsItsLastRowsInPlace)
{
  PlBatch out;
  for (int i = 0; i < 10000; i++)
    pl_store_append (store, batch, NULL, 4, NULL);
  pl_store_keep_last (store, 50000);
  EXPECT_EQ (pl_store_n_rows (store), 40000u);
  pl_store_keep_last (store, 10001);
  ASSERT_EQ (pl_store_n_rows (store), 10001u);
  EXPECT_EQ (gather (store, {0, 1, 10000}, &out), line (3) + line (0) + line (3));
  pl_store_keep_last (store, 0);
  EXPECT_EQ (pl_store_n_rows (store), 0u);
  pl_store_append (store, batch, NULL, 4, NULL);
  EXPECT_EQ (gather (store, {2}, &out), line (2));
}

TEST_F (Store, AddsTheRowsOfAnother)
{
  PlBatch out;
  const char keys[] = "abcdefgh";
  const PlText some[] = {{keys, 8, 0}, {keys + 2, 3, 0}, {keys, 0, 0}, {keys + 1, 1, 0}};
  PlStore *other = store_for (ALL);
  pl_store_append (store, batch, NULL, 2, some);
  pl_store_append (other, batch, NULL, 4, some);
  pl_store_add (store, other);
  pl_store_free (other);
  EXPECT_EQ (pl_store_n_rows (store), 6u);
  EXPECT_EQ (gather (store, {3, 0, 5}, &out), line (1) + line (0) + line (3));
  EXPECT_EQ (pl_store_record (store, 4)->position, 102u);
  EXPECT_EQ (pl_store_prefixes (store)[3], G_GUINT64_CONSTANT (0x6364650000000000));
  EXPECT_EQ (std::string ((const char *) pl_store_key (store, pl_store_record (store, 2)), 8), "abcdefgh");
}

TEST_F (Store, SavesAndLoads)
{
  PlBatch out;
  PlBuffer buffer = PL_BUFFER_INIT;
  pl_store_append (store, batch, NULL, 4, NULL);
  pl_store_save (store, &buffer);
  PlStore *loaded = store_for (ALL);
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
      PlStore *other = store_for (ALL);
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
  stores[0] = store_for (ALL);
  stores[1] = store_for (ALL);
  pl_store_append (stores[1], batch, NULL, 4, NULL);
  const PlRecord **records = g_new (const PlRecord *, 3);
  records[0] = pl_store_record (stores[1], 3);
  records[1] = pl_store_record (stores[1], 0);
  records[2] = pl_store_record (stores[1], 1);
  PlRows *rows_of = pl_store_rows (schema, stores, 2, records, 3);
  EXPECT_EQ (rows_of->n_rows, 3u);
  PlBatch out;
  pl_batch_init (&out, rows_of->schema, arena);
  PlPiece piece;
  ASSERT_TRUE (pl_piece_open (rows_of, 0, &piece, NULL));
  ASSERT_TRUE (pl_piece_next (rows_of, &piece, 1, &out, NULL));
  EXPECT_FALSE (piece.ended);
  ASSERT_TRUE (pl_piece_next (rows_of, &piece, 20, &out, NULL));
  EXPECT_TRUE (piece.ended);
  pl_piece_close (rows_of, &piece);
  GString *text = g_string_new (NULL);
  pl_harness_print (&out, text);
  EXPECT_EQ (std::string (text->str), line (0) + line (1));
  g_string_free (text, TRUE);
  pl_rows_free (rows_of);
}
