/* zip archives, made here byte by byte as PKWARE's APPNOTE has them: what is in them, and every way to be damaged. */
#include "support.h"

#include <functional>
#include <vector>

extern "C"
{
#include "../../../pipeline/io/pattern.h"
}

static std::string
little (guint64 value, int bytes)
{
  std::string all;
  for (int i = 0; i < bytes; i++)
    all += static_cast<char> (value >> 8 * i);
  return all;
}

static guint32
crc32_of (const std::string &text)
{
  guint32 crc = 0xffffffffU;
  for (unsigned char byte : text)
    {
      crc ^= byte;
      for (int i = 0; i < 8; i++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
  return ~crc;
}

/* What stands in a member's header and entry. */
struct Member
{
  std::string name, text;
  int method = 0, flags = 0;
  std::string packed = {};
  bool is_large = false; /* its sizes and place stand in 64 bit fields */
  int system = 3;
  guint mode = S_IFREG | 0644;
};

static std::string
deflate (const std::string &text)
{
  return convert (G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 6)), text);
}

static Member
deflated (const std::string &name, const std::string &text)
{
  return {name, text, 8, 0, deflate (text)};
}

static std::string
pack_member (const Member &member)
{
  const std::string bytes = member.packed.empty () ? member.text : member.packed;
  /* Sizes may be left out here, as in an archive that was written into a pipe. */
  return "PK\3\4" + little (20, 2) + little (member.flags | 8, 2) + little (member.method, 2) + little (0, 4)
         + little (0, 12) + little (member.name.size (), 2) + little (4, 2) + member.name + little (0, 4) + bytes
         + "PK\7\10" + little (crc32_of (member.text), 4) + little (bytes.size (), 4) + little (member.text.size (), 4);
}

static std::string
pack_entry (const Member &member, guint64 place)
{
  const std::string bytes = member.packed.empty () ? member.text : member.packed;
  const guint64 none = 0xffffffffU;
  std::string extra = little (0x5455, 2) + little (1, 2) + "x";
  if (member.is_large)
    extra += little (1, 2) + little (24, 2) + little (member.text.size (), 8) + little (bytes.size (), 8)
             + little (place, 8);
  return "PK\1\2" + little (45, 1) + little (member.system, 1) + little (45, 2) + little (member.flags | 8, 2)
         + little (member.method, 2) + little (0, 4) + little (crc32_of (member.text), 4)
         + little (member.is_large ? none : bytes.size (), 4) + little (member.is_large ? none : member.text.size (), 4)
         + little (member.name.size (), 2) + little (extra.size (), 2) + little (3, 2) + little (0, 4)
         + little (guint64 (member.mode) << 16, 4) + little (member.is_large ? none : place, 4) + member.name + extra
         + "abc";
}

static std::string
pack_end (guint64 n, guint64 size, guint64 place, bool is_large, const std::string &comment)
{
  std::string end;
  if (is_large)
    end = "PK\6\6" + little (44, 8) + little (45, 4) + little (0, 8) + little (n, 8) + little (n, 8) + little (size, 8)
          + little (place, 8) + "PK\6\7" + little (0, 4) + little (place + size, 8) + little (1, 4);
  return end + "PK\5\6" + little (0, 4) + little (is_large ? 0xffff : n, 2) + little (is_large ? 0xffff : n, 2)
         + little (is_large ? 0xffffffffU : size, 4) + little (is_large ? 0xffffffffU : place, 4)
         + little (comment.size (), 2) + comment;
}

static std::string
archive (const std::vector<Member> &members, bool is_large = false, const std::string &comment = "")
{
  std::string all, directory;
  for (const Member &member : members)
    {
      directory += pack_entry (member, all.size ());
      all += pack_member (member);
    }
  const gsize place = all.size ();
  return all + directory + pack_end (members.size (), directory.size (), place, is_large, comment);
}

class Zip : public InFolder
{
protected:
  /* "name=text;" of each file in the archive `a.zip`, or what is wrong. @step: as of drain() */
  static std::string
  list (gsize step = 4096)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PlOrigin) origin = pl_origin_open ("a.zip", &error);
    if (origin == nullptr)
      return error->message;
    g_autoptr (GPtrArray) members = pl_zip_list (origin, "a.zip", &error);
    if (members == nullptr)
      return error->message;
    std::string all;
    for (guint i = 0; i < members->len; i++)
      {
        auto *member = static_cast<PlZipMember *> (g_ptr_array_index (members, i));
        g_autofree char *name = g_strdup_printf ("a.zip/%s", member->name);
        g_autoptr (PlInput) input = pl_input_open_member (origin, member, name, PL_COMPRESSION_AUTO, nullptr, &error);
        std::string text = input != nullptr ? drain (input, step, &error) : "";
        if (error != nullptr)
          return all + text + "|" + error->message;
        all += std::string (member->name) + "=" + text + ";";
      }
    return all;
  }
  static std::string
  list (const std::string &bytes)
  {
    put ("a.zip", bytes);
    return list ();
  }
};

TEST_F (Zip, MembersOfEachMethodInTheOrderOfTheDirectory)
{
  const std::string large = long_text ();
  put ("a.zip", archive ({deflated ("z.csv", large),
                          {"a/b.csv", text},
                          {"b.csv", text, 12, 0, bzip2 (text)},
                          {"c.csv", text, 95, 0, xz (text)},
                          {"d.csv", text, 93, 0, zstd (text)},
                          deflated ("e.csv", "x"),
                          {"f.csv.gz", gzip (text)},
                          deflated ("g.csv.gz", gzip (large))}));
  for (gsize step : {7, 4096, 1 << 20})
    EXPECT_EQ (list (step), "z.csv=" + large + ";a/b.csv=" + text + ";b.csv=" + text + ";c.csv=" + text
                                + ";d.csv=" + text + ";e.csv=x;f.csv.gz=" + text + ";g.csv.gz=" + large + ";");
  EXPECT_EQ (list (archive ({{"a.csv", ""}, {"b.csv", "", 8, 0, deflate ("")}})), "a.csv=;b.csv=;");
  EXPECT_EQ (list (archive ({})), "");
}

TEST_F (Zip, WhatIsNoFileIsLeftOut)
{
  EXPECT_EQ (list (archive ({{"d/", ""},
                             {"__MACOSX/._a.csv", "x"},
                             {".DS_Store", "x"},
                             {"d/.DS_Store", "x"},
                             {"link.csv", "a.csv", 0, 0, {}, false, 3, S_IFLNK | 0777},
                             {"dos.csv", "y", 0, 0, {}, false, 0, S_IFLNK | 0777},
                             {"a.csv", "x"}})),
             "dos.csv=y;a.csv=x;");
}

TEST_F (Zip, FieldsOf64Bits)
{
  Member member = deflated ("a.csv", text);
  member.is_large = true;
  EXPECT_EQ (list (archive ({member, {"b.csv", "x"}}, true)), "a.csv=" + text + ";b.csv=x;");
  EXPECT_EQ (list (archive ({{"b.csv", "x"}, member})), "b.csv=x;a.csv=" + text + ";");
  EXPECT_EQ (list ("#!/bin/sh\n" + archive ({{"b.csv", "x"}, member}, true, "made by hand")),
             "b.csv=x;a.csv=" + text + ";");
}

TEST_F (Zip, WhatStandsBeforeAndBehind)
{
  const std::string whole = archive ({{"a.csv", text}}, false, "PK\5\6 is how an end begins, and this is a comment");
  EXPECT_EQ (list (whole), "a.csv=" + text + ";");
  EXPECT_EQ (list ("MZ, a program\n" + whole), "a.csv=" + text + ";");
  EXPECT_EQ (list (whole + "x"), "a.csv=" + text + ";");
  EXPECT_EQ (list (whole + std::string (65000, 'x')), "a.csv=" + text + ";");
  EXPECT_EQ (list (whole + std::string (70000, 'x')),
             "a.zip: the zip archive is damaged or cut short: its directory is missing");
  EXPECT_EQ (list (whole + whole), "a.csv=" + text + ";");
  /* What only looks like an end leads to no directory. */
  EXPECT_EQ (
      list ("PK" + std::string (60, 'x') + std::string ("PK\5\6\0\0\0\0\1\0\1\0\x2e\0\0\0\0\0\0\0\0\0", 22) + "x"),
      "a.zip: the zip archive is damaged or cut short: its directory is missing");
}

TEST_F (Zip, NamesOfOtherSystems)
{
  EXPECT_EQ (list (archive ({{"\x81\x8e.csv", "x"}})), "üÄ.csv=x;");
  EXPECT_EQ (list (archive ({{"ü.csv", "x", 0, 0x800}})), "ü.csv=x;");
  EXPECT_EQ (list (archive ({{"\x81.csv", "x", 0, 0x800}})),
             "a.zip: the zip archive is damaged: an entry of its directory cannot be read");
  EXPECT_EQ (list (archive ({{std::string ("a\0.csv", 6), "x"}})),
             "a.zip: the zip archive is damaged: an entry of its directory cannot be read");
  EXPECT_EQ (list (archive ({{"a.csv", "x"}, {"b.csv", "x"}, {"a.csv", "y"}})),
             "a.zip: two members of the zip archive are named a.csv");
}

TEST_F (Zip, WhatIsNotRead)
{
  EXPECT_EQ (list (archive ({{"a.csv", "x", 0, 1}})),
             "|a.zip/a.csv is encrypted; unpack it with its password first, and read what comes out");
  EXPECT_EQ (list (archive ({{"a.csv", "x", 9}})),
             "|a.zip/a.csv is compressed by deflate64, which is not read; unpack it, or pack it with deflate");
  EXPECT_EQ (list (archive ({{"a.csv", "x", 77}})),
             "|a.zip/a.csv is compressed by method 77, which is not read; unpack it, or pack it with deflate");
}

TEST_F (Zip, TruncatedAtEveryByte)
{
  const std::string whole = archive ({deflated ("a.csv", text), {"b.csv", text}}, false, "comment");
  for (gsize n = 0; n < whole.size (); n++)
    EXPECT_EQ (list (whole.substr (0, n)),
               n < 2 ? "a.zip: this is no zip archive; set compression = auto, which finds out what it is"
                     : "a.zip: the zip archive is damaged or cut short: its directory is missing")
        << n;
}

/* One byte changed anywhere: an error, or what is in it all the same (dates, comments and the like say nothing). */
TEST_F (Zip, DamagedAtEveryByte)
{
  const std::string whole = archive ({deflated ("a.csv", text), {"b.csv", text, 0, 0x800}, {"c.csv", "x"}}, true);
  const std::string right = "a.csv=" + text + ";b.csv=" + text + ";c.csv=x;";
  ASSERT_EQ (list (whole), right);
  int n_told = 0;
  for (gsize at = 0; at < whole.size (); at++)
    {
      std::string changed = whole;
      changed[at] = static_cast<char> (changed[at] ^ 1 << at % 8);
      const std::string got = list (changed);
      n_told += got.find ("a.zip") != std::string::npos;
      bool has_all = true;
      for (const char *name : {"a.csv=", "b.csv=", "c.csv="})
        has_all &= got.find (name) != std::string::npos;
      /* Where one is missing, its name or what kind of file it is has changed, but no text. */
      EXPECT_TRUE (!has_all || got == right || got.find ("a.zip") != std::string::npos) << at << " " << got;
    }
  EXPECT_GT (n_told, 150);
}

TEST_F (Zip, SizesAndChecksumsAreThoseOfTheDirectory)
{
  Member member = {"a.csv", text};
  member.packed = text.substr (0, 20);
  EXPECT_EQ (
      list (archive ({member})),
      "id,name\n1,Ada\n2,Grac|a.zip/a.csv: compressed data is damaged (the size differs), after 20 bytes of text");
  member.packed = text + "4,Tony\n";
  EXPECT_NE (list (archive ({member})).find ("(the size differs), after 31 bytes of text"), std::string::npos);
  member.packed = text;
  member.packed[10] = 'X';
  EXPECT_EQ (list (archive ({member})),
             member.packed
                 + "|a.zip/a.csv: compressed data is damaged (the checksum differs), after 31 "
                   "bytes of text");
  member = deflated ("a.csv", text);
  member.packed.resize (member.packed.size () - 3);
  EXPECT_NE (list (archive ({member})).find ("|a.zip/a.csv: compressed data ends early, after "), std::string::npos);
}

TEST_F (Zip, MembersDoNotShareBytes)
{
  const std::string whole = pack_member ({"a.csv", text});
  const std::string directory = pack_entry ({"a.csv", text}, 0) + pack_entry ({"b.csv", text}, 0);
  EXPECT_EQ (list (whole + directory + pack_end (2, directory.size (), whole.size (), false, "")),
             "a.zip: the zip archive is damaged: two of its members share bytes");
}

TEST_F (Zip, DirectoriesThatLie)
{
  const std::string whole = pack_member ({"a.csv", text}), entry = pack_entry ({"a.csv", text}, 0);
  const gsize n = entry.size (), place = whole.size ();
  EXPECT_EQ (list (whole + entry + pack_end (2, n, place, false, "")),
             "a.zip: the zip archive is damaged: its directory has not as many entries as it says");
  EXPECT_EQ (list (whole + entry + pack_end (1, n, place + 1, false, "")),
             "a.zip: the zip archive is damaged: its directory is not where it is said to be");
  EXPECT_EQ (list (whole + entry + pack_end (1, n + place + 1, 0, true, "")),
             "a.zip: the zip archive is damaged: its directory is not where it is said to be");
  const std::string far = pack_entry ({"a.csv", text}, place);
  EXPECT_EQ (list (whole + far + pack_end (1, far.size (), place, false, "")),
             "a.zip: the zip archive is damaged: an entry of its directory cannot be read");
  const std::string wrong = pack_entry ({"a.csv", text}, 1);
  EXPECT_EQ (list (whole + std::string (60, 'x') + wrong + pack_end (1, wrong.size (), place + 60, false, "")),
             "|a.zip/a.csv: the zip archive is damaged: its header is missing");
  std::string part = whole + entry + pack_end (1, n, place, false, "");
  part[part.size () - 18] = 1;
  EXPECT_EQ (list (part), "a.zip: this is one part of a zip archive of several; put them together first");
}

TEST_F (Zip, TextThatIsFarLargerThanItsMember)
{
  const std::string zeros (66 << 20, '0');
  EXPECT_NE (list (archive ({deflated ("a.csv", zeros)}))
                 .find ("|a.zip/a.csv: the text is more than 1000 times as large as the compressed data"),
             std::string::npos);
}

TEST (Patterns, FitNamesOfMembers)
{
  const struct
  {
    const char *pattern, *path;
    bool fits;
  } cases[] = {
      {"a.csv", "a.csv", true},
      {"*.csv", "a.csv", true},
      {"*.csv", "d/a.csv", false},
      {"*/*.csv", "d/a.csv", true},
      {"**/*.csv", "a.csv", true},
      {"**/*.csv", "d/e/a.csv", true},
      {"**/*.csv", "d/e/a.tsv", false},
      {"**", "d/e/a.tsv", true},
      {"d/**", "d/e/a.tsv", true},
      {"d/**/a.*", "d/a.tsv", true},
      {"d/**/a.*", "e/a.tsv", false},
      {"{a,b}.csv", "b.csv", true},
      {"{a,b}.csv", "c.csv", false},
      {"[ab].csv", "[ab].csv", true},
      {"[ab].csv", "b.csv", true},
      {"*", ".hidden", false},
      {"**/*.csv", ".d/a.csv", false},
      {"a?.csv", "ab.csv", true},
      {"a.csv", "a.csv/b", false},
      {"*", "", true},
      {"d/*", "d", false},
  };
  for (const auto &it : cases)
    EXPECT_EQ (pl_pattern_fits (it.pattern, it.path), it.fits) << it.pattern << " " << it.path;
}
