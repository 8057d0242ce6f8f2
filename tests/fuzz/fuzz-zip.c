/* Any bytes as a zip archive, in two ways told by the first byte:
 *
 *   as they are   the text of a member must not depend on how much is asked for at a time, and where it is said to be
 *                 whole it has the size and the checksum, by zlib, of the directory
 *   as text       packed here, stored and deflated, then cut or with one byte changed: an error, or texts that are the
 *                 very same, never others
 *
 *   byte 0  how      bytes 1, 2  where it is cut or changed
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "../../pipeline/io/decoder.h"
#include "../../pipeline/io/origin-private.h"

#define CONTROL 3
/* Bombs are cut here. */
#define MOST ((gsize) 1 << 20)
#define MEMBERS_MOST 8u

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  gsize length;
  gboolean good, whole; /* the end was come to; without a failure */
} Result;

static Result
read_member (PlOrigin *origin, const PlZipMember *member, gsize ask, char *room)
{
  Result result = {0};
  g_autoptr (GError) error = NULL;
  PlDecoder *decoder = pl_decoder_member_new (origin, origin->fd, member, "fuzz", &error);
  g_assert_true ((decoder == NULL) == (error != NULL));
  result.whole = decoder == NULL;
  while (!result.whole && result.length < MOST)
    {
      gsize n = MIN (ask, MOST - result.length);
      gssize got = pl_decoder_read (decoder, room + result.length, n, &error);
      g_assert_cmpint (got, <=, (gssize) n);
      g_assert_true ((got < 0) == (error != NULL));
      result.whole = got <= 0;
      result.good = got == 0;
      result.length += (gsize) MAX (got, 0);
    }
  pl_decoder_free (decoder);
  return result;
}

/* @expected: (nullable): the one text that members may have. */
static void
check_archive (PlOrigin *origin, gsize ask, const guint8 *expected, gsize expected_length)
{
  static char rooms[2][MOST];
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) members = pl_zip_list (origin, "fuzz", &error);
  g_assert_true ((members == NULL) == (error != NULL));
  for (guint i = 0; members != NULL && i < MIN (members->len, MEMBERS_MOST); i++)
    {
      const PlZipMember *member = g_ptr_array_index (members, i);
      g_assert_true (g_utf8_validate (member->name, -1, NULL) && *member->name != '\0');
      Result result = read_member (origin, member, MOST, rooms[0]);
      Result again = read_member (origin, member, ask, rooms[1]);
      g_assert_true (again.good == result.good && again.whole == result.whole);
      g_assert_true (memcmp (rooms[0], rooms[1], MIN (again.length, result.length)) == 0);
      if (!result.good)
        continue;
      g_assert_true (again.length == result.length && result.length == member->size);
      g_assert_true (crc32 (0, (const Bytef *) rooms[0], (uInt) result.length) == member->crc);
      g_assert_true (expected == NULL
                     || (result.length == expected_length && memcmp (rooms[0], expected, expected_length) == 0));
    }
}

static void
put (GByteArray *bytes, guint64 value, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      const guint8 byte = i < 8 ? (guint8) (value >> 8 * i) : 0;
      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
put_text (GByteArray *bytes, const char *text)
{
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

/* What a member's header and its entry have in common. */
static void
put_fields (GByteArray *bytes, guint method, const guint8 *text, gsize length, gsize packed)
{
  put (bytes, 20, 2);
  put (bytes, 0, 2);
  put (bytes, method, 2);
  put (bytes, 0, 4);
  put (bytes, crc32 (0, text, (uInt) length), 4);
  put (bytes, packed, 4);
  put (bytes, length, 4);
  put (bytes, 5, 2);
  put (bytes, 0, 2);
}

static gsize
deflate_text (const guint8 *text, gsize length, guint8 *room, gsize space)
{
  static z_stream stream;
  if (stream.state == NULL)
    g_assert_cmpint (deflateInit2 (&stream, 1, Z_DEFLATED, -9, 1, Z_DEFAULT_STRATEGY), ==, Z_OK);
  deflateReset (&stream);
  stream.next_in = (guint8 *) text, stream.avail_in = (uInt) length;
  stream.next_out = room, stream.avail_out = (uInt) space;
  g_assert_cmpint (deflate (&stream, Z_FINISH), ==, Z_STREAM_END);
  return space - stream.avail_out;
}

/* The text twice, stored and deflated. Returns: (transfer full) */
static GByteArray *
pack (const guint8 *text, gsize length)
{
  static guint8 room[1 << 16];
  static const char *const names[] = {"a.csv", "b.csv"};
  static const guint methods[] = {0, 8};
  GByteArray *bytes = g_byte_array_new (), *directory = g_byte_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize packed = methods[i] == 0 ? length : deflate_text (text, length, room, sizeof room);
      put_text (directory, "PK\x01\x02");
      put (directory, 20, 2);
      put_fields (directory, methods[i], text, length, packed);
      put (directory, 0, 10);
      put (directory, bytes->len, 4);
      put_text (directory, names[i]);
      put_text (bytes, "PK\x03\x04");
      put_fields (bytes, methods[i], text, length, packed);
      put_text (bytes, names[i]);
      g_byte_array_append (bytes, methods[i] == 0 ? text : room, (guint) packed);
    }
  const guint start = bytes->len;
  g_byte_array_append (bytes, directory->data, directory->len);
  put_text (bytes, "PK\x05\x06");
  put (bytes, 0, 4);
  put (bytes, 2, 2);
  put (bytes, 2, 2);
  put (bytes, directory->len, 4);
  put (bytes, start, 4);
  put (bytes, 0, 2);
  g_byte_array_unref (directory);
  return bytes;
}

/* @bytes become the file that @origin is of. */
static void
write_file (PlOrigin *origin, const guint8 *bytes, gsize length)
{
  g_assert_cmpint (ftruncate (origin->fd, 0), ==, 0);
  g_assert_cmpint (pwrite (origin->fd, bytes, length, 0), ==, (gssize) length);
  origin->state.size = length;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PlOrigin origin = {.path = (char *) "fuzz", .fd = -1};
  if (size < CONTROL || size > 1 << 14)
    return 0;
  if (origin.fd < 0)
    origin.fd = memfd_create ("fuzz", MFD_CLOEXEC);
  const guint where = data[1] | (guint) data[2] << 8;
  const guint8 *text = data + CONTROL;
  const gsize length = size - CONTROL;
  if (data[0] % 2 == 0)
    {
      write_file (&origin, text, length);
      check_archive (&origin, 1 + where % 64, NULL, 0);
      return 0;
    }
  g_autoptr (GByteArray) bytes = pack (text, length);
  write_file (&origin, bytes->data, bytes->len);
  check_archive (&origin, MOST, text, length);
  const gsize at = where % bytes->len;
  if (data[0] & 2)
    g_byte_array_set_size (bytes, (guint) at);
  else
    bytes->data[at] ^= (guint8) MAX (1, data[0] >> 2);
  write_file (&origin, bytes->data, bytes->len);
  check_archive (&origin, 1 + where % 64, text, length);
  return 0;
}
