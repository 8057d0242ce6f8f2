/* Parcels: rows of pieces come out as they went in, whatever is kept of them; who waits for the number of rows. */
#include "../../../pipeline/base/error.h"
#include "../../../pipeline/flow/parcel.h"
#include "../../stages/harness.h"
#include <gtest/gtest.h>
#include <string>
#include <thread>

namespace
{

const char text[] = "i:int,x:float,s,t:timestamp\n"
                    "1,1.50,one,2001-01-31 23:59:00.5\n"
                    ",,,\n"
                    "-7,1e3,\"\",1969-12-31 00:00:00\n";

/* The three rows of the text, again and again; of each piece only the first @given, where @bad of them cannot be read.
 */
struct Result
{
  PlRows rows;
  PlBatch *batch;
  guint64 given, bad;
};

gboolean
next_rows (PlRows *self, PlPiece *piece, gsize n, PlBatch *batch, GError **error)
{
  Result *result = reinterpret_cast<Result *> (self);
  const guint64 first = piece->next;
  piece->next += n = MIN (n, MIN (result->given - first, 2));
  piece->ended = piece->next == result->given;
  if (result->bad >= first && result->bad < piece->next)
    return pl_batch_fail (batch, result->bad - first, error, PL_DATA_ERROR, PL_DATA_ERROR_OVERFLOW, "cannot read");
  pl_batch_copy (batch, result->batch);
  pl_batch_slice (batch, first, n);
  return TRUE;
}

void
keep_rows (PlRows *)
{
}

class Parcel : public testing::Test
{
protected:
  void
  SetUp () override
  {
    arena = pl_arena_new ();
    result.batch = pl_harness_batch (text, &schema, arena);
    result.given = 3;
    result.bad = G_MAXUINT64;
    result.rows = {schema, PL_ROWS_UNKNOWN, 4, FALSE, nullptr, next_rows, nullptr, keep_rows};
    uses.assign (schema->n_fields, PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT);
    segment.schema = schema;
    segment.uses = uses.data ();
    segment.label = "sort worst";
    parcels = pl_parcels_new (&segment, &result.rows);
    pl_packer_init (&packer, parcels);
    pl_parcel_init (&sourced, &segment);
  }
  void
  TearDown () override
  {
    pl_buffer_clear (&bytes);
    pl_sourced_clear (&sourced);
    pl_packer_clear (&packer);
    pl_parcels_free (parcels);
    pl_schema_unref (schema);
    pl_arena_free (arena);
  }
  /* Rows [first, first + n) of the parcel, as text. */
  std::string
  unpack (guint64 first, guint64 n)
  {
    PlRows *rows = pl_parcel_rows (&sourced, &bytes, first, n);
    if (rows == nullptr)
      return "no parcel";
    GString *out = g_string_new (nullptr);
    PlPiece piece;
    EXPECT_EQ (rows->n_rows, n);
    for (guint64 index = 0; index < rows->n_pieces; index++)
      for (pl_piece_open (rows, index, &piece, nullptr); !piece.ended;)
        {
          PlBatch batch;
          pl_batch_init (&batch, rows->schema, arena);
          EXPECT_TRUE (pl_piece_next (rows, &piece, PL_BATCH_ROWS, &batch, nullptr));
          pl_harness_print (&batch, out);
        }
    pl_rows_free (rows);
    std::string all (out->str);
    g_string_free (out, TRUE);
    return all;
  }
  PlArena *arena;
  PlSchema *schema;
  Result result;
  std::vector<guint8> uses;
  PlSegment segment{};
  PlParcels *parcels;
  PlPacker packer;
  PlSourced sourced;
  PlBuffer bytes = PL_BUFFER_INIT;
  guint64 n_rows = 0;
};

TEST_F (Parcel, RowsComeOutAsTheyWentIn)
{
  std::string lines (text);
  lines = lines.substr (lines.find ('\n') + 1);
  ASSERT_TRUE (pl_packer_pack (&packer, 0, &bytes, &n_rows, nullptr));
  EXPECT_EQ (n_rows, 3u);
  EXPECT_EQ (unpack (0, 3), lines);
  EXPECT_EQ (unpack (1, 1), ",,,\n");
  EXPECT_EQ (unpack (3, 0), "");
  EXPECT_EQ (unpack (0, 4), "no parcel");
  EXPECT_EQ (unpack (4, 1), "no parcel");
}

TEST_F (Parcel, NothingElseIsOne)
{
  ASSERT_TRUE (pl_packer_pack (&packer, 0, &bytes, &n_rows, nullptr));
  const gsize whole = bytes.length;
  for (bytes.length = 0; bytes.length < whole; bytes.length++)
    EXPECT_EQ (unpack (0, 1), "no parcel") << bytes.length;
  pl_buffer_put_u8 (&bytes, 0);
  EXPECT_EQ (unpack (0, 1), "no parcel");
}

TEST_F (Parcel, RowsBeforeOneThatCannotBeReadArePacked)
{
  for (guint64 bad : {0, 1, 2})
    {
      GError *error = nullptr;
      result.bad = bad;
      bytes.length = 0;
      EXPECT_FALSE (pl_packer_pack (&packer, bad, &bytes, &n_rows, &error));
      EXPECT_STREQ (error->message, "cannot read");
      EXPECT_EQ (n_rows, bad);
      EXPECT_NE (unpack (0, bad), "no parcel");
      g_clear_error (&error);
    }
}

TEST_F (Parcel, WhoAsksForTheNumberOfRowsWaitsForThePiecesBefore)
{
  guint64 before = 7;
  EXPECT_TRUE (pl_packer_before (&packer, 0, 0, &before));
  EXPECT_EQ (before, 0u);
  ASSERT_TRUE (pl_packer_pack (&packer, 2, &bytes, &n_rows, nullptr));
  ASSERT_TRUE (pl_packer_pack (&packer, 0, &bytes, &n_rows, nullptr));
  EXPECT_FALSE (pl_packer_before (&packer, 2, 1000, &before));
  std::thread other ([this] {
    PlPacker another;
    PlBuffer out = PL_BUFFER_INIT;
    guint64 n;
    g_usleep (20000);
    pl_packer_init (&another, parcels);
    pl_packer_pack (&another, 1, &out, &n, nullptr);
    pl_packer_clear (&another);
    pl_buffer_clear (&out);
  });
  while (!pl_packer_before (&packer, 2, 1000, &before))
    ;
  other.join ();
  EXPECT_EQ (before, 6u);
}

TEST_F (Parcel, RowsWithoutASourceHaveANumber)
{
  PlText origin;
  g_autofree char *place = pl_packer_place (&packer, 1, 2, 3, &origin);
  EXPECT_STREQ (place, "row 6 of [sort worst]");
  EXPECT_EQ (origin.length, 0u);
}

}
