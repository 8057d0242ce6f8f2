/* Inputs: what is read, from what, and what is said when it cannot be. */
#include "../../../pipeline/io/decoder.h"
#include "support.h"

#include "../../../pipeline/io/origin-state.h"
#include "../../../pipeline/io/spool.h"
#include "../../../pipeline/base/error.h"
#include <fcntl.h>
#include <thread>

class Input : public InFolder
{
};

/* Opens, fails, and gives "domain:code:message". */
static std::string
open_failure (const char *path, const char *encoding = nullptr)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PlInput) input = open_input (path, PL_COMPRESSION_AUTO, encoding, &error);
  if (input != nullptr)
    return "opened";
  return std::string (g_quark_to_string (error->domain)) + ":" + std::to_string (error->code) + ":" + error->message;
}

static std::string
expected (GQuark domain, int code, const std::string &message)
{
  return std::string (g_quark_to_string (domain)) + ":" + std::to_string (code) + ":" + message;
}

TEST_F (Input, PlainFile)
{
  put ("a.csv", text);
  g_autoptr (PlOrigin) origin = pl_origin_open ("a.csv", nullptr);
  g_autoptr (PlInput) input = pl_input_open (origin, "a.csv", PL_COMPRESSION_AUTO, nullptr, nullptr);
  EXPECT_TRUE (pl_input_is_plain (input));
  EXPECT_EQ (pl_origin_state (origin)->size, text.size ());
  EXPECT_EQ (pl_input_compression (input), PL_COMPRESSION_NONE);
  EXPECT_EQ (pl_input_offset (input), 0u);
  char head[8];
  EXPECT_EQ (pread (pl_origin_borrow (origin, "a.csv", nullptr), head, 8, 3), 8);
  EXPECT_EQ (std::string (head, 8), "name\n1,A");
  EXPECT_EQ (drain (input, 5, nullptr), text);
  EXPECT_EQ (pl_input_offset (input), text.size ());
}

TEST_F (Input, EmptyFile)
{
  put ("a.csv", "");
  EXPECT_EQ (slurp ("a.csv"), "");
  put ("b.csv", "x");
  EXPECT_EQ (slurp ("b.csv"), "x");
}

TEST_F (Input, ByteOrderMarkIsDroppedAndCounted)
{
  put ("a.csv", "\xef\xbb\xbf" + text);
  g_autoptr (PlInput) input = open_input ("a.csv", PL_COMPRESSION_AUTO, "UTF-8", nullptr);
  EXPECT_TRUE (pl_input_is_plain (input));
  EXPECT_EQ (pl_input_offset (input), 3u);
  ASSERT_TRUE (pl_input_skip (input, 8, nullptr));
  EXPECT_EQ (pl_input_offset (input), 11u);
  EXPECT_EQ (drain (input, 100, nullptr), text.substr (8));
  put ("b.csv", "\xef\xbb");
  EXPECT_EQ (slurp ("b.csv"), "\xef\xbb");
}

TEST_F (Input, SkipStopsAtTheEnd)
{
  put ("a.csv", text);
  g_autoptr (PlInput) input = open_input ("a.csv", PL_COMPRESSION_AUTO, nullptr, nullptr);
  EXPECT_TRUE (pl_input_skip (input, 1000000, nullptr));
  EXPECT_EQ (pl_input_offset (input), text.size ());
}

TEST_F (Input, CompressionGoesByContent)
{
  put ("gzip.csv", gzip (text));
  put ("zstd.csv", zstd (text));
  put ("text.gz", text);
  for (gsize step : {1, 3, 1000})
    {
      EXPECT_EQ (slurp ("gzip.csv", PL_COMPRESSION_AUTO, nullptr, step), text);
      EXPECT_EQ (slurp ("zstd.csv", PL_COMPRESSION_AUTO, nullptr, step), text);
      EXPECT_EQ (slurp ("text.gz", PL_COMPRESSION_AUTO, nullptr, step), text);
    }
  g_autoptr (PlInput) input = open_input ("gzip.csv", PL_COMPRESSION_AUTO, nullptr, nullptr);
  EXPECT_FALSE (pl_input_is_plain (input));
  EXPECT_EQ (pl_input_compression (input), PL_COMPRESSION_GZIP);
}

TEST_F (Input, CompressionThatIsNotThere)
{
  put ("a.csv", text);
  EXPECT_EQ (slurp ("a.csv", PL_COMPRESSION_GZIP),
             "|a.csv: compressed data is damaged (no gzip header), after 0 bytes of text");
  EXPECT_EQ (slurp ("a.csv", PL_COMPRESSION_ZSTD),
             "|a.csv: compressed data is damaged (no zstd header), after 0 bytes of text");
  put ("b.csv", "");
  EXPECT_EQ (slurp ("b.csv", PL_COMPRESSION_GZIP), "|b.csv: compressed data ends early, after 0 bytes of text");
  EXPECT_EQ (slurp ("b.csv", PL_COMPRESSION_ZSTD), "|b.csv: compressed data ends early, after 0 bytes of text");
  put ("c.csv", gzip (text));
  EXPECT_EQ (slurp ("c.csv", PL_COMPRESSION_NONE), gzip (text));
}

TEST_F (Input, ManyMembersAndFrames)
{
  std::string large = long_text ();
  put ("a.gz", gzip (text) + gzip ("") + gzip (large) + gzip (text));
  put ("a.zst", zstd (text) + zstd ("") + zstd (large) + zstd (text));
  EXPECT_EQ (slurp ("a.gz"), text + large + text);
  EXPECT_EQ (slurp ("a.zst"), text + large + text);
  /* Members far smaller than a chunk, so that their ends fall at every place. */
  std::string members, all;
  for (int i = 0; i < 3000; i++)
    {
      std::string line = std::to_string (i * 7919) + ",x\n";
      members += gzip (line);
      all += line;
    }
  put ("b.gz", members);
  EXPECT_EQ (slurp ("b.gz"), all);
}

TEST_F (Input, SkippableFramesOfZstd)
{
  std::string skippable ("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
  put ("a", skippable + zstd (text) + skippable);
  EXPECT_EQ (slurp ("a"), text);
}

TEST_F (Input, TruncatedGzipAtEveryByte)
{
  std::string whole = gzip (text);
  std::string message = "|a.csv.gz: compressed data ends early, after ";
  for (gsize n = 3; n < whole.size (); n++)
    {
      put ("a.csv.gz", whole.substr (0, n));
      std::string got = slurp ("a.csv.gz");
      gsize bar = got.find ('|');
      ASSERT_NE (bar, std::string::npos) << n;
      EXPECT_EQ (got.substr (0, bar), text.substr (0, bar)) << n;
      EXPECT_EQ (got.substr (bar), message + std::to_string (bar) + " bytes of text") << n;
    }
  put ("a.csv.gz", whole.substr (0, whole.size () - 1));
  g_autoptr (GError) error = nullptr;
  g_autoptr (PlInput) input = open_input ("a.csv.gz", PL_COMPRESSION_AUTO, nullptr, &error);
  drain (input, 100, &error);
  EXPECT_TRUE (g_error_matches (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT));
  EXPECT_STREQ (error->message, "a.csv.gz: compressed data ends early, after 31 bytes of text");
}

TEST_F (Input, ZstdCutWithinItsFirstBytesIsNoText)
{
  for (gsize length : {1, 2, 3})
    {
      put ("a.csv.zst", zstd ("text").substr (0, length));
      EXPECT_EQ (slurp ("a.csv.zst"), "|a.csv.zst: compressed data ends early, after 0 bytes of text") << length;
    }
  put ("a.csv", "(");
  EXPECT_EQ (slurp ("a.csv"), "(");
}

TEST_F (Input, TruncatedZstdAtEveryByte)
{
  std::string whole = zstd (text);
  for (gsize n = 4; n < whole.size (); n++)
    {
      put ("a.zst", whole.substr (0, n));
      std::string got = slurp ("a.zst");
      gsize bar = got.find ('|');
      ASSERT_NE (bar, std::string::npos) << n;
      EXPECT_EQ (got.substr (bar),
                 "|a.zst: compressed data ends early, after " + std::to_string (bar) + " bytes of text")
          << n;
    }
}

TEST_F (Input, DamagedCompression)
{
  std::string bytes = gzip (text);
  bytes[bytes.size () - 8] ^= 1;
  put ("a.gz", bytes);
  EXPECT_EQ (slurp ("a.gz"), text + "|a.gz: compressed data is damaged (the checksum differs), after 31 bytes of text");
  bytes = zstd (text);
  bytes[bytes.size () - 1] ^= 1;
  put ("a.zst", bytes);
  std::string got = slurp ("a.zst");
  EXPECT_EQ (got.substr (got.find ('|')).substr (0, 64),
             "|a.zst: compressed data is damaged (the checksum differs), after");
  /* A reserved block type, 3, right behind the ten bytes of the header. */
  bytes = gzip (text);
  bytes[10] = 7;
  put ("b.gz", bytes);
  EXPECT_EQ (slurp ("b.gz"), "|b.gz: compressed data is damaged, after 0 bytes of text");
}

TEST_F (Input, DamagedGzipGivesNoBytesThatAreNone)
{
  /* Fixed codes, and a copy of five bytes from before the start: nothing of it is text, however much is asked for at a
   * time. */
  std::string bytes = std::string ("\x1f\x8b\x08\0\0\0\0\0\0\3", 10) + "\3\3" + std::string (12, '\0');
  put ("a.gz", bytes);
  for (gsize step : {1, 6, 1 << 20})
    EXPECT_EQ (slurp ("a.gz", PL_COMPRESSION_AUTO, nullptr, step),
               "|a.gz: compressed data is damaged, after 0 bytes of text");
}

/* Wherever the program's own reads of 256 KiB cut it. */
TEST_F (Input, GzipHeadersWithAChecksumAreReadWhereverTheyLie)
{
  std::string first = gzip (text), second = gzip ("4,Barbara\n");
  const std::string header ("\x1f\x8b\x08\x0a\0\0\0\0\0\x03"
                            "a.csv\0"
                            "\x37\x3b",
                            18);
  second = header + second.substr (10);
  first[3] = 8;
  for (size_t cut = 0; cut <= header.size (); cut++)
    {
      std::string name (256 * 1024 - cut - first.size () - 1, 'n');
      put ("a.gz", first.substr (0, 10) + name + '\0' + first.substr (10) + second);
      EXPECT_EQ (slurp ("a.gz"), text + "4,Barbara\n") << cut;
    }
  second[17] ^= 1;
  put ("a.gz", second);
  EXPECT_EQ (slurp ("a.gz"), "|a.gz: compressed data is damaged (the checksum differs), after 0 bytes of text");
}

TEST_F (Input, ZstdFramesAreAsLongAsTheySay)
{
  /* A header that tells 65 bytes, and one empty block. */
  std::string frame ("\x28\xb5\x2f\xfd\x20\x41\1\0\0", 9);
  put ("a.zst", zstd (text) + frame);
  for (gsize step : {1, 64, 1 << 20})
    EXPECT_EQ (slurp ("a.zst", PL_COMPRESSION_AUTO, nullptr, step),
               text + "|a.zst: compressed data is damaged, after 31 bytes of text");
}

TEST_F (Input, ZstdFramesAreReadTheSameWhereverTheyLie)
{
  /* A frame of no text and empty blocks, the last of them compressed: whole, libzstd takes it; in pieces, it does
   * not. */
  std::string frame ("\x28\xb5\x2f\xfd\x20\0", 6);
  frame += std::string (39, '\0') + std::string ("\2\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0", 16);
  for (guint32 before : {8, 256 * 1024 - 100})
    {
      std::string skippable ("\x50\x2a\x4d\x18", 4);
      for (guint byte = 0; byte < 4; byte++)
        skippable += (char) (before >> 8 * byte);
      put ("a.zst", zstd (text) + skippable + std::string (before, '\0') + frame);
      EXPECT_EQ (slurp ("a.zst"), text + "|a.zst: compressed data is damaged, after 31 bytes of text") << before;
    }
}

TEST_F (Input, ZstdOfBeforeTheStandard)
{
  /* The magic number of zstd 0.7, which libraries may read. */
  std::string frame ("\x27\xb5\x2f\xfd\0\x2f\xfd\0\xb6", 9);
  put ("a.zst", frame);
  EXPECT_EQ (slurp ("a.zst", PL_COMPRESSION_ZSTD),
             "|a.zst: compressed data is damaged (no zstd header), after 0 bytes of text");
  put ("b.zst", zstd (text) + frame);
  EXPECT_EQ (slurp ("b.zst"),
             text + "|b.zst: something that is not zstd follows the compressed data, after 31 bytes of text");
}

TEST_F (Input, WhatFollowsTheCompressedData)
{
  put ("a.gz", gzip (text) + "hello");
  EXPECT_EQ (slurp ("a.gz"),
             text + "|a.gz: something that is not gzip follows the compressed data, after 31 bytes of text");
  put ("b.gz", gzip (text) + std::string (300000, '\0'));
  EXPECT_EQ (slurp ("b.gz"), text);
  put ("c.gz", gzip (text) + std::string (512, '\0') + "x");
  EXPECT_EQ (slurp ("c.gz"),
             text + "|c.gz: something that is not gzip follows the compressed data, after 31 bytes of text");
  put ("a.zst", zstd (text) + "hello");
  EXPECT_EQ (slurp ("a.zst"),
             text + "|a.zst: something that is not zstd follows the compressed data, after 31 bytes of text");
}

TEST_F (Input, LargeCompressedFiles)
{
  std::string large = long_text ();
  put ("a.gz", gzip (large));
  put ("a.zst", zstd (large));
  for (gsize step : {7, 4096, 1 << 20})
    {
      EXPECT_TRUE (slurp ("a.gz", PL_COMPRESSION_AUTO, nullptr, step) == large);
      EXPECT_TRUE (slurp ("a.zst", PL_COMPRESSION_AUTO, nullptr, step) == large);
    }
}

TEST_F (Input, Encodings)
{
  /* "é,€\n" in each, by hand. */
  put ("latin9", "\xe9,\xa4\n");
  put ("utf16le", std::string ("\xff\xfe\xe9\0,\0\xac\x20\n\0", 10));
  put ("utf16be", std::string ("\xfe\xff\0\xe9\0,\x20\xac\0\n", 10));
  for (gsize step : {1, 2, 31, 32, 100})
    {
      EXPECT_EQ (slurp ("latin9", PL_COMPRESSION_AUTO, "iso-8859-15", step), "é,€\n");
      EXPECT_EQ (slurp ("utf16le", PL_COMPRESSION_AUTO, "utf-16", step), "é,€\n");
      EXPECT_EQ (slurp ("utf16be", PL_COMPRESSION_AUTO, "utf-16", step), "é,€\n");
      EXPECT_EQ (slurp ("utf16le", PL_COMPRESSION_AUTO, "UTF-16LE", step), "é,€\n");
    }
  g_autoptr (PlInput) input = open_input ("latin9", PL_COMPRESSION_AUTO, "latin1", nullptr);
  EXPECT_FALSE (pl_input_is_plain (input));
  EXPECT_EQ (slurp ("latin9", PL_COMPRESSION_AUTO, "Latin-9"), "é,€\n");
  put ("zipped", gzip ("\xe9,\xa4\n"));
  EXPECT_EQ (slurp ("zipped", PL_COMPRESSION_AUTO, "iso-8859-15"), "é,€\n");
}

TEST_F (Input, EncodingsAcrossChunks)
{
  std::string utf8, utf16 ("\xff\xfe");
  /* An odd start, so that chunk ends fall within the two halves of a surrogate pair (U+1F600). */
  utf8 = "x";
  utf16 += std::string ("x\0", 2);
  for (int i = 0; i < 200000; i++)
    {
      utf8 += "\xf0\x9f\x98\x80";
      utf16 += "\x3d\xd8\x00\xde"[0];
      utf16 += std::string ("\xd8\x00\xde", 3);
    }
  put ("a", utf16);
  EXPECT_TRUE (slurp ("a", PL_COMPRESSION_AUTO, "utf-16", 4097) == utf8);
}

TEST_F (Input, InvalidEncodedText)
{
  put ("a", std::string ("a\0,\0\0\xdc\n\0", 8));
  EXPECT_EQ (slurp ("a", PL_COMPRESSION_AUTO, "utf-16le"), "a,\xff"
                                                           "00dc\xfe\n");
  put ("b", std::string ("a\0,\0\n", 5));
  EXPECT_EQ (slurp ("b", PL_COMPRESSION_AUTO, "utf-16le"), "a,\xff"
                                                           "0a\xfe");
  put ("c", "a,\x81\x8d\xe9\n");
  EXPECT_EQ (slurp ("c", PL_COMPRESSION_AUTO, "windows-1252"), "a,\xff"
                                                               "81\xfe\xff"
                                                               "8d\xfe\xc3\xa9\n");
  /* A byte order mark counts for what stands behind bytes that mean nothing. */
  put ("d", std::string ("\xfe\xff\0a\xdc\0\0b", 8));
  EXPECT_EQ (slurp ("d", PL_COMPRESSION_AUTO, "utf-16"), "a\xff"
                                                         "dc00\xfe"
                                                         "b");
}

TEST_F (Input, UnknownEncoding)
{
  put ("a", text);
  EXPECT_EQ (open_failure ("a", "latin0x"),
             expected (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, "unknown encoding 'latin0x'; did you mean 'latin1'?"));
  EXPECT_EQ (open_failure ("a", "klingon-plain"),
             expected (PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE,
                       "unknown encoding 'klingon-plain'; `iconv -l` lists those there are"));
}

TEST_F (Input, MissingFiles)
{
  put ("flights.csv", text);
  g_mkdir ("datasets", 0777);
  put ("datasets/iris.csv", text);
  EXPECT_EQ (open_failure ("fligths.csv"),
             expected (PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find fligths.csv; did you mean flights.csv?"));
  EXPECT_EQ (
      open_failure ("datasets/irs.csv"),
      expected (PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find datasets/irs.csv; did you mean datasets/iris.csv?"));
  EXPECT_EQ (open_failure ("dataset/iris.csv"),
             expected (PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND,
                       "cannot find dataset/iris.csv: there is no folder dataset; did you mean datasets?"));
  EXPECT_EQ (open_failure ("zzzzzzzz"), expected (PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find zzzzzzzz"));
  EXPECT_EQ (
      open_failure ("flights.csv/x"),
      expected (PL_IO_ERROR, PL_IO_ERROR_NOT_FOUND, "cannot find flights.csv/x: flights.csv is a file, not a folder"));
}

TEST_F (Input, FoldersAndPermissions)
{
  g_mkdir ("data", 0777);
  EXPECT_EQ (open_failure ("data"),
             expected (PL_IO_ERROR, PL_IO_ERROR_OPEN,
                       "data is a folder, not a file; write data/*.csv to read the files in it"));
  EXPECT_EQ (open_failure ("data/"),
             expected (PL_IO_ERROR, PL_IO_ERROR_OPEN,
                       "data/ is a folder, not a file; write data/*.csv to read the files in it"));
  if (geteuid () == 0)
    return;
  put ("secret", text);
  g_chmod ("secret", 0);
  EXPECT_EQ (open_failure ("secret"),
             expected (PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot open secret: Permission denied"));
}

TEST_F (Input, NamedPipesCanBeReadAgain)
{
  std::string large = long_text ();
  ASSERT_EQ (mkfifo ("pipe", 0600), 0);
  std::thread writer ([&] {
    int fd = open ("pipe", O_WRONLY);
    /* Short writes, so that reads are short too. */
    for (gsize i = 0; i < large.size (); i += 777)
      EXPECT_GT (write (fd, large.data () + i, MIN (777, large.size () - i)), 0);
    close (fd);
  });
  {
    g_autoptr (PlInput) input = open_input ("pipe", PL_COMPRESSION_AUTO, nullptr, nullptr);
    EXPECT_FALSE (pl_input_is_plain (input));
    EXPECT_TRUE (pl_input_skip (input, 100, nullptr));
    EXPECT_EQ (pl_input_offset (input), 100u);
  }
  EXPECT_TRUE (slurp ("pipe") == large);
  EXPECT_TRUE (slurp ("pipe", PL_COMPRESSION_AUTO, nullptr, 333) == large);
  writer.join ();
}

/* Runs @body with @fd as standard input. */
template <typename Body>
static void
with_stdin (int fd, Body body)
{
  int saved = dup (STDIN_FILENO);
  dup2 (fd, STDIN_FILENO);
  close (fd);
  body ();
  pl_input_release_spools ();
  dup2 (saved, STDIN_FILENO);
  close (saved);
}

TEST_F (Input, StandardInputIsAFileWithoutASize)
{
  with_stdin (open ("/proc/version", O_RDONLY), [] { EXPECT_EQ (slurp ("-"), get ("/proc/version")); });
}

TEST_F (Input, StandardInputIsOneInput)
{
  std::string packed = gzip (text);
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  ASSERT_EQ (write (ends[1], packed.data (), packed.size ()), static_cast<gssize> (packed.size ()));
  close (ends[1]);
  with_stdin (ends[0], [] {
    EXPECT_EQ (slurp ("-"), text);
    EXPECT_EQ (slurp ("-"), text);
  });
}

TEST_F (Input, StandardInputFromAFileStartsWhereItStands)
{
  put ("a.csv", text);
  int fd = open ("a.csv", O_RDONLY);
  ASSERT_EQ (lseek (fd, 8, SEEK_SET), 8);
  with_stdin (fd, [] {
    EXPECT_EQ (slurp ("-"), text.substr (8));
    EXPECT_EQ (slurp ("-"), text.substr (8));
  });
}

TEST_F (Input, MessagesCallStandardInputByItsName)
{
  std::string packed = gzip (text).substr (0, 30);
  int ends[2];
  ASSERT_EQ (pipe (ends), 0);
  ASSERT_EQ (write (ends[1], packed.data (), packed.size ()), static_cast<gssize> (packed.size ()));
  close (ends[1]);
  with_stdin (ends[0], [] {
    std::string got = slurp ("-");
    EXPECT_EQ (got.substr (got.find ('|'), 48), "|standard input: compressed data ends early, aft");
  });
}

/* The first link of a chain, over bytes behind which reading fails. */
struct Failing
{
  PlDecoder decoder;
  const std::string *bytes;
  gsize at;

  static gssize
  read (PlDecoder *self, void *data, gsize length, GError **error)
  {
    auto *failing = reinterpret_cast<Failing *> (self);
    gsize n = std::min (length, failing->bytes->size () - failing->at);
    if (n == 0)
      {
        g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "the disk has gone");
        return -1;
      }
    memcpy (data, failing->bytes->data () + failing->at, n);
    failing->at += n;
    return (gssize) n;
  }
  static void
  nothing (PlDecoder *)
  {
  }
};

/* What @chain gives, and the message behind it. */
static std::string
drain_chain (PlDecoder *chain)
{
  std::string all;
  char piece[1000];
  for (int round = 0; round < 10000; round++)
    {
      g_autoptr (GError) error = nullptr;
      gssize n = pl_decoder_read (chain, piece, sizeof piece, &error);
      if (n <= 0)
        return all + (n < 0 ? error->message : "(end)");
      all.append (piece, (gsize) n);
    }
  return "(no end)";
}

/* At the start, in a header, within the data, and behind all of it. What has been read is text that goes before the
 * failure. */
TEST_F (Input, AReadThatFailsIsPassedOnBehindWhatWasRead)
{
  const std::string all = long_text (), failed = "the disk has gone";
  for (bool is_gzip : {true, false})
    {
      const std::string packed = is_gzip ? gzip (all) : zstd (all);
      for (gsize cut : {(gsize) 0, (gsize) 3, packed.size () - 1000, packed.size ()})
        {
          const std::string part = packed.substr (0, cut);
          Failing from = {{Failing::read, nullptr, Failing::nothing}, &part, 0};
          g_autoptr (PlDecoder) chain
              = is_gzip ? pl_decoder_gzip_new (&from.decoder, "a.gz") : pl_decoder_zstd_new (&from.decoder, "a.zst");
          std::string given = drain_chain (chain);
          ASSERT_GE (given.size (), failed.size ());
          std::string read = given.substr (0, given.size () - failed.size ());
          EXPECT_EQ (given.substr (read.size ()), failed) << cut;
          EXPECT_TRUE (read == all.substr (0, read.size ())) << cut;
          EXPECT_EQ (read.size () > all.size () / 2, cut > 3) << cut;
          EXPECT_EQ (read.size () == all.size (), cut == packed.size ()) << cut;
        }
    }
  Failing from = {{Failing::read, nullptr, Failing::nothing}, &all, 0};
  g_autoptr (PlDecoder) chain = pl_decoder_iconv_new (&from.decoder, "latin1", FALSE, "a.csv", nullptr);
  EXPECT_TRUE (drain_chain (chain) == all + failed);
}
