/* PlBuffer's growth, the wire's bytes, and cursors that never read past their end. */
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "../../../pipeline/base/buffer.h"

static std::string
bytes_of (const PlBuffer *buffer)
{
  return std::string (buffer->data, buffer->length);
}

static PlCursor
cursor_of (const PlBuffer *buffer)
{
  PlCursor cursor = {reinterpret_cast<const guint8 *> (buffer->data), buffer->length, 0, FALSE};
  return cursor;
}

TEST (Buffer, AppendsAndGrowsByDoubling)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  std::string expected;
  guint growths = 0;
  for (int i = 0; i < 100000; i++)
    {
      gsize before = buffer.capacity;
      pl_buffer_append_char (&buffer, static_cast<char> ('a' + i % 26));
      expected += static_cast<char> ('a' + i % 26);
      growths += buffer.capacity != before;
    }
  EXPECT_EQ (bytes_of (&buffer), expected);
  EXPECT_LE (growths, 12u);
}

TEST (Buffer, AppendsStringsAndFormats)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_buffer_append_string (&buffer, "a");
  pl_buffer_append (&buffer, nullptr, 0);
  pl_buffer_append_printf (&buffer, "%d-%s", 42, std::string (1000, 'x').c_str ());
  pl_buffer_append_printf (&buffer, "%s", "");
  EXPECT_EQ (bytes_of (&buffer), "a42-" + std::string (1000, 'x'));
}

TEST (Buffer, ClearLeavesItUsable)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_buffer_append_string (&buffer, "old");
  pl_buffer_clear (&buffer);
  EXPECT_EQ (buffer.data, nullptr);
  pl_buffer_append_string (&buffer, "new");
  EXPECT_EQ (bytes_of (&buffer), "new");
}

TEST (Wire, IsLittleEndian)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_buffer_put_u8 (&buffer, 0x01);
  pl_buffer_put_u32 (&buffer, 0x02030405);
  pl_buffer_put_u64 (&buffer, G_GUINT64_CONSTANT (0x060708090a0b0c0d));
  EXPECT_EQ (bytes_of (&buffer), "\x01\x05\x04\x03\x02\x0d\x0c\x0b\x0a\x09\x08\x07\x06");
}

TEST (Wire, ReadsBackWhatWasWritten)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_buffer_put_u8 (&buffer, 255);
  pl_buffer_put_u32 (&buffer, G_MAXUINT32);
  pl_buffer_put_u64 (&buffer, G_MAXUINT64);
  pl_buffer_put_double (&buffer, -0.0);
  pl_buffer_put_double (&buffer, 1.5);
  pl_buffer_put_bytes (&buffer, "a\0b", 3);
  pl_buffer_put_string (&buffer, "text");

  PlCursor cursor = cursor_of (&buffer);
  EXPECT_EQ (pl_cursor_get_u8 (&cursor), 255);
  EXPECT_EQ (pl_cursor_get_u32 (&cursor), G_MAXUINT32);
  EXPECT_EQ (pl_cursor_get_u64 (&cursor), G_MAXUINT64);
  EXPECT_TRUE (std::signbit (pl_cursor_get_double (&cursor)));
  EXPECT_EQ (pl_cursor_get_double (&cursor), 1.5);
  gsize length;
  const void *data = pl_cursor_get_bytes (&cursor, &length);
  EXPECT_EQ (std::string (static_cast<const char *> (data), length), std::string ("a\0b", 3));
  g_autofree char *text = pl_cursor_get_string (&cursor);
  EXPECT_STREQ (text, "text");
  EXPECT_FALSE (cursor.failed);
  EXPECT_EQ (cursor.offset, buffer.length);
}

TEST (Wire, TellsNullFromEmpty)
{
  g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
  pl_buffer_put_string (&buffer, nullptr);
  pl_buffer_put_string (&buffer, "");
  pl_buffer_put_bytes (&buffer, nullptr, 0);
  PlCursor cursor = cursor_of (&buffer);
  g_autofree char *none = pl_cursor_get_string (&cursor);
  g_autofree char *empty = pl_cursor_get_string (&cursor);
  gsize length = 7;
  EXPECT_EQ (none, nullptr);
  EXPECT_STREQ (empty, "");
  EXPECT_EQ (pl_cursor_get_bytes (&cursor, &length), nullptr);
  EXPECT_EQ (length, 0u);
  EXPECT_FALSE (cursor.failed);
}

TEST (Cursor, StaysFailedAndGivesZeros)
{
  const guint8 data[] = {1, 2, 3, 4, 5};
  PlCursor cursor = {data, sizeof data, 0, FALSE};
  EXPECT_EQ (pl_cursor_get_u64 (&cursor), 0u);
  EXPECT_TRUE (cursor.failed);
  EXPECT_EQ (pl_cursor_get_u8 (&cursor), 0);
  EXPECT_EQ (pl_cursor_get_u32 (&cursor), 0u);
  EXPECT_EQ (pl_cursor_get_double (&cursor), 0.0);
  EXPECT_EQ (pl_cursor_get_raw (&cursor, 1), nullptr);
  EXPECT_EQ (pl_cursor_get_string (&cursor), nullptr);
  EXPECT_TRUE (cursor.failed);
}

TEST (Cursor, RefusesLengthsBeyondItsEnd)
{
  for (guint64 claimed : {G_GUINT64_CONSTANT (4), G_GUINT64_CONSTANT (1) << 63, G_MAXUINT64 - 1})
    {
      g_auto (PlBuffer) buffer = PL_BUFFER_INIT;
      pl_buffer_put_u64 (&buffer, claimed);
      pl_buffer_append (&buffer, "abc", 3);
      PlCursor cursor = cursor_of (&buffer);
      gsize length = 9;
      EXPECT_EQ (pl_cursor_get_bytes (&cursor, &length), nullptr);
      EXPECT_EQ (length, 0u);
      EXPECT_TRUE (cursor.failed);
    }
}

TEST (Cursor, RawReadsUpToTheVeryEnd)
{
  const guint8 data[] = {1, 2, 3};
  PlCursor cursor = {data, sizeof data, 0, FALSE};
  EXPECT_EQ (pl_cursor_get_raw (&cursor, 3), data);
  EXPECT_NE (pl_cursor_get_raw (&cursor, 0), nullptr);
  EXPECT_FALSE (cursor.failed);
  EXPECT_EQ (pl_cursor_get_raw (&cursor, 1), nullptr);
  EXPECT_TRUE (cursor.failed);
}
