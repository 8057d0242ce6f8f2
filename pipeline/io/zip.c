/* The directory at the end of a zip archive (PKWARE's APPNOTE 6.3.10), with the 64 bit fields of large ones.
 *
 * Sizes and places are those of the directory, never those beside the members, which may be left out there. None is
 * believed before it is known to lie in the file, and no two members share bytes: so no small archive is an endless
 * text. What stands before an archive (a program that unpacks it) or behind it is gone past. */
#include "zip.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/error.h"
#include "origin-private.h"
#include "origin-state.h"
#include "temporary.h"

/* The fixed parts of the records. */
#define END_SIZE 22
#define LOCATOR_SIZE 20
#define END64_SIZE 56
#define ENTRY_SIZE 46
#define LOCAL_SIZE 30
#define COMMENT_MOST 65535

/* A directory of a gigabyte lists ten million members. */
#define DIRECTORY_MOST ((guint64) 1 << 30)

#define FLAG_ENCRYPTED 0x0001
#define FLAG_UTF8 0x0800
#define MADE_ON_UNIX 3
#define EXTRA_ZIP64 1

typedef struct
{
  const char *name;
  int fd;
  guint64 start, end; /* of the file's bytes */
  guint64 base;       /* what offsets in the archive count from */
  guint64 directory, directory_size, n_entries;
} Archive;

/* Where a member lies in the file. */
typedef struct
{
  guint64 start, end;
} Stretch;

static guint
get16 (const guint8 *at)
{
  return at[0] | (guint) at[1] << 8;
}

static guint32
get32 (const guint8 *at)
{
  return get16 (at) | (guint32) get16 (at + 2) << 16;
}

static guint64
get64 (const guint8 *at)
{
  return get32 (at) | (guint64) get32 (at + 4) << 32;
}

static void
clear_member (gpointer member)
{
  g_free (((PlZipMember *) member)->name);
}

PlZipMember *
pl_zip_member_ref (const PlZipMember *member)
{
  return g_atomic_rc_box_acquire ((PlZipMember *) (guintptr) member);
}

void
pl_zip_member_unref (PlZipMember *member)
{
  if (member != NULL)
    g_atomic_rc_box_release_full (member, clear_member);
}

static gboolean
fail (const Archive *archive, GError **error, const char *what)
{
  g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, "%s: %s", archive->name, what);
  return FALSE;
}

static gboolean
read_at (const Archive *archive, guint64 offset, void *data, gsize length, GError **error)
{
  gssize n = pl_pread_all (archive->fd, data, length, offset);
  if (n == (gssize) length)
    return TRUE;
  if (n < 0)
    g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_READ, "cannot read %s: %s", archive->name, g_strerror (errno));
  else
    fail (archive, error, "the zip archive is damaged: it ends early");
  return FALSE;
}

/* The 64 bit form of the record at @end, if there is one, stands before it, behind a record that says where.
 * @at: (out): where it begins; 0: there is none. */
static gboolean
find_end64 (const Archive *archive, guint64 end, guint64 *at, GError **error)
{
  guint8 locator[LOCATOR_SIZE], magic[4];
  *at = 0;
  if (end < archive->start + LOCATOR_SIZE + END64_SIZE)
    return TRUE;
  if (!read_at (archive, end - LOCATOR_SIZE, locator, sizeof locator, error))
    return FALSE;
  if (memcmp (locator, "PK\x06\x07", 4) != 0)
    return TRUE;
  /* Where it is told to be, or, when something stands before the archive, right before what tells. */
  const guint64 told = get64 (locator + 8), last = end - LOCATOR_SIZE - END64_SIZE;
  const guint64 places[] = {archive->start + MIN (told, last), last};
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      if (places[i] > last || !read_at (archive, places[i], magic, sizeof magic, error))
        continue;
      *at = places[i];
      if (memcmp (magic, "PK\x06\x06", 4) == 0)
        return TRUE;
    }
  g_clear_error (error);
  return fail (archive, error, "the zip archive is damaged: its 64 bit directory is missing");
}

/* Where the directory is, from the record at @end, whose bytes are @record. */
static gboolean
take_end (Archive *archive, guint64 end, const guint8 *record, GError **error)
{
  guint8 record64[END64_SIZE];
  guint64 at64, offset = get32 (record + 16);
  gboolean is_part = get16 (record + 4) != get16 (record + 6) || get16 (record + 8) != get16 (record + 10);
  archive->n_entries = get16 (record + 10);
  archive->directory_size = get32 (record + 12);
  if (!find_end64 (archive, end, &at64, error))
    return FALSE;
  if (at64 > 0)
    {
      if (!read_at (archive, at64, record64, sizeof record64, error))
        return FALSE;
      is_part = get32 (record64 + 16) != get32 (record64 + 20) || get64 (record64 + 24) != get64 (record64 + 32);
      archive->n_entries = get64 (record64 + 32);
      archive->directory_size = get64 (record64 + 40);
      offset = get64 (record64 + 48);
      end = at64;
    }
  if (is_part)
    return fail (archive, error, "this is one part of a zip archive of several; put them together first");
  const guint64 room = end - archive->start;
  if (archive->directory_size > room || offset > room - archive->directory_size)
    return fail (archive, error, "the zip archive is damaged: its directory is not where it is said to be");
  if (archive->directory_size > DIRECTORY_MOST)
    return fail (archive, error, "the directory of the zip archive is longer than 1 GiB");
  archive->directory = end - archive->directory_size;
  archive->base = archive->directory - offset;
  return TRUE;
}

/* Whether a directory begins where the record at its end says. */
static gboolean
has_directory (const Archive *archive)
{
  guint8 magic[4];
  return archive->directory_size >= ENTRY_SIZE && read_at (archive, archive->directory, magic, sizeof magic, NULL)
         && memcmp (magic, "PK\x01\x02", 4) == 0;
}

static gboolean
is_marked (const Archive *archive)
{
  guint8 magic[2];
  return archive->end - archive->start >= sizeof magic && read_at (archive, archive->start, magic, sizeof magic, NULL)
         && memcmp (magic, "PK", 2) == 0;
}

/* The last record that says where the directory is, and ends with the file; or else one with other bytes behind it. */
static gboolean
find_directory (Archive *archive, GError **error)
{
  gsize length = (gsize) MIN (archive->end - archive->start, END_SIZE + COMMENT_MOST);
  g_autofree guint8 *tail = g_malloc (MAX (length, 1));
  const guint64 at = archive->end - length;
  const gsize places = length >= END_SIZE ? length - END_SIZE + 1 : 0;
  if (length > 0 && !read_at (archive, at, tail, length, error))
    return FALSE;
  for (gsize p = places; p-- > 0;)
    if (memcmp (tail + p, "PK\x05\x06", 4) == 0 && p + END_SIZE + get16 (tail + p + 20) == length)
      return take_end (archive, at + p, tail + p, error);
  for (gsize p = places; p-- > 0;)
    if (memcmp (tail + p, "PK\x05\x06", 4) == 0 && p + END_SIZE + get16 (tail + p + 20) < length
        && take_end (archive, at + p, tail + p, NULL) && has_directory (archive))
      return TRUE;
  return fail (archive, error,
               is_marked (archive) ? "the zip archive is damaged or cut short: its directory is missing"
                                   : "this is no zip archive; set compression = auto, which finds out what it is");
}

/* Fills what an entry has no room for, from its extra fields. */
static gboolean
read_zip64 (PlZipMember *member, const guint8 *extra, gsize length)
{
  guint64 *const fields[] = {&member->size, &member->packed, &member->start};
  while (length >= 4)
    {
      gsize n = get16 (extra + 2);
      if (n > length - 4)
        return FALSE;
      gsize next = 4;
      for (guint i = 0; i < G_N_ELEMENTS (fields) && get16 (extra) == EXTRA_ZIP64; i++)
        if (*fields[i] == G_MAXUINT32)
          {
            if (next + 8 > 4 + n)
              return FALSE;
            *fields[i] = get64 (extra + next);
            next += 8;
          }
      if (get16 (extra) == EXTRA_ZIP64)
        return TRUE;
      extra += 4 + n;
      length -= 4 + n;
    }
  return TRUE;
}

/* Names are UTF-8, or of the first PCs. Returns: (transfer full) (nullable) */
static char *
decode_name (const guint8 *name, gsize length, guint flags)
{
  if (memchr (name, '\0', length) != NULL)
    return NULL;
  if (g_utf8_validate ((const char *) name, (gssize) length, NULL))
    return g_strndup ((const char *) name, length);
  return flags & FLAG_UTF8 ? NULL
                           : g_convert ((const char *) name, (gssize) length, "UTF-8", "CP437", NULL, NULL, NULL);
}

/* Whether @entry is of a file that somebody put there. */
static gboolean
is_file (const guint8 *entry, const char *name)
{
  const char *slash = strrchr (name, '/'), *last = slash != NULL ? slash + 1 : name;
  const guint mode = get16 (entry + 40); /* the upper half of what its system keeps of a file */
  gboolean is_other = entry[5] == MADE_ON_UNIX && (mode & S_IFMT) != 0 && !S_ISREG (mode);
  return *last != '\0' && !is_other && !g_str_has_prefix (name, "__MACOSX/") && strcmp (last, ".DS_Store") != 0;
}

/* The entry at the front of @entries. Returns: its length; 0: it is damaged. */
static gsize
read_entry (const Archive *archive, const guint8 *entries, gsize length, GPtrArray *members, GArray *stretches)
{
  if (length < ENTRY_SIZE || memcmp (entries, "PK\x01\x02", 4) != 0)
    return 0;
  const gsize n_name = get16 (entries + 28), n_extra = get16 (entries + 30);
  const gsize whole = ENTRY_SIZE + n_name + n_extra + get16 (entries + 32);
  if (whole > length)
    return 0;
  g_autoptr (PlZipMember) member = g_atomic_rc_box_new0 (PlZipMember);
  member->name = decode_name (entries + ENTRY_SIZE, n_name, get16 (entries + 8));
  member->is_encrypted = (get16 (entries + 8) & FLAG_ENCRYPTED) != 0;
  member->method = get16 (entries + 10);
  member->crc = get32 (entries + 16);
  member->packed = get32 (entries + 20);
  member->size = get32 (entries + 24);
  member->start = get32 (entries + 42);
  member->limit = archive->directory;
  if (member->name == NULL || !read_zip64 (member, entries + ENTRY_SIZE + n_name, n_extra))
    return 0;
  const guint64 room = archive->directory - archive->base;
  if (member->start > room || room - member->start < LOCAL_SIZE || member->packed > room - member->start - LOCAL_SIZE)
    return 0;
  member->start += archive->base;
  const Stretch stretch = {member->start, member->start + LOCAL_SIZE + member->packed};
  g_array_append_val (stretches, stretch);
  if (is_file (entries, member->name))
    g_ptr_array_add (members, g_steal_pointer (&member));
  return whole;
}

static gint
compare_stretches (gconstpointer a, gconstpointer b)
{
  const Stretch *x = a, *y = b;
  return x->start < y->start ? -1 : x->start > y->start;
}

/* What two archives in one, or a bomb, would have. */
static gboolean
check_members (const Archive *archive, const GPtrArray *members, GArray *stretches, GError **error)
{
  g_array_sort (stretches, compare_stretches);
  for (guint i = 1; i < stretches->len; i++)
    if (g_array_index (stretches, Stretch, i - 1).end > g_array_index (stretches, Stretch, i).start)
      return fail (archive, error, "the zip archive is damaged: two of its members share bytes");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < members->len; i++)
    {
      const PlZipMember *member = g_ptr_array_index (members, i);
      if (g_hash_table_add (names, member->name))
        continue;
      g_set_error (error, PL_DATA_ERROR, PL_DATA_ERROR_CORRUPT, "%s: two members of the zip archive are named %s",
                   archive->name, member->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_entries (const Archive *archive, GPtrArray *members, GError **error)
{
  gsize left = (gsize) archive->directory_size;
  guint64 n = 0;
  g_autofree guint8 *entries = g_malloc (MAX (left, 1));
  g_autoptr (GArray) stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  if (!read_at (archive, archive->directory, entries, left, error))
    return FALSE;
  for (const guint8 *next = entries; left > 0; n++)
    {
      gsize length = read_entry (archive, next, left, members, stretches);
      if (length == 0)
        return fail (archive, error, "the zip archive is damaged: an entry of its directory cannot be read");
      next += length;
      left -= length;
    }
  if (n != archive->n_entries)
    return fail (archive, error, "the zip archive is damaged: its directory has not as many entries as it says");
  return check_members (archive, members, stretches, error);
}

gboolean
pl_zip_is (PlOrigin *origin, const char *name)
{
  guint8 head[4] = {0};
  if (origin->spool != NULL || origin->state.size < origin->start + sizeof head)
    return FALSE;
  Archive archive = {.name = name, .start = origin->start, .end = origin->state.size};
  archive.fd = pl_origin_borrow (origin, name, NULL);
  if (archive.fd < 0)
    return FALSE;
  gboolean is = read_at (&archive, archive.start, head, sizeof head, NULL)
                && (memcmp (head, "PK\x03\x04", 4) == 0 || memcmp (head, "PK\x05\x06", 4) == 0);
  /* One that unpacks itself begins as a program does. */
  gsize length = strlen (name);
  if (!is && length > 4 && g_ascii_strcasecmp (name + length - 4, ".zip") == 0)
    is = find_directory (&archive, NULL) && has_directory (&archive);
  pl_origin_give_back (origin, archive.fd);
  return is;
}

GPtrArray *
pl_zip_list (PlOrigin *origin, const char *name, GError **error)
{
  /* Members are read anywhere, so the whole of a file that somebody writes to is kept in mind. */
  if (!pl_origin_cover (origin, name, origin->state.size, error))
    return NULL;
  Archive archive = {.name = name, .start = origin->start, .end = origin->state.size};
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_zip_member_unref);
  archive.fd = pl_origin_borrow (origin, name, error);
  if (archive.fd < 0)
    return NULL;
  gboolean ok = find_directory (&archive, error) && read_entries (&archive, members, error);
  pl_origin_give_back (origin, archive.fd);
  return ok ? g_steal_pointer (&members) : NULL;
}
