/* A folder of its own for each test, and small ways to write, read and compress. */
#pragma once
#include <filesystem>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>

extern "C"
{
#include "../../../pipeline/io/input.h"
#include "../../../pipeline/io/spool.h"
}

class InFolder : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("pipeline-test-XXXXXX", nullptr);
    folder = made;
    g_autofree char *before = g_get_current_dir ();
    before_ = before;
    ASSERT_EQ (g_chdir (made), 0);
  }
  void
  TearDown () override
  {
    pl_input_release_spools ();
    ASSERT_EQ (g_chdir (before_.c_str ()), 0);
    std::filesystem::remove_all (folder);
  }
  static void
  put (const char *path, const std::string &bytes)
  {
    ASSERT_TRUE (g_file_set_contents (path, bytes.data (), static_cast<gssize> (bytes.size ()), nullptr));
  }
  static std::string
  get (const char *path)
  {
    g_autofree char *bytes = nullptr;
    gsize length = 0;
    if (!g_file_get_contents (path, &bytes, &length, nullptr))
      return "(no such file)";
    return std::string (bytes, length);
  }
  /* Names in the folder, hidden ones too, sorted, each followed by a space. */
  static std::string
  listing (const char *path = ".")
  {
    std::string all;
    GDir *dir = g_dir_open (path, 0, nullptr);
    GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
    while (const char *name = g_dir_read_name (dir))
      g_ptr_array_add (names, g_strdup (name));
    g_dir_close (dir);
    g_ptr_array_sort (names, [] (gconstpointer a, gconstpointer b) {
      return strcmp (*static_cast<const char *const *> (a), *static_cast<const char *const *> (b));
    });
    for (guint i = 0; i < names->len; i++)
      all += std::string (static_cast<const char *> (g_ptr_array_index (names, i))) + " ";
    g_ptr_array_unref (names);
    return all;
  }

  std::string folder;

private:
  std::string before_;
};

/* By GLib (zlib), not by what the program compresses with. */
static inline std::string
convert (GConverter *converter, const std::string &bytes)
{
  GInputStream *memory
      = g_memory_input_stream_new_from_data (bytes.data (), static_cast<gssize> (bytes.size ()), nullptr);
  GInputStream *stream = g_converter_input_stream_new (memory, converter);
  std::string result;
  char piece[4096];
  gssize n;
  while ((n = g_input_stream_read (stream, piece, sizeof piece, nullptr, nullptr)) > 0)
    result.append (piece, static_cast<gsize> (n));
  if (n < 0)
    result = "(does not convert)";
  g_object_unref (stream);
  g_object_unref (memory);
  g_object_unref (converter);
  return result;
}

static const std::string text = "id,name\n1,Ada\n2,Grace\n3,Edsger\n";

static inline std::string
long_text ()
{
  std::string all = "n,square\n";
  for (int i = 0; i < 60000; i++)
    all += std::to_string (i) + "," + std::to_string (i * (long) i % 1000003) + "\n";
  return all;
}

static inline std::string
gzip (const std::string &text)
{
  return convert (G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6)), text);
}

static inline std::string
gunzip (const std::string &bytes)
{
  return convert (G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP)), bytes);
}

static inline std::string
zstd (const std::string &text)
{
  std::string bytes (ZSTD_compressBound (text.size ()), '\0');
  ZSTD_CCtx *context = ZSTD_createCCtx ();
  ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  bytes.resize (ZSTD_compress2 (context, &bytes[0], bytes.size (), text.data (), text.size ()));
  ZSTD_freeCCtx (context);
  return bytes;
}

static inline std::string
unzstd (const std::string &bytes, gsize room)
{
  std::string text (room, '\0');
  size_t n = ZSTD_decompress (&text[0], room, bytes.data (), bytes.size ());
  if (ZSTD_isError (n))
    return ZSTD_getErrorName (n);
  text.resize (n);
  return text;
}

static inline std::string
bzip2 (const std::string &text)
{
  std::string bytes (text.size () + text.size () / 100 + 600, '\0');
  unsigned length = static_cast<unsigned> (bytes.size ());
  BZ2_bzBuffToBuffCompress (&bytes[0], &length, const_cast<char *> (text.data ()), static_cast<unsigned> (text.size ()),
                            9, 0, 0);
  bytes.resize (length);
  return bytes;
}

static inline std::string
xz (const std::string &text)
{
  std::string bytes (lzma_stream_buffer_bound (text.size ()), '\0');
  size_t length = 0;
  lzma_easy_buffer_encode (1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t *> (text.data ()), text.size (),
                           reinterpret_cast<uint8_t *> (&bytes[0]), &length, bytes.size ());
  bytes.resize (length);
  return bytes;
}

static inline std::string
lz4 (const std::string &text)
{
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string bytes (LZ4F_compressFrameBound (text.size (), &preferences), '\0');
  bytes.resize (LZ4F_compressFrame (&bytes[0], bytes.size (), text.data (), text.size (), &preferences));
  return bytes;
}

/* The input of @path, opened. */
static inline PlInput *
open_input (const char *path, PlCompression compression, const char *encoding, GError **error)
{
  g_autoptr (PlOrigin) origin = pl_origin_open (path, error);
  const char *name = strcmp (path, "-") == 0 ? "standard input" : path;
  /* It is used until the input is freed. */
  static PlInputText text;
  text.encoding = g_intern_string (encoding);
  return origin != nullptr ? pl_input_open (origin, name, compression, &text, error) : nullptr;
}

/* The rest of @input, by reads of @step bytes. */
static inline std::string
drain (PlInput *input, gsize step, GError **error)
{
  std::string all;
  std::string piece (step, '\0');
  gssize n;
  while ((n = pl_input_read (input, &piece[0], step, error)) > 0)
    all.append (piece, 0, static_cast<gsize> (n));
  if (n < 0 && error == nullptr)
    all += "(error)";
  return all;
}

/* What @path reads as; on failure the message stands behind what came before it: "text|message". */
static inline std::string
slurp (const char *path, PlCompression compression = PL_COMPRESSION_AUTO, const char *encoding = nullptr,
       gsize step = 4096)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PlInput) input = open_input (path, compression, encoding, &error);
  std::string all = input != nullptr ? drain (input, step, &error) : "";
  return error != nullptr ? all + "|" + error->message : all;
}
