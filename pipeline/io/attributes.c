/* What a file has beside its bytes: owner, mode, extended attributes, and access lists, which are among these.
 *
 * A new file takes the place of an old one, and nobody who set these on the old one expects to lose them. What the
 * file's user or administrator has set (user.*, access lists) stays, or the run fails before anything has changed.
 * Labels that belong to the system (security.*, trusted.*) are copied where that is allowed; where not, the new file
 * has the one that the system gave it, and it is said. Capabilities and signatures (IMA) are of the old bytes, and go
 * with them. */
#include "attributes.h"
#include "output-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "../base/error.h"
#include "../base/notice.h"

#define ACCESS_LIST "system.posix_acl_access"
#define LIST_FOR_NEW_FILES "system.posix_acl_default"
/* Linux allows no longer ones, neither lists of names nor values. */
#define LONGEST 65536

/* The umask, without changing it for a moment, which other threads would notice. */
static mode_t
current_umask (void)
{
  g_autofree char *status = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    {
      const char *line = strstr (status, "\nUmask:");
      if (line != NULL)
        return (mode_t) g_ascii_strtoull (line + strlen ("\nUmask:"), NULL, 8);
    }
  mode_t mask = umask (022);
  umask (mask);
  return mask;
}

static gboolean
belongs_to_the_bytes (const char *name)
{
  static const char *const names[] = {"security.capability", "security.ima", "security.evm", NULL};
  return g_strv_contains (names, name);
}

static gboolean
must_stay (const char *name)
{
  return g_str_has_prefix (name, "user.") || g_str_has_prefix (name, "system.");
}

static gboolean
fail_attribute (const PlOutput *output, const char *name, int code, GError **error)
{
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
               "cannot keep the attribute %s of %s: %s; remove it (setfattr -x, setfacl -b), or write to another file",
               name, output->name, g_strerror (code));
  return FALSE;
}

/* Copies @name of the file at @from. */
static gboolean
copy_attribute (const PlOutput *output, const char *from, const char *name, GError **error)
{
  int to = output->temporary.fd;
  g_autofree char *value = g_malloc (LONGEST), *has = g_malloc (LONGEST);
  gssize length = getxattr (from, name, value, LONGEST);
  int code = length < 0 ? errno : 0;

  /* Gone since it was listed. */
  if (code == ENODATA)
    return TRUE;
  if (code == 0 && fgetxattr (to, name, has, LONGEST) == length && memcmp (has, value, (gsize) length) == 0)
    return TRUE;
  if (code == 0 && fsetxattr (to, name, value, (gsize) length, 0) != 0)
    code = errno;
  if (code == 0)
    return TRUE;
  if (must_stay (name))
    return fail_attribute (output, name, code, error);
  pl_notice ("warning: the attribute %s of %s is lost: %s", name, output->name, g_strerror (code));
  return TRUE;
}

static gboolean
copy_attributes (const PlOutput *output, const char *from, GError **error)
{
  g_autofree char *names = g_malloc (LONGEST);
  gssize length = listxattr (from, names, LONGEST);
  gboolean has_list = FALSE;

  if (length < 0 && errno == ENOENT)
    pl_notice ("warning: the attributes of %s, if any, are lost: /proc is not there", output->name);
  /* A file system without any. */
  if (length < 0)
    return errno == ENOTSUP || errno == ENOSYS || errno == ENOENT || fail_attribute (output, "list", errno, error);
  for (const char *name = names; name < names + length; name += strlen (name) + 1)
    {
      has_list = has_list || strcmp (name, ACCESS_LIST) == 0;
      if (!belongs_to_the_bytes (name) && !copy_attribute (output, from, name, error))
        return FALSE;
    }
  /* One that the folder gives to new files is not the old file's. */
  if (!has_list && fremovexattr (output->temporary.fd, ACCESS_LIST) != 0)
    errno = 0;
  return TRUE;
}

/* Of the file that stands there now, which is no link. */
static gboolean
dress_as_before (const PlOutput *output, GError **error)
{
  int old = openat (output->target.folder->fd, output->target.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  g_autofree char *from = g_strdup_printf ("/proc/self/fd/%d", old);
  struct stat info;
  gboolean ok = TRUE;

  /* A new owner needs privileges: tried, and given up silently, as cp and editors do. */
  if ((output->before.st_uid != geteuid () || output->before.st_gid != getegid ())
      && fchown (output->temporary.fd, output->before.st_uid, output->before.st_gid) != 0)
    errno = 0;
  /* Gone meanwhile; or somebody put something there. */
  if (old >= 0)
    {
      ok = fstat (old, &info) != 0 || pl_output_check_owner (output, &info, error);
      ok = ok && copy_attributes (output, from, error);
      close (old);
    }
  return ok;
}

/* What the folder's access list for new files, which stands in place of the umask, leaves of a mode; where it has none,
 * the umask: acl(5). */
static mode_t
allowed_to_new (const PlOutput *output)
{
  g_autofree char *from = g_strdup_printf ("/proc/self/fd/%d", output->target.folder->fd);
  struct
  {
    struct posix_acl_xattr_header header;
    struct posix_acl_xattr_entry entries[LONGEST / sizeof (struct posix_acl_xattr_entry)];
  } *list = g_malloc (sizeof *list);
  gssize length = getxattr (from, LIST_FOR_NEW_FILES, list, sizeof *list);
  gsize n
      = length > (gssize) sizeof list->header ? ((gsize) length - sizeof list->header) / sizeof list->entries[0] : 0;
  mode_t owner = 0, group = 0, others = 0;
  gboolean has_mask = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      guint16 tag = GUINT16_FROM_LE (list->entries[i].e_tag), allowed = GUINT16_FROM_LE (list->entries[i].e_perm) & 7;
      if (tag == ACL_USER_OBJ)
        owner = allowed;
      else if (tag == ACL_OTHER)
        others = allowed;
      else if (tag == ACL_MASK || (tag == ACL_GROUP_OBJ && !has_mask))
        group = allowed;
      has_mask = has_mask || tag == ACL_MASK;
    }
  g_free (list);
  return n > 0 ? owner << 6 | group << 3 | others : 0777 & ~current_umask ();
}

gboolean
pl_output_dress (PlOutput *output, GError **error)
{
  mode_t mode = output->before.st_mode & 0777;

  if (output->existed && !dress_as_before (output, error))
    return FALSE;
  if (!output->existed)
    mode = (output->is_private ? 0600 : 0666) & allowed_to_new (output);
  if (fchmod (output->temporary.fd, mode) == 0)
    return TRUE;
  g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_WRITE, "cannot write %s: %s", output->name, g_strerror (errno));
  return FALSE;
}
