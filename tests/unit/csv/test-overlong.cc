/* Numbers that floats cannot hold: which are, and the first of each column, whoever found it. */
#include <gtest/gtest.h>

#include "../../../pipeline/csv/overlong.h"

namespace
{

int
scale_of (const char *text)
{
  guint scale = 99;
  const gboolean is = pl_is_overlong (text, strlen (text), g_ascii_strtod (text, nullptr), &scale);
  return !is ? -1 : scale == G_MAXUINT ? 1000 : (int) scale;
}

TEST (Overlong, AreNumbersThatTheirDoubleIsNotPrintedAs)
{
  EXPECT_EQ (scale_of ("0.12345678901234567891"), 20);
  EXPECT_EQ (scale_of ("-12345678901234567891"), 0);
  EXPECT_EQ (scale_of (" 0012345678901234567.5 "), 1);
  EXPECT_EQ (scale_of ("12345678901234567891e3"), 0);
  EXPECT_EQ (scale_of ("0.1234567890123456789012345678901234567891"), 1000);
  EXPECT_EQ (scale_of ("1.2345678901234567891e300"), 1000);
  for (const char *fits : {"0", "0.1", "-0.30000000000000000000", "0.30000000000000004", "1e300",
                           "123456789012345680000", "nan", "inf", "5e-324"})
    EXPECT_EQ (scale_of (fits), -1) << fits;
}

PlOverlong
found (guint column, guint64 position, const char *text)
{
  return PlOverlong{column, position, 3, position + 1, 20, g_strdup (text)};
}

TEST (Overlong, TheFirstOfEachColumnIsKept)
{
  g_autoptr (GArray) here = pl_overlong_new (), there = pl_overlong_new (), all = pl_overlong_new ();
  pl_overlong_add (here, found (0, 20, "b"));
  pl_overlong_add (here, found (0, 10, "a"));
  pl_overlong_add (here, found (0, 30, "c"));
  pl_overlong_add (there, found (0, 5, "d"));
  pl_overlong_add (there, found (2, 7, "e"));
  pl_overlong_add (there, found (4, 99, "f"));
  PlBuffer buffer = PL_BUFFER_INIT;
  pl_overlong_put (there, &buffer);
  PlCursor cursor = {(const guint8 *) buffer.data, buffer.length, 0, FALSE};
  pl_overlong_get (all, &cursor);
  EXPECT_FALSE (cursor.failed);
  EXPECT_EQ (cursor.offset, buffer.length);
  pl_overlong_move (here, all, 50);
  EXPECT_EQ (all->len, 0u);
  EXPECT_EQ (here->len, 2u);
  EXPECT_STREQ (pl_overlong_find (here, 0)->text, "d");
  EXPECT_EQ (pl_overlong_find (here, 0)->line, 6u);
  EXPECT_EQ (pl_overlong_find (here, 2)->scale, 20u);
  EXPECT_EQ (pl_overlong_find (here, 4), nullptr);
  for (gsize length = 0; length < buffer.length; length++)
    {
      g_autoptr (GArray) cut = pl_overlong_new ();
      PlCursor part = {(const guint8 *) buffer.data, length, 0, FALSE};
      pl_overlong_get (cut, &part);
      EXPECT_TRUE (part.failed);
    }
  pl_buffer_clear (&buffer);
}

} // namespace
