/* Opening and reading inputs: picks the chain of decoders a path needs and drops a byte order mark.
 *
 *   regular file ─┐
 *                 ├─► [gzip | zstd] ─► [iconv] ─► [without BOM] ─► pl_input_read()
 *   pipe ► spool ─┘
 *
 * Compression goes by the first bytes, because names lie. A regular, uncompressed UTF-8 file is "plain": its ranges may be
 * read beside this by anyone, with pread(). */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/error.h"
#include "decoder.h"
#include "expand.h"

struct PlInput
{
  char *name; /* for messages */
  int fd;     /* -1 where there is a spool */
  gboolean plain;
  PlCompression compression;
  guint64 size;
  guint64 offset;
  PlDecoder *chain;
  /* The first bytes, read to look for a byte order mark, that were none. */
  guint8 head[3];
  guint head_length;
  guint head_next;
};

static gboolean
is_utf8 (const char *encoding)
{
  return encoding == NULL || g_ascii_strcasecmp (encoding, "utf-8") == 0 || g_ascii_strcasecmp (encoding, "utf8") == 0
         || g_ascii_strcasecmp (encoding, "utf-8-sig") == 0;
}

/* @name: decides where a file is so short that its bytes do not. */
static PlCompression
detect (const guint8 *head, gsize length, const char *name)
{
  /* A gzip header is two magic bytes and the one method there is, deflate; also when the file was cut within them. */
  if (length > 0 && memcmp (head, "\x1f\x8b\x08", MIN (length, 3)) == 0)
    return PL_COMPRESSION_GZIP;
  if (length > 0 && memcmp (head, "\x28\xb5\x2f\xfd", MIN (length, 4)) == 0
      && (length > 1 || g_str_has_suffix (name, ".zst")))
    return PL_COMPRESSION_ZSTD;
  /* A zstd file may begin with a skippable frame: 0x184D2A50 to 0x184D2A5F. */
  if (length >= 4 && (head[0] & 0xf0) == 0x50 && memcmp (head + 1, "\x2a\x4d\x18", 3) == 0)
    return PL_COMPRESSION_ZSTD;
  return PL_COMPRESSION_NONE;
}

/* Fills @head unless the end comes first. A failure behind some bytes is left for the next read, which meets it again: what
 * stands before it shall be seen. */
static gssize
read_head (PlDecoder *decoder, guint8 *head, gsize length, GError **error)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pl_decoder_read (decoder, head + done, length - done, error);

      if (n < 0 && done == 0)
        return -1;
      if (n < 0)
        g_clear_error (error);
      if (n <= 0)
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}

/* Opens @path, but a pipe that was opened before only once. Returns: FALSE with @error; else `fd` or @spool is set. */
static gboolean
open_bytes (PlInput *self, const char *path, guint64 *start, PlSpool **spool, GError **error)
{
  gboolean is_stdin = strcmp (path, "-") == 0;
  struct stat info;
  int fd = STDIN_FILENO;

  if (!is_stdin)
    {
      /* Opening a named pipe a second time would wait for a second writer. */
      if (stat (path, &info) == 0 && !S_ISREG (info.st_mode)
          && (*spool = pl_spool_find (info.st_dev, info.st_ino)) != NULL)
        return TRUE;
      fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    }
  if (fd < 0 || fstat (fd, &info) != 0)
    {
      int code = errno;

      if (code == ENOENT || code == ENOTDIR)
        pl_input_not_found (path, path, error);
      else
        g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN, "cannot open %s: %s", self->name, g_strerror (code));
      if (fd >= 0 && !is_stdin)
        close (fd);
      return FALSE;
    }
  if (S_ISDIR (info.st_mode))
    {
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_OPEN,
                   "%s is a folder, not a file; write %s%s*.csv to read the files in it", self->name, self->name,
                   g_str_has_suffix (self->name, "/") ? "" : "/");
      if (!is_stdin)
        close (fd);
      return FALSE;
    }
  if (!S_ISREG (info.st_mode))
    {
      *spool = pl_spool_get (fd, info.st_dev, info.st_ino);
      return TRUE;
    }
  self->fd = fd;
  self->size = (guint64) info.st_size;
  if (is_stdin)
    {
      /* `< file`: its bytes from where the shell left it. Only pread() is used, so the place stays. */
      off_t here = lseek (fd, 0, SEEK_CUR);
      *start = here > 0 ? (guint64) here : 0;
    }
  else
    posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return TRUE;
}

static PlDecoder *
first_link (const PlInput *self, PlSpool *spool, guint64 start)
{
  if (spool != NULL)
    return pl_decoder_spool_new (spool, self->name);
  return pl_decoder_file_new (self->fd, start, self->name);
}

static gboolean
build_chain (PlInput *self, const char *path, PlCompression compression, const char *encoding, GError **error)
{
  guint64 start = 0;
  PlSpool *spool = NULL;

  if (!open_bytes (self, path, &start, &spool, error))
    return FALSE;
  self->chain = first_link (self, spool, start);
  if (compression == PL_COMPRESSION_AUTO)
    {
      guint8 head[4];
      gssize n = read_head (self->chain, head, sizeof head, error);

      if (n < 0)
        return FALSE;
      compression = detect (head, (gsize) n, self->name);
      pl_decoder_rewind (self->chain, start);
    }
  self->compression = compression;
  if (compression == PL_COMPRESSION_GZIP)
    self->chain = pl_decoder_gzip_new (self->chain, self->name);
  else if (compression == PL_COMPRESSION_ZSTD)
    self->chain = pl_decoder_zstd_new (self->chain, self->name);
  if (!is_utf8 (encoding))
    self->chain = pl_decoder_iconv_new (self->chain, encoding, self->name, error);
  self->plain = spool == NULL && strcmp (path, "-") != 0 && compression == PL_COMPRESSION_NONE && is_utf8 (encoding);
  return self->chain != NULL;
}

PlInput *
pl_input_open (const char *path, PlCompression compression, const char *encoding, GError **error)
{
  g_autoptr (PlInput) self = g_new0 (PlInput, 1);

  self->fd = -1;
  self->name = g_strdup (strcmp (path, "-") == 0 ? "standard input" : path);
  if (!build_chain (self, path, compression, encoding, error))
    return NULL;

  gssize n = read_head (self->chain, self->head, sizeof self->head, error);
  if (n < 0)
    return NULL;
  self->head_length = (guint) n;
  if (n == 3 && memcmp (self->head, "\xef\xbb\xbf", 3) == 0)
    {
      self->head_next = 3;
      self->offset = 3;
    }
  return g_steal_pointer (&self);
}

void
pl_input_free (PlInput *input)
{
  if (input == NULL)
    return;
  pl_decoder_free (input->chain);
  if (input->fd > STDIN_FILENO)
    close (input->fd);
  g_free (input->name);
  g_free (input);
}

gssize
pl_input_read (PlInput *input, void *data, gsize length, GError **error)
{
  gssize n;

  if (length == 0)
    return 0;
  if (input->head_next < input->head_length)
    {
      n = (gssize) MIN (length, input->head_length - input->head_next);
      memcpy (data, input->head + input->head_next, (gsize) n);
      input->head_next += (guint) n;
    }
  else
    n = pl_decoder_read (input->chain, data, length, error);
  if (n > 0)
    input->offset += (guint64) n;
  return n;
}

gboolean
pl_input_is_plain (const PlInput *input)
{
  return input->plain;
}

int
pl_input_fd (const PlInput *input)
{
  return input->fd;
}

guint64
pl_input_size (const PlInput *input)
{
  return input->size;
}

guint64
pl_input_offset (const PlInput *input)
{
  return input->offset;
}

PlCompression
pl_input_compression (const PlInput *input)
{
  return input->compression;
}

gboolean
pl_input_skip (PlInput *input, guint64 length, GError **error)
{
  g_autofree char *dropped = g_malloc (PL_DECODER_CHUNK);

  while (length > 0)
    {
      gssize n = pl_input_read (input, dropped, (gsize) MIN (length, PL_DECODER_CHUNK), error);

      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      length -= (guint64) n;
    }
  return TRUE;
}
