// Sections are compressed where that is faster.
#include <gtest/gtest.h>

#include <random>
#include <string>

extern "C"
{
#include "../../../pipeline/spill/codec.h"
}

namespace
{

// Stores @n sections of @text as if each byte took @nanoseconds to write. Returns: how many of the last half were
// compressed.
guint
store_all (const std::string &text, guint n, gint64 nanoseconds)
{
  PlSpillCodec *codec = pl_spill_codec_new ();
  guint packed = 0;
  for (guint i = 0; i < n; i++)
    {
      std::string data = std::string (PL_PART_HEADER, ' ') + text;
      PlPartSection section = {PL_PART_PLAIN, text.size (), 0}, read;
      const guint8 *stored = pl_spill_codec_store (codec, reinterpret_cast<guint8 *> (&data[0]), &section);
      pl_spill_codec_note (codec, &section, nanoseconds * static_cast<gint64> (section.stored));
      EXPECT_TRUE (pl_part_check_section (stored, PL_PART_HEADER + section.stored, &read));
      EXPECT_EQ (read.length, text.size ());
      std::string out (text.size (), ' ');
      if (read.codec == PL_PART_ZSTD)
        EXPECT_TRUE (pl_spill_unpack (&read, stored + PL_PART_HEADER, reinterpret_cast<guint8 *> (&out[0])));
      else
        out.assign (reinterpret_cast<const char *> (stored + PL_PART_HEADER), read.stored);
      EXPECT_EQ (out, text);
      packed += i >= n / 2 && read.codec == PL_PART_ZSTD;
    }
  pl_spill_codec_free (codec);
  return packed;
}

std::string
make_text (gsize n, guint n_letters)
{
  std::mt19937 random (1);
  std::string text;
  for (gsize i = 0; i < n; i++)
    text += static_cast<char> (random () % n_letters);
  return text;
}

TEST (SpillCodec, ASlowDiskGetsCompressedSections)
{
  const std::string text = make_text (65536, 16);
  EXPECT_GT (store_all (text, 256, 1000), 115u);
  // One in 32 is a sample.
  EXPECT_LE (store_all (text, 256, 0), 4u);
}

TEST (SpillCodec, WhatDoesNotBecomeSmallerIsStoredAsItIs)
{
  EXPECT_EQ (store_all (make_text (65536, 256), 64, 1000), 0u);
  EXPECT_EQ (store_all (make_text (100, 2), 64, 1000), 0u);
  EXPECT_EQ (store_all ("", 8, 1000), 0u);
}

TEST (SpillCodec, WhatCannotBeUnpackedIsRefused)
{
  const std::string text = make_text (65536, 16);
  guint8 out[16];
  const PlPartSection section = {PL_PART_ZSTD, sizeof out, text.size ()};
  EXPECT_FALSE (pl_spill_unpack (&section, reinterpret_cast<const guint8 *> (text.data ()), out));
}

} // namespace
