/* bzip2, xz and lz4: streams that follow each other, end early, or are damaged. */
#include "support.h"

class Streams : public InFolder
{
};

/* bzip2, xz and lz4, by the name that messages have for them. */
struct Kind
{
  const char *name, *file;
  std::string (*pack) (const std::string &text);
};

static const Kind kinds[] = {{"bzip2", "a.csv.bz2", bzip2}, {"xz", "a.csv.xz", xz}, {"lz4", "a.csv.lz4", lz4}};

TEST_F (Streams, AreKnownByTheirFirstBytes)
{
  for (const Kind &kind : kinds)
    {
      put ("a", kind.pack (text));
      EXPECT_EQ (slurp ("a"), text) << kind.name;
      put ("a", kind.pack (""));
      EXPECT_EQ (slurp ("a"), "") << kind.name;
    }
  for (const char *plain :
       {"BZh", "BZh1", "BZh9,b\n1,2\n", "BZh1AY&SX,b\n", "BZh0\x31\x41\x59\x26\x53\x59", "\x04", "\xfd"})
    {
      put ("a.csv", plain);
      EXPECT_EQ (slurp ("a.csv"), plain);
    }
}

TEST_F (Streams, ThatFollowEachOther)
{
  const std::string large = long_text ();
  for (const Kind &kind : kinds)
    {
      put (kind.file, kind.pack (text) + kind.pack ("") + kind.pack (large) + kind.pack (text));
      for (gsize step : {7, 4096, 1 << 20})
        EXPECT_EQ (slurp (kind.file, PL_COMPRESSION_AUTO, nullptr, step), text + large + text) << kind.name;
    }
  put ("padded.xz", xz (text) + std::string (8, '\0') + xz (text));
  EXPECT_EQ (slurp ("padded.xz"), text + text);
}

TEST_F (Streams, TruncatedAtEveryByte)
{
  for (const Kind &kind : kinds)
    {
      const std::string whole = kind.pack (text);
      for (gsize n = 1; n < whole.size (); n++)
        {
          put (kind.file, whole.substr (0, n));
          const std::string got = slurp (kind.file);
          const gsize bar = got.find ('|');
          ASSERT_NE (bar, std::string::npos) << kind.name << n;
          EXPECT_EQ (got.substr (0, bar), text.substr (0, bar)) << kind.name << n;
          EXPECT_EQ (got.substr (bar), "|" + std::string (kind.file) + ": compressed data ends early, after "
                                           + std::to_string (bar) + " bytes of text")
              << n;
        }
    }
}

TEST_F (Streams, WithAByteChangedGiveNoOtherText)
{
  for (const Kind &kind : kinds)
    {
      const std::string whole = kind.pack (text);
      for (gsize n = 0; n < whole.size (); n++)
        {
          std::string bytes = whole;
          bytes[n] ^= 0x55;
          put (kind.file, bytes);
          const std::string got = slurp (kind.file);
          EXPECT_TRUE (got == text || got.find ("|a.csv") != std::string::npos || got == bytes) << kind.name << n;
        }
    }
}

TEST_F (Streams, WhatFollowsThem)
{
  for (const Kind &kind : kinds)
    {
      put (kind.file, kind.pack (text) + "hello and good bye");
      /* Behind a first stream, its library calls everything damage. */
      const std::string what
          = kind.pack == xz ? "compressed data is damaged"
                            : "something that is not " + std::string (kind.name) + " follows the compressed data";
      EXPECT_EQ (slurp (kind.file), text + "|" + kind.file + ": " + what + ", after 31 bytes of text");
      put (kind.file, text);
      EXPECT_EQ (slurp (kind.file), text);
    }
  put ("a", "hello and good bye");
  EXPECT_EQ (slurp ("a", PL_COMPRESSION_BZIP2),
             "|a: compressed data is damaged (no bzip2 header), after 0 bytes of text");
  EXPECT_EQ (slurp ("a", PL_COMPRESSION_XZ), "|a: compressed data is damaged (no xz header), after 0 bytes of text");
  EXPECT_EQ (slurp ("a", PL_COMPRESSION_LZ4), "|a: compressed data is damaged (no lz4 header), after 0 bytes of text");
}
