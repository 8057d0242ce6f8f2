/* See part.h. */
#include "part.h"

#include <xxhash.h>
#include "../base/build.h"

#define VERSION 1
#define ORDER 0x01020304u                                  /* reads otherwise where bytes go the other way */
#define MAGIC_HEAD G_GUINT64_CONSTANT (0x0a0d545241504c50) /* "PLPART\r\n" */
#define MAGIC_SECTION 0x54434553u                          /* "SECT" */
#define MAGIC_END G_GUINT64_CONSTANT (0x0a0d444e45504c50)  /* "PLPEND\r\n" */

typedef struct
{
  guint64 magic;
  guint32 version, order;
  guint64 build, of;
} Head;

typedef struct
{
  guint32 magic, codec;
  guint64 length, stored;
  guint64 seal, header_seal; /* of the bytes, and of what is before it here */
} SectionHeader;

typedef struct
{
  guint64 magic, n_sections, seal;
} End;

G_STATIC_ASSERT (sizeof (SectionHeader) == PL_PART_HEADER);

static SectionHeader
header_of (const PlPartSection *section, const guint8 *bytes)
{
  SectionHeader header = {MAGIC_SECTION,
                          (guint32) section->codec,
                          section->length,
                          section->stored,
                          XXH3_64bits (bytes, section->stored),
                          0};
  header.header_seal = XXH3_64bits (&header, G_STRUCT_OFFSET (SectionHeader, header_seal));
  return header;
}

void
pl_part_seal_section (const PlPartSection *section, guint8 *bytes)
{
  const SectionHeader header = header_of (section, bytes);
  memcpy (bytes - sizeof header, &header, sizeof header);
}

gboolean
pl_part_check_section (const guint8 *data, gsize length, PlPartSection *section)
{
  SectionHeader header;
  if (length < sizeof header)
    return FALSE;
  memcpy (&header, data, sizeof header);
  *section = (PlPartSection){header.codec, header.length, header.stored};
  if (header.stored != length - sizeof header || header.codec > PL_PART_ZSTD)
    return FALSE;
  const SectionHeader right = header_of (section, data + sizeof header);
  return memcmp (&header, &right, sizeof header) == 0;
}

/* ---- a whole part ---- */

static guint64
extend_seal (guint64 seal, const SectionHeader *header)
{
  return XXH3_64bits_withSeed (header, sizeof *header, seal);
}

void
pl_part_begin (PlPartWriter *writer, PlBuffer *buffer, guint64 of)
{
  const Head head = {MAGIC_HEAD, VERSION, ORDER, pl_build_hash (), of};
  *writer = (PlPartWriter){.buffer = buffer};
  pl_buffer_append (buffer, &head, sizeof head);
}

void
pl_part_begin_section (PlPartWriter *writer)
{
  pl_buffer_reserve (writer->buffer, PL_PART_HEADER);
  writer->buffer->length += PL_PART_HEADER;
  writer->start = writer->buffer->length;
}

void
pl_part_end_section (PlPartWriter *writer)
{
  const guint64 length = writer->buffer->length - writer->start;
  const PlPartSection section = {PL_PART_PLAIN, length, length};
  guint8 *bytes = (guint8 *) writer->buffer->data + writer->start;
  SectionHeader header;
  pl_part_seal_section (&section, bytes);
  memcpy (&header, bytes - sizeof header, sizeof header);
  writer->seal = extend_seal (writer->seal, &header);
  writer->n_sections++;
}

void
pl_part_end (PlPartWriter *writer)
{
  const End end = {MAGIC_END, writer->n_sections, writer->seal};
  pl_buffer_append (writer->buffer, &end, sizeof end);
}

static gboolean
refuse (PlCursor *cursor)
{
  cursor->failed = TRUE;
  return FALSE;
}

gboolean
pl_part_open (PlPartReader *reader, PlCursor *cursor, guint64 of)
{
  const Head right = {MAGIC_HEAD, VERSION, ORDER, pl_build_hash (), of};
  const void *head = pl_cursor_get_raw (cursor, sizeof (Head));
  *reader = (PlPartReader){.cursor = cursor};
  return head != NULL && memcmp (head, &right, sizeof right) == 0 ? TRUE : refuse (cursor);
}

gboolean
pl_part_next (PlPartReader *reader, PlCursor *section)
{
  PlCursor *cursor = reader->cursor;
  const guint8 *data = cursor->data + cursor->offset;
  SectionHeader header;
  PlPartSection read;
  if (cursor->failed || cursor->length - cursor->offset < sizeof header)
    return refuse (cursor);
  memcpy (&header, data, sizeof header);
  if (header.stored > cursor->length - cursor->offset - sizeof header
      || !pl_part_check_section (data, sizeof header + header.stored, &read) || read.codec != PL_PART_PLAIN)
    return refuse (cursor);
  *section = (PlCursor){data + sizeof header, read.length, 0, FALSE};
  cursor->offset += sizeof header + read.stored;
  reader->seal = extend_seal (reader->seal, &header);
  reader->n_sections++;
  return TRUE;
}

gboolean
pl_part_close (PlPartReader *reader)
{
  const End right = {MAGIC_END, reader->n_sections, reader->seal};
  const void *end = pl_cursor_get_raw (reader->cursor, sizeof (End));
  return end != NULL && memcmp (end, &right, sizeof right) == 0 ? TRUE : refuse (reader->cursor);
}
