/* One link of the chain that turns a file's bytes into text: file or spool ──► gzip, zstd … ──► iconv ──► filter ──►
 * without the footer.
 *
 * Private to io/. A link pulls from the one before it, which it owns; one thread uses a chain. Errors are sticky only
 * where a link says so: nobody reads on behind an error. */
#pragma once
#include <glib.h>
#include <sys/types.h>
#include "compression.h"
#include "origin.h"
#include "zip.h"

G_BEGIN_DECLS

typedef struct PlDecoder PlDecoder;
typedef struct PlSpool PlSpool;

struct PlDecoder
{
  /* Returns: bytes read (at least 1, not always @length), 0 at the end, -1 on error. @length > 0. */
  gssize (*read) (PlDecoder *self, void *data, gsize length, GError **error);
  /* Goes (back) to byte @offset; only the links that begin a chain can, NULL in others. */
  void (*rewind) (PlDecoder *self, guint64 offset);
  /* Frees the link and those before it. */
  void (*free) (PlDecoder *self);
};

static inline gssize
pl_decoder_read (PlDecoder *decoder, void *data, gsize length, GError **error)
{
  return decoder->read (decoder, data, length, error);
}

static inline void
pl_decoder_rewind (PlDecoder *decoder, guint64 offset)
{
  decoder->rewind (decoder, offset);
}

static inline void
pl_decoder_free (PlDecoder *decoder)
{
  if (decoder != NULL)
    decoder->free (decoder);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlDecoder, pl_decoder_free)

/* What a chain reads compressed bytes in. */
#define PL_DECODER_CHUNK (256 * 1024)

/* Text that is this many times as large as its compressed form was made to be: deflate ends at 1032 times. The start of
 * a file, where a few bytes may hold a header and much of the same, does not count. */
#define PL_MAX_EXPANSION 1000
#define PL_FREE_EXPANSION ((guint64) 64 << 20)
#define PL_EXPANSION_MESSAGE                                                                                           \
  "%s: the text is more than 1000 times as large as the compressed data; if that is right, decompress it with "        \
  "another "                                                                                                           \
  "program and read it from a pipe"

static inline gboolean
pl_expands_too_far (guint64 consumed, guint64 produced)
{
  return produced > PL_FREE_EXPANSION && produced / PL_MAX_EXPANSION > consumed;
}

/* @name, in all of them: what messages call the input; outlives the link. */

/** pl_decoder_file_new: reads the regular file @fd (not owned), which is @origin's, from @offset on up to where it
 * ended at the first look, without moving the descriptor's own offset. One that ends before is PL_IO_ERROR_BUSY. */
PlDecoder *pl_decoder_file_new (PlOrigin *origin, int fd, guint64 offset, const char *name);
/** pl_decoder_member_new: a member of the zip archive that is @origin, open on @fd (not owned). PL_DATA_ERROR_CORRUPT
 * where it is encrypted, of a method that is not read, or not there. */
PlDecoder *pl_decoder_member_new (PlOrigin *origin, int fd, const PlZipMember *member, const char *name,
                                  GError **error);
/** pl_decoder_gzip_new: @from: (transfer full): RFC 1952, any number of members, checksums verified. */
PlDecoder *pl_decoder_gzip_new (PlDecoder *from, const char *name);
/** pl_decoder_zstd_new: @from: (transfer full): RFC 8878, any number of frames, checksums verified where there are
 * any. */
PlDecoder *pl_decoder_zstd_new (PlDecoder *from, const char *name);
/** pl_decoder_new: @from: (transfer full).
 * Returns: (transfer full): @from decompressed; @from itself where it is not compressed. */
PlDecoder *pl_decoder_new (PlCompression compression, PlDecoder *from, const char *name);
/** pl_decoder_iconv_new: @from: (transfer full), also on failure: @encoding to UTF-8. Bytes that mean nothing in it
 * become U+FFFD where @replaces, else a mark that is no UTF-8: PL_UNDECODED_MARK, their hexadecimal digits, and
 * PL_UNDECODED_END. Fails with PL_JOB_ERROR_BAD_VALUE when there is no such encoding. */
PlDecoder *pl_decoder_iconv_new (PlDecoder *from, const char *encoding, gboolean replaces, const char *name,
                                 GError **error);
/** pl_decoder_filter_new: @from: (transfer full): UTF-8, without NUL bytes if @drops_nul, and with U+FFFD for what is
 * no UTF-8 if @replaces. */
PlDecoder *pl_decoder_filter_new (PlDecoder *from, gboolean drops_nul, gboolean replaces);
/** pl_decoder_footer_new: @from: (transfer full): text without its last @lines lines. @counts_cr: a CR alone ends a
 * line, too. */
PlDecoder *pl_decoder_footer_new (PlDecoder *from, guint64 lines, gboolean counts_cr, const char *name);

G_END_DECLS
