/* Temporary files and sources made by hand, for tests below the reader. */
#pragma once
#include "../../../pipeline/csv/source.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace support
{

/* A folder that is gone when the test is. */
struct Folder
{
  std::filesystem::path path;
  Folder ()
  {
    std::string name = (std::filesystem::temp_directory_path () / "pipeline-engine-XXXXXX").string ();
    path = mkdtemp (name.data ());
  }
  ~Folder ()
  {
    std::filesystem::remove_all (path);
  }
  std::string
  write (const char *name, const std::string &text) const
  {
    std::ofstream (path / name, std::ios::binary) << text;
    return (path / name).string ();
  }
  std::string
  read (const char *name) const
  {
    std::ifstream file (path / name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf ();
    return text.str ();
  }
  bool
  has (const char *name) const
  {
    return std::filesystem::exists (path / name);
  }
};

/* A source of one file whose records begin at its first byte. */
struct Source
{
  PlSource source{};
  PlSourceFile file{};
  std::string path;
  Source (const std::string &where, gsize size, bool ranged) : path (where)
  {
    file.path = file.display = path.data ();
    file.origin = pl_origin_open (path.c_str (), nullptr);
    file.compression = PL_COMPRESSION_NONE;
    file.ranged = ranged;
    file.size = size;
    file.data_line = 1;
    source.name = file.path;
    source.dialect.delimiter = ',';
    source.dialect.quote = '"';
    source.files = g_ptr_array_new ();
    source.max_record_size = 1 << 20;
    source.limit = G_MAXUINT64;
    g_ptr_array_add (source.files, &file);
  }
  ~Source ()
  {
    pl_origin_unref (file.origin);
    g_ptr_array_unref (source.files);
  }
};

/* The same numbers on every machine. */
struct Random
{
  guint64 state;
  guint32
  below (guint32 n)
  {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (guint32) (state >> 33) % n;
  }
};

/* Bytes that mean something to CSV, more often than not. */
inline std::string
random_text (Random &random, gsize length, bool stray)
{
  const std::string alphabet = stray ? "a,b\"\n\r1\"" : "ab,c\n1d\n";
  std::string text;
  while (text.size () < length)
    if (!stray && random.below (6) == 0)
      text += text.empty () || text.back () == ',' || text.back () == '\n' ? "\"x\ny,\"\"z\"," : ",";
    else
      text += alphabet[random.below ((guint32) alphabet.size ())];
  return text;
}

} // namespace support
