/* Bytes in: files, stdin, programs, gzip, zstd, members of zip archives, other encodings. Sequential decoded reading,
 * and ranged reading of plain files. */
#pragma once
#include "compression.h"
#include "origin.h"
#include "zip.h"

G_BEGIN_DECLS

typedef struct PlInput PlInput;

/* Bytes in decoded text that stand around the digits of what meant nothing in the encoding; no UTF-8 holds them. */
#define PL_UNDECODED_MARK '\xff'
#define PL_UNDECODED_END '\xfe'

/* How bytes become text. */
typedef struct
{
  const char *encoding; /* (nullable): %NULL or "utf-8": as they are; else converted with iconv */
  gboolean drops_nul;   /* NUL bytes are left out */
  gboolean replaces;    /* what is no text becomes U+FFFD */
  guint64 footer;       /* so many lines at the end are left out */
  gboolean counts_cr;   /* a CR alone ends a line of the footer */
} PlInputText;

/** pl_input_open:
 * @origin: where its bytes come from
 * @name: what messages call it
 * @compression: AUTO goes by the first bytes (magic numbers), not by the name
 * @text: (nullable): %NULL: the bytes as they are; used until the input is freed
 *
 * A leading UTF-8 byte order mark is dropped (and counted in offsets as three bytes skipped).
 * Inputs that cannot be read twice (stdin, FIFOs, programs, files without a size of their own) are spooled to an
 * unlinked temporary file as they are read, so that every input can be rewound. stdin is one input, however often it is
 * opened.
 */
PlInput *pl_input_open (PlOrigin *origin, const char *name, PlCompression compression, const PlInputText *text,
                        GError **error);
/** pl_input_open_member: the same of a @member (nullable) of the zip archive that is @origin, in which its bytes may be
 * compressed once more. */
PlInput *pl_input_open_member (PlOrigin *origin, const PlZipMember *member, const char *name, PlCompression compression,
                               const PlInputText *text, GError **error);
void pl_input_free (PlInput *input);
/** pl_input_read: Returns: bytes read (1 to @length: fewer do not mean that the end is near), 0 at the end, -1 on error
 * (PL_IO_ERROR_READ; PL_DATA_ERROR_CORRUPT for truncated or damaged compression or encoding, with the offset). */
gssize pl_input_read (PlInput *input, void *data, gsize length, GError **error);
/** pl_input_is_plain: whether the decoded bytes are the file's bytes and it is a regular file: pread() on what
 * pl_origin_borrow() gives has them. */
gboolean pl_input_is_plain (const PlInput *input);
PlCompression pl_input_compression (const PlInput *input);
/** pl_input_offset: Returns: the offset, in decoded bytes, of the byte the next read gives: 3 right behind a byte order
 * mark, so that in a plain file it is the file's own offset. */
guint64 pl_input_offset (const PlInput *input);
/** pl_input_skip: reads and drops @length decoded bytes, or what is left of them: to come to an offset, skip (offset -
 * pl_input_offset()). */
gboolean pl_input_skip (PlInput *input, guint64 length, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlInput, pl_input_free)

G_END_DECLS
