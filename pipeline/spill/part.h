/* A part: what somebody has gathered, as bytes that say what they are. States go to disk as its sections, and from
 * worker processes to the main one as whole parts.
 *
 *   part     head | section | section | … | end
 *   head     magic, version, byte order, who wrote it, what it is of
 *   section  header: magic, codec, lengths, seal (XXH3 of all that follows it, and of the header) | bytes
 *   end      magic, number of sections, seal of theirs
 *
 * What is not whole, of another build, of another plan, or other than it was written is refused, and never half
 * believed. Numbers are as the machine has them: the head says how, and a part of another kind of machine is refused
 * like one of another build. */
#pragma once
#include "../base/buffer.h"

G_BEGIN_DECLS

typedef enum
{
  PL_PART_PLAIN,
  PL_PART_ZSTD, /* one frame */
} PlPartCodec;

/* ---- a section ---- */

/* Bytes of a section's header. */
#define PL_PART_HEADER ((gsize) 40)

typedef struct
{
  PlPartCodec codec;
  guint64 length; /* of its bytes */
  guint64 stored; /* of these as they are stored */
} PlPartSection;

/** pl_part_seal_section: writes the header of a section into the PL_PART_HEADER bytes before @bytes, which are what it
 * stores. */
void pl_part_seal_section (const PlPartSection *section, guint8 *bytes);
/** pl_part_check_section: @data: header and stored bytes, @length of them, no more and no less.
 * Returns: whether that is a section as it was written; then @section (out) is what its header says. */
gboolean pl_part_check_section (const guint8 *data, gsize length, PlPartSection *section);

/* ---- a whole part ---- */

/* Writes a part behind what is in a buffer. */
typedef struct
{
  PlBuffer *buffer;
  gsize start; /* of the section that is being written */
  guint64 n_sections;
  guint64 seal; /* of all sections so far */
} PlPartWriter;

/** pl_part_begin: @of: a hash of whatever must be the same where it is read: settings and types, say. */
void pl_part_begin (PlPartWriter *writer, PlBuffer *buffer, guint64 of);
/** pl_part_begin_section: whatever is appended to the buffer from now on is the section's. */
void pl_part_begin_section (PlPartWriter *writer);
void pl_part_end_section (PlPartWriter *writer);
void pl_part_end (PlPartWriter *writer);

typedef struct
{
  PlCursor *cursor;
  guint64 n_sections;
  guint64 seal;
} PlPartReader;

/** pl_part_open: @cursor: (unowned): where a part begins.
 * Returns: %FALSE, with @cursor->failed, when there is none of this build and of @of. */
gboolean pl_part_open (PlPartReader *reader, PlCursor *cursor, guint64 of);
/** pl_part_next: Returns: (in @section) the bytes of the next section, in place; %FALSE, with the cursor failed, when
 * there is no whole one. */
gboolean pl_part_next (PlPartReader *reader, PlCursor *section);
/** pl_part_close: Returns: %FALSE, with the cursor failed, when the part does not end here. */
gboolean pl_part_close (PlPartReader *reader);

G_END_DECLS
