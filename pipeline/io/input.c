/* Opening and reading inputs: picks the chain of decoders a path needs and drops a byte order mark.
 *
 *   regular file ─┐ [member of a zip archive]
 *                 ├─► [gzip, zstd …] ─► [iconv] ─► [filter] ─► [no footer] ─► [without BOM] ─► pl_input_read()
 *   pipe ► spool ─┘
 *
 * Compression goes by the first bytes, because names lie. A regular, uncompressed UTF-8 file is "plain": its ranges may
 * be read beside this by anyone, with pread(). */
#include "input.h"

#include <string.h>
#include "origin-private.h"
#include "origin-state.h"
#include "spool.h"

struct PlInput
{
  char *name; /* for messages */
  PlOrigin *origin;
  PlZipMember *member; /* (nullable) */
  int fd;              /* lent by it; -1 where there is a spool */
  gboolean plain;
  PlCompression compression;
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

/* Fills @head unless the end comes first. A failure behind some bytes is left for the next read, which meets it again:
 * what stands before it shall be seen. */
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

/* The link that begins a chain; in place of an earlier one. */
static gboolean
begin_chain (PlInput *self, GError **error)
{
  PlOrigin *origin = self->origin;
  g_clear_pointer (&self->chain, pl_decoder_free);
  if (self->member != NULL)
    self->chain = pl_decoder_member_new (origin, self->fd, self->member, self->name, error);
  else if (origin->spool != NULL)
    self->chain = pl_decoder_spool_new (pl_spool_ref (origin->spool), self->name);
  else
    self->chain = pl_decoder_file_new (origin, self->fd, origin->start, self->name);
  return self->chain != NULL;
}

static gboolean
build_chain (PlInput *self, PlCompression compression, const PlInputText *text, GError **error)
{
  const char *encoding = text->encoding;
  gboolean is_filtered = text->drops_nul || text->replaces;
  PlOrigin *origin = self->origin;

  if (origin->spool == NULL && (self->fd = pl_origin_borrow (origin, self->name, error)) < 0)
    return FALSE;
  if (!begin_chain (self, error))
    return FALSE;
  if (compression == PL_COMPRESSION_AUTO)
    {
      guint8 head[PL_COMPRESSION_HEAD];
      gssize n = read_head (self->chain, head, sizeof head, error);

      if (n < 0)
        return FALSE;
      compression = pl_compression_by_head (head, (gsize) n, self->name);
      if (self->member == NULL)
        pl_decoder_rewind (self->chain, origin->start);
      else if (!begin_chain (self, error))
        return FALSE;
    }
  self->compression = compression;
  self->chain = pl_decoder_new (compression, self->chain, self->name);
  if (!is_utf8 (encoding))
    self->chain = pl_decoder_iconv_new (self->chain, encoding, text->replaces, self->name, error);
  if (self->chain != NULL && is_filtered)
    self->chain = pl_decoder_filter_new (self->chain, text->drops_nul, text->replaces);
  if (self->chain != NULL && text->footer > 0)
    self->chain = pl_decoder_footer_new (self->chain, text->footer, text->counts_cr, self->name);
  self->plain = origin->spool == NULL && strcmp (origin->path, "-") != 0 && compression == PL_COMPRESSION_NONE
                && self->member == NULL && is_utf8 (encoding) && !is_filtered && text->footer == 0;
  return self->chain != NULL;
}

PlInput *
pl_input_open (PlOrigin *origin, const char *name, PlCompression compression, const PlInputText *text, GError **error)
{
  return pl_input_open_member (origin, NULL, name, compression, text, error);
}

PlInput *
pl_input_open_member (PlOrigin *origin, const PlZipMember *member, const char *name, PlCompression compression,
                      const PlInputText *text, GError **error)
{
  static const PlInputText as_it_is = {0};
  g_autoptr (PlInput) self = g_new0 (PlInput, 1);

  self->origin = pl_origin_ref (origin);
  self->member = member != NULL ? pl_zip_member_ref (member) : NULL;
  self->fd = -1;
  self->name = g_strdup (name);
  if (!build_chain (self, compression, text != NULL ? text : &as_it_is, error))
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
  pl_origin_give_back (input->origin, input->fd);
  pl_origin_unref (input->origin);
  pl_zip_member_unref (input->member);
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
