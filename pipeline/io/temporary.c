/* Nameless temporary files, and reads and writes that finish what they began. */
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "../base/error.h"

/* A single read or write is kept far below the kernel's limit of 2 GiB. */
#define MAX_TRANSFER ((gsize) 1 << 30)

static int
open_with_name (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, ".pipeline-XXXXXX", NULL);
  int fd = mkostemp (path, O_CLOEXEC);

  if (fd >= 0)
    unlink (path);
  return fd;
}

int
pl_temporary_open (GError **error)
{
  const char *folder = g_get_tmp_dir ();
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

  /* Not every file system has nameless files (EOPNOTSUPP; old ones say EISDIR or EINVAL). */
  if (fd < 0)
    fd = open_with_name (folder);
  if (fd < 0)
    {
      int code = errno;
      g_set_error (error, PL_IO_ERROR, PL_IO_ERROR_CREATE,
                   "cannot create a temporary file in %s: %s; set TMPDIR to another folder", folder, g_strerror (code));
    }
  return fd;
}

int
pl_write_all (int fd, const void *data, gsize length, gint64 offset)
{
  const char *next = data;

  while (length > 0)
    {
      gsize want = MIN (length, MAX_TRANSFER);
      gssize n = offset < 0 ? write (fd, next, want) : pwrite (fd, next, want, offset);

      if (n < 0)
        {
          if (errno == EINTR)
            continue;
          return errno;
        }
      /* POSIX leaves a zero return open; going round for ever would be worse than an error. */
      if (n == 0)
        return EIO;
      next += n;
      length -= (gsize) n;
      if (offset >= 0)
        offset += n;
    }
  return 0;
}

gssize
pl_pread_all (int fd, void *data, gsize length, guint64 offset)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pread (fd, (char *) data + done, MIN (length - done, MAX_TRANSFER), (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      done += (gsize) n;
    }
  return (gssize) done;
}
