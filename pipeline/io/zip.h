/* The files in a zip archive, as its directory lists them. */
#pragma once
#include "origin.h"

G_BEGIN_DECLS

/* One of them. Const, and shared by all who read it. */
typedef struct
{
  char *name; /* UTF-8, with its folders */
  guint method;
  gboolean is_encrypted;
  guint32 crc;          /* of the text */
  guint64 packed, size; /* bytes of it in the archive, and of the text */
  guint64 start;        /* where its own header begins in the file */
  guint64 limit;        /* where the directory begins: everything of it stands before that */
} PlZipMember;

PlZipMember *pl_zip_member_ref (const PlZipMember *member);
void pl_zip_member_unref (PlZipMember *member);

/** pl_zip_is: whether @origin is a regular file that begins as a zip archive does, or is named .zip and ends as one.
 * @name: its path, which messages call it. What cannot be read is none; who reads on will meet that. */
gboolean pl_zip_is (PlOrigin *origin, const char *name);
/** pl_zip_list: @origin: a regular file.
 * Returns: (transfer full) (element-type PlZipMember) (nullable): its files in the order of the directory, without
 * folders, links, and what systems leave in archives (__MACOSX/, .DS_Store). PL_DATA_ERROR_CORRUPT: it is no archive,
 * or a damaged one: a part is missing, two members share bytes, or have one name. */
GPtrArray *pl_zip_list (PlOrigin *origin, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlZipMember, pl_zip_member_unref)

G_END_DECLS
