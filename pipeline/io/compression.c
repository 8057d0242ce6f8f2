/* See compression.h. */
#include "compression.h"

#include <string.h>

static const char *const names[] = {"auto", "none", "gzip", "zstd", "bzip2", "xz", "lz4", "zip", NULL};
static const char *const written[] = {"auto", "none", "gzip", "zstd", "bzip2", "xz", "lz4", NULL};
static const char *const endings[] = {NULL, NULL, ".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip"};

const char *const *
pl_compression_names (void)
{
  return names;
}

const char *const *
pl_compression_names_written (void)
{
  return written;
}

PlCompression
pl_compression_by_path (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  for (guint i = PL_COMPRESSION_GZIP; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return (PlCompression) i;
  return PL_COMPRESSION_NONE;
}

gsize
pl_compression_stem (const char *path)
{
  const char *ending = endings[pl_compression_by_path (path)];
  return strlen (path) - (ending != NULL ? strlen (ending) : 0);
}

/* Whether @head begins with @magic, or, where the file has been cut within that, may have. */
static gboolean
begins (const guint8 *head, gsize length, const char *magic, gsize n)
{
  return length > 0 && memcmp (head, magic, MIN (length, n)) == 0;
}

/* "BZh" and a digit may begin a text; what follows them in a bzip2 file, the first block or the end, may not. */
static gboolean
is_bzip2 (const guint8 *head, gsize length, PlCompression named)
{
  if (!begins (head, length, "BZh", 3) || (length > 3 && (head[3] < '1' || head[3] > '9')))
    return FALSE;
  if (length < PL_COMPRESSION_HEAD)
    return named == PL_COMPRESSION_BZIP2;
  return memcmp (head + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 || memcmp (head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0;
}

PlCompression
pl_compression_by_head (const guint8 *head, gsize length, const char *name)
{
  const PlCompression named = pl_compression_by_path (name);
  /* A gzip header is two magic bytes and the one method there is, deflate. */
  if (begins (head, length, "\x1f\x8b\x08", 3))
    return PL_COMPRESSION_GZIP;
  if (begins (head, length, "\x28\xb5\x2f\xfd", 4) && (length > 1 || named == PL_COMPRESSION_ZSTD))
    return PL_COMPRESSION_ZSTD;
  if (begins (head, length, "\xfd\x37zXZ", 6) && (length > 1 || named == PL_COMPRESSION_XZ))
    return PL_COMPRESSION_XZ;
  if (begins (head, length, "\x04\x22\x4d\x18", 4) && (length > 1 || named == PL_COMPRESSION_LZ4))
    return PL_COMPRESSION_LZ4;
  /* Files of zstd and of lz4 may begin with a skippable frame: 0x184D2A50 to 0x184D2A5F. */
  if (length >= 4 && (head[0] & 0xf0) == 0x50 && memcmp (head + 1, "\x2a\x4d\x18", 3) == 0)
    return named == PL_COMPRESSION_LZ4 ? PL_COMPRESSION_LZ4 : PL_COMPRESSION_ZSTD;
  return is_bzip2 (head, length, named) ? PL_COMPRESSION_BZIP2 : PL_COMPRESSION_NONE;
}
