/* Writes down what a run does to files and folders, and cuts it off: preloaded into the program by
 * tests/faults/power-cuts.py, which works out what a disk would hold after a power cut.
 *
 *   POWER_LOG     a file: a line for each call that changed something or brought something to the disk
 *   POWER_STASH   a folder on the same file system: every file that is created gets a second name in it, its inode's
 *                 number, so that it can be brought back
 *   POWER_AT      the process is gone before this call, counted from 1; 0: never
 *   POWER_DEAF    (optional) file or folder: fsync() of these does nothing, as if the program had forgotten it
 *
 * Lines: C folder name file (created), M folder name folder (made), R folder from folder to flags, L folder from folder
 * to, U folder name, D folder name, W file (written), A file (mode, owner, attributes), F file (synced), S folder
 * (synced); files and folders are their inodes. Only `pipeline run` is watched. */
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int log_fd = -1, stash = -1;
static unsigned long at, count;
static const char *deaf;

static void
prepare (int argc, char **argv)
{
  const char *path = getenv ("POWER_LOG"), *folder = getenv ("POWER_STASH"), *number = getenv ("POWER_AT");
  if (path == NULL || folder == NULL || number == NULL || argc < 2 || strcmp (argv[1], "run") != 0)
    return;
  at = strtoul (number, NULL, 10);
  deaf = getenv ("POWER_DEAF");
  stash = (int) syscall (SYS_openat, AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  log_fd = (int) syscall (SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

int
__libc_start_main (int (*program) (int, char **, char **), int argc, char **argv, void (*init) (void),
                   void (*fini) (void), void (*loader_fini) (void), void *stack_end)
{
  int (*real) (int (*) (int, char **, char **), int, char **, void (*) (void), void (*) (void), void (*) (void), void *)
      = (__typeof__ (real)) dlsym (RTLD_NEXT, "__libc_start_main");
  prepare (argc, argv);
  return real (program, argc, argv, init, fini, loader_fini, stack_end);
}

/* The moment before a call that counts. */
static void
tick (void)
{
  if (log_fd < 0 || __atomic_add_fetch (&count, 1, __ATOMIC_RELAXED) != at)
    return;
  syscall (SYS_kill, syscall (SYS_getpid), SIGKILL);
  for (;;)
    ;
}

__attribute__ ((format (printf, 1, 2))) static void
note (const char *format, ...)
{
  char line[2048];
  va_list arguments;
  if (log_fd < 0)
    return;
  va_start (arguments, format);
  int length = vsnprintf (line, sizeof line, format, arguments);
  va_end (arguments);
  syscall (SYS_write, log_fd, line, length);
}

static unsigned long
inode (int fd, const char *name, mode_t *mode)
{
  struct stat info;
  memset (&info, 0, sizeof info);
  syscall (SYS_newfstatat, fd, name, &info, name[0] == '\0' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW);
  *mode = info.st_mode;
  return info.st_ino;
}

static unsigned long
folder_of (int fd)
{
  mode_t mode;
  return inode (fd, fd == AT_FDCWD ? "." : "", &mode);
}

static int
is_file (int fd, unsigned long *file)
{
  mode_t mode;
  *file = log_fd >= 0 && fd != log_fd ? inode (fd, "", &mode) : 0;
  return log_fd >= 0 && fd != log_fd && S_ISREG (mode);
}

static int
open_at (int folder, const char *path, int flags, mode_t mode)
{
  if ((flags & O_CREAT) == 0 || log_fd < 0 || strchr (path, '/') != NULL)
    return (int) syscall (SYS_openat, folder, path, flags, mode);
  tick ();
  int fd = (int) syscall (SYS_openat, folder, path, flags, mode);
  if (fd < 0)
    return fd;
  char from[64], to[32];
  mode_t kind;
  unsigned long file = inode (fd, "", &kind);
  snprintf (from, sizeof from, "/proc/self/fd/%d", fd);
  snprintf (to, sizeof to, "%lu", file);
  syscall (SYS_linkat, AT_FDCWD, from, stash, to, AT_SYMLINK_FOLLOW);
  note ("C %lu %s %lu\n", folder_of (folder), path, file);
  return fd;
}

#define OPEN(name, before, folder)                                                                                     \
  int name before                                                                                                      \
  {                                                                                                                    \
    mode_t mode = 0;                                                                                                   \
    va_list arguments;                                                                                                 \
    va_start (arguments, flags);                                                                                       \
    if ((flags & (O_CREAT | __O_TMPFILE)) != 0)                                                                        \
      mode = va_arg (arguments, mode_t);                                                                               \
    va_end (arguments);                                                                                                \
    return open_at (folder, path, flags, mode);                                                                        \
  }
OPEN (open, (const char *path, int flags, ...), AT_FDCWD)
OPEN (open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN (openat, (int folder, const char *path, int flags, ...), folder)
OPEN (openat64, (int folder, const char *path, int flags, ...), folder)

int
mkdirat (int folder, const char *path, mode_t mode)
{
  mode_t kind;
  tick ();
  int code = (int) syscall (SYS_mkdirat, folder, path, mode);
  if (code == 0)
    note ("M %lu %s %lu\n", folder_of (folder), path, inode (folder, path, &kind));
  return code;
}

int
renameat2 (int a, const char *from, int b, const char *to, unsigned flags)
{
  tick ();
  int code = (int) syscall (SYS_renameat2, a, from, b, to, flags);
  if (code == 0)
    note ("R %lu %s %lu %s %u\n", folder_of (a), from, folder_of (b), to, flags);
  return code;
}

int
renameat (int a, const char *from, int b, const char *to)
{
  return renameat2 (a, from, b, to, 0);
}

int
linkat (int a, const char *from, int b, const char *to, int flags)
{
  tick ();
  int code = (int) syscall (SYS_linkat, a, from, b, to, flags);
  if (code == 0)
    note ("L %lu %s %lu %s\n", folder_of (a), from, folder_of (b), to);
  return code;
}

int
unlinkat (int folder, const char *path, int flags)
{
  tick ();
  int code = (int) syscall (SYS_unlinkat, folder, path, flags);
  if (code == 0)
    note ("%c %lu %s\n", (flags & AT_REMOVEDIR) != 0 ? 'D' : 'U', folder_of (folder), path);
  return code;
}

/* The second name does not count. */
int
fstat64 (int fd, struct stat64 *info)
{
  char name[32];
  int code = (int) syscall (SYS_newfstatat, fd, "", info, AT_EMPTY_PATH);
  if (code == 0 && stash >= 0 && S_ISREG (info->st_mode))
    {
      struct stat64 second;
      snprintf (name, sizeof name, "%lu", (unsigned long) info->st_ino);
      if (syscall (SYS_newfstatat, stash, name, &second, 0) == 0)
        info->st_nlink--;
    }
  return code;
}

static int
sync_one (int fd, int number)
{
  mode_t mode;
  tick ();
  unsigned long file = log_fd >= 0 ? inode (fd, "", &mode) : 0;
  if (log_fd >= 0 && deaf != NULL && strcmp (deaf, S_ISDIR (mode) ? "folder" : "file") == 0)
    return 0;
  int code = (int) syscall (number, fd);
  if (code == 0 && log_fd >= 0)
    note ("%c %lu\n", S_ISDIR (mode) ? 'S' : 'F', file);
  return code;
}

int
fsync (int fd)
{
  return sync_one (fd, SYS_fsync);
}

int
fdatasync (int fd)
{
  return sync_one (fd, SYS_fdatasync);
}

#define CHANGE(type, name, letter, target, number, parameters, ...)                                                    \
  type name parameters                                                                                                 \
  {                                                                                                                    \
    unsigned long file;                                                                                                \
    int watched = is_file (target, &file);                                                                             \
    if (watched)                                                                                                       \
      tick ();                                                                                                         \
    type result = (type) syscall (number, __VA_ARGS__);                                                                \
    if (watched && result >= 0)                                                                                        \
      note (letter " %lu\n", file);                                                                                    \
    return result;                                                                                                     \
  }
CHANGE (ssize_t, write, "W", fd, SYS_write, (int fd, const void *data, size_t length), fd, data, length)
CHANGE (ssize_t, pwrite, "W", fd, SYS_pwrite64, (int fd, const void *data, size_t length, off_t offset), fd, data,
        length, offset)
CHANGE (ssize_t, pwrite64, "W", fd, SYS_pwrite64, (int fd, const void *data, size_t length, off64_t offset), fd, data,
        length, offset)
CHANGE (ssize_t, copy_file_range, "W", to, SYS_copy_file_range,
        (int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags), from, from_offset,
        to, to_offset, length, flags)
CHANGE (int, ftruncate, "W", fd, SYS_ftruncate, (int fd, off_t length), fd, length)
CHANGE (int, ftruncate64, "W", fd, SYS_ftruncate, (int fd, off64_t length), fd, length)
CHANGE (int, fchmod, "A", fd, SYS_fchmod, (int fd, mode_t mode), fd, mode)
CHANGE (int, fchown, "A", fd, SYS_fchown, (int fd, uid_t owner, gid_t group), fd, owner, group)
CHANGE (int, fsetxattr, "A", fd, SYS_fsetxattr, (int fd, const char *name, const void *value, size_t length, int flags),
        fd, name, value, length, flags)
