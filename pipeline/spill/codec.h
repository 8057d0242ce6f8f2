/* How sections are stored: as they are, or compressed (zstd at its fastest ordinary level), whichever is faster on this
 * disk. That is measured while running: what compressing a byte takes, what writing one takes, and how much smaller it
 * becomes. Now and then a section is stored in the other way, so that the answer follows the disk: one that has taken
 * all it can hold in the system's cache is slow from then on. What is read back is the same. */
#pragma once
#include "part.h"

G_BEGIN_DECLS

typedef struct PlSpillCodec PlSpillCodec;

/** pl_spill_codec_new: of one writer. */
PlSpillCodec *pl_spill_codec_new (void);
/** pl_spill_codec_free: @codec: (nullable). */
void pl_spill_codec_free (PlSpillCodec *codec);
/** pl_spill_codec_store: makes a section of the @section->length bytes behind PL_PART_HEADER ones at @data, which are
 * for its header.
 * @section: (inout): how it is stored
 *
 * Returns: (transfer none): header and stored bytes, until the next call: @data, or the codec's own. */
const guint8 *pl_spill_codec_store (PlSpillCodec *codec, guint8 *data, PlPartSection *section);
/** pl_spill_codec_note: writing that section took @nanoseconds. */
void pl_spill_codec_note (PlSpillCodec *codec, const PlPartSection *section, gint64 nanoseconds);
/** pl_spill_codec_rest: between two runs, when nothing is written for a while: gives back what memory it has. */
void pl_spill_codec_rest (PlSpillCodec *codec);

/** pl_spill_unpack: Any thread. @out: of section->length bytes.
 * Returns: whether @stored is a compressed section of as many bytes. */
gboolean pl_spill_unpack (const PlPartSection *section, const guint8 *stored, guint8 *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSpillCodec, pl_spill_codec_free)

G_END_DECLS
