// Parts: bytes that say what they are.
#include <gtest/gtest.h>

#include <string>
#include <vector>

extern "C"
{
#include "../../../pipeline/base/build.h"
#include "../../../pipeline/spill/part.h"
}

namespace
{

std::string
write_part (const std::vector<std::string> &sections, guint64 of)
{
  PlBuffer buffer = PL_BUFFER_INIT;
  PlPartWriter writer;
  pl_buffer_append_string (&buffer, "before");
  pl_part_begin (&writer, &buffer, of);
  for (const std::string &section : sections)
    {
      pl_part_begin_section (&writer);
      pl_buffer_append (&buffer, section.data (), section.size ());
      pl_part_end_section (&writer);
    }
  pl_part_end (&writer);
  std::string part (buffer.data + 6, buffer.length - 6);
  pl_buffer_clear (&buffer);
  return part;
}

// Whether all of @part is one of @of with as many sections, which are put into @sections.
bool
read_part (const std::string &part, guint64 of, gsize n, std::vector<std::string> &sections)
{
  PlCursor cursor = {reinterpret_cast<const guint8 *> (part.data ()), part.size (), 0, FALSE}, section;
  PlPartReader reader;
  sections.clear ();
  bool ok = pl_part_open (&reader, &cursor, of);
  for (gsize i = 0; ok && i < n; i++)
    if ((ok = pl_part_next (&reader, &section)))
      sections.emplace_back (reinterpret_cast<const char *> (section.data), section.length);
  ok = ok && pl_part_close (&reader);
  EXPECT_EQ (ok, !cursor.failed);
  return ok && cursor.offset == cursor.length;
}

TEST (Part, SectionsComeBackAsTheyWere)
{
  for (const std::vector<std::string> &sections :
       {std::vector<std::string>{}, {""}, {"one"}, {"one", "", std::string (100000, 'x')}})
    {
      std::vector<std::string> read;
      const std::string part = write_part (sections, 7);
      EXPECT_TRUE (read_part (part, 7, sections.size (), read));
      EXPECT_EQ (read, sections);
    }
}

TEST (Part, WhatIsOfSomethingElseIsRefused)
{
  std::vector<std::string> read;
  const std::string part = write_part ({"one", "two"}, 7);
  EXPECT_FALSE (read_part (part, 8, 2, read));
  EXPECT_FALSE (read_part (part, 7, 1, read));
  EXPECT_FALSE (read_part (part, 7, 3, read));
  EXPECT_FALSE (read_part (part + "x", 7, 2, read));
  EXPECT_TRUE (read_part (part, 7, 2, read));
}

TEST (Part, WhatIsCutOrChangedIsRefused)
{
  std::vector<std::string> read;
  const std::string part = write_part ({"one", "", "three"}, 7);
  for (gsize n = 0; n < part.size (); n++)
    EXPECT_FALSE (read_part (part.substr (0, n), 7, 3, read)) << n;
  for (gsize at = 0; at < part.size (); at++)
    for (int bit = 0; bit < 8; bit++)
      {
        std::string wrong = part;
        wrong[at] = static_cast<char> (wrong[at] ^ (1 << bit));
        EXPECT_FALSE (read_part (wrong, 7, 3, read)) << at << ":" << bit;
      }
}

TEST (Part, OfAnotherBuildIsRefused)
{
  std::vector<std::string> read;
  std::string part = write_part ({"one"}, 7);
  const guint64 build = pl_build_hash (), other = build + 1;
  EXPECT_EQ (build, pl_build_hash ());
  const gsize at = part.find (std::string (reinterpret_cast<const char *> (&build), sizeof build));
  ASSERT_NE (at, std::string::npos);
  part.replace (at, sizeof other, reinterpret_cast<const char *> (&other), sizeof other);
  EXPECT_FALSE (read_part (part, 7, 1, read));
}

} // namespace
