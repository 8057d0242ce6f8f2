/* Bytes → gzip, zstd, bzip2, xz or lz4. Private to io/.
 *
 * Input is handed to the libraries in pieces of one fixed size, whatever the callers' writes were: the compressed bytes
 * depend on the text alone (and, for gzip, on whether the processor can do CRC32 in one instruction, as all of the last
 * fifteen years can). */
#pragma once
#include "../base/buffer.h"
#include "compression.h"

G_BEGIN_DECLS

typedef struct PlEncoder PlEncoder;

/** pl_encoder_new: Returns: (transfer full) (nullable): %NULL for PL_COMPRESSION_NONE. */
PlEncoder *pl_encoder_new (PlCompression compression);
void pl_encoder_free (PlEncoder *encoder);
/** pl_encoder_write: compresses what makes whole pieces, appending to @out. */
void pl_encoder_write (PlEncoder *encoder, const void *data, gsize length, PlBuffer *out);
/** pl_encoder_finish: compresses the rest and ends the member or frame. Once. */
void pl_encoder_finish (PlEncoder *encoder, PlBuffer *out);

G_END_DECLS
