/* Makes one call of the C library go wrong: preloaded into the program by tests/faults/interposed.py.
 *
 *   FAULT_CALLS   read write open rename fsync mmap start malloc other, joined by '+'; or all
 *   FAULT_AT      which of these calls, counted from 1 over all processes of a run
 *   FAULT_HOW     fail: it fails, with the error such a call gives when a machine gives up; kill: the process is gone
 *                 before it; short: it moves one byte; interrupted: a signal came first; quota:
 *                 FAULT_AT bytes can be written to files, and then no more (EDQUOT); old: a file system without
 *                 O_TMPFILE, locks, and all flags of renameat2(); bit: what that read gives of a file without a name
 *                 has another bit in it
 *   FAULT_STATE   a file of 16 zero bytes: the counter, and whether it happened
 *   FAULT_MAIN    (optional) only calls of this program's own processes count that are no workers
 *
 * Counting begins with main(): what the loader and the libraries do before is not ours to survive. */
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum
{
  READ = 1,
  WRITE = 2,
  OPEN = 4,
  RENAME = 8,
  FSYNC = 16,
  MMAP = 32,
  START = 64,
  MALLOC = 128,
  OTHER = 256,
};

static const struct
{
  const char *name;
  unsigned call;
} classes[] = {
    {"read", READ}, {"write", WRITE}, {"open", OPEN},     {"rename", RENAME}, {"fsync", FSYNC},
    {"mmap", MMAP}, {"start", START}, {"malloc", MALLOC}, {"other", OTHER},
};

typedef enum
{
  NOTHING,
  FAIL,
  SHORT
} Verdict;

static struct
{
  uint64_t count, happened;
} * state;
static unsigned wanted;
static uint64_t at;
static char how;
static volatile int active;

static int (*real_mkostemps64) (char *, int, int);
static FILE *(*real_fopen64) (const char *, const char *);
static int (*real_mkostemp64) (char *, int);
static DIR *(*real_opendir) (const char *);
static DIR *(*real_fdopendir) (int);
static int (*real_posix_spawn) (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                                char *const[], char *const[]);
static int (*real_posix_spawnp) (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                                 char *const[], char *const[]);
static int (*real_pthread_create) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
static pid_t (*real_fork) (void);

/* Found before anything can go wrong. */
static void
find_real_functions (void)
{
#define FIND(name) real_##name = (__typeof__ (real_##name)) dlsym (RTLD_NEXT, #name)
  FIND (mkostemps64);
  FIND (mkostemp64);
  FIND (fopen64);
  FIND (opendir);
  FIND (fdopendir);
  FIND (posix_spawn);
  FIND (posix_spawnp);
  FIND (pthread_create);
  FIND (fork);
#undef FIND
}

/* The moment of truth for one call of @class. */
static Verdict
judge (unsigned class)
{
  if (!active || how == 'q' || how == 'o' || how == 'b' || !(wanted & class))
    return NOTHING;
  if (__atomic_add_fetch (&state->count, 1, __ATOMIC_RELAXED) != at)
    return NOTHING;
  __atomic_store_n (&state->happened, 1, __ATOMIC_RELAXED);
  if (how == 'k')
    {
      syscall (SYS_kill, syscall (SYS_getpid), SIGKILL);
      for (;;)
        ;
    }
  if (how == 'i')
    {
      if (!(class & (READ | WRITE | OTHER)))
        return NOTHING;
      errno = EINTR;
      return FAIL;
    }
  if (how == 's')
    return SHORT;
  errno = class == READ                     ? EIO
          : class == WRITE || class == OPEN ? ENOSPC
          : class == START                  ? EAGAIN
          : class & (MMAP | MALLOC)         ? ENOMEM
                                            : EIO;
  return FAIL;
}

/* Whether @length more bytes for a file are too many. */
static int
is_over_quota (int fd, size_t length)
{
  struct stat info;
  if (!active || how != 'q' || syscall (SYS_fstat, fd, &info) != 0 || !S_ISREG (info.st_mode))
    return 0;
  /* A file of memory. */
  if (syscall (SYS_fcntl, fd, F_GET_SEALS) == 0)
    return 0;
  if (__atomic_add_fetch (&state->count, length, __ATOMIC_RELAXED) <= at)
    return 0;
  __atomic_store_n (&state->happened, 1, __ATOMIC_RELAXED);
  errno = EDQUOT;
  return 1;
}

/* FAULT_HOW = old: file systems that know nothing new, each time. */
static int
is_too_new (int error)
{
  if (!active || how != 'o')
    return 0;
  __atomic_store_n (&state->happened, 1, __ATOMIC_RELAXED);
  errno = error;
  return 1;
}

static void
prepare (int argc, char **argv)
{
  const char *calls = getenv ("FAULT_CALLS"), *path = getenv ("FAULT_STATE"), *number = getenv ("FAULT_AT");
  find_real_functions ();
  if (calls == NULL || path == NULL || number == NULL)
    return;
  if (getenv ("FAULT_MAIN") != NULL && argc > 1 && strcmp (argv[1], "worker") == 0)
    return;
  int fd = (int) syscall (SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return;
  void *memory = (void *) syscall (SYS_mmap, NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall (SYS_close, fd);
  if (memory == MAP_FAILED)
    return;
  state = memory;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (strcmp (calls, "all") == 0 || strstr (calls, classes[i].name) != NULL)
      wanted |= classes[i].call;
  at = strtoull (number, NULL, 10);
  how = getenv ("FAULT_HOW") != NULL ? getenv ("FAULT_HOW")[0] : 'f';
  active = 1;
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

/* Reading and writing, as bare system calls. */

#define MOVE(type, name, class, number, length_of_one, parameters, ...)                                                \
  type name parameters                                                                                                 \
  {                                                                                                                    \
    Verdict verdict = judge (class);                                                                                   \
    if (verdict == FAIL)                                                                                               \
      return -1;                                                                                                       \
    if (verdict == SHORT && length > 1)                                                                                \
      length = length_of_one;                                                                                          \
    return syscall (number, __VA_ARGS__);                                                                              \
  }

MOVE (ssize_t, read, READ, SYS_read, 1, (int fd, void *data, size_t length), fd, data, length)

/* A disk that gives back something else. */
static void
flip (int fd, unsigned char *data, ssize_t n)
{
  struct stat info;
  if (!active || how != 'b' || n <= 0 || syscall (SYS_fstat, fd, &info) != 0 || !S_ISREG (info.st_mode)
      || info.st_nlink > 0 || syscall (SYS_fcntl, fd, F_GET_SEALS) != -1)
    return;
  if (__atomic_add_fetch (&state->count, 1, __ATOMIC_RELAXED) != at)
    return;
  data[at * 7919 % (size_t) n] ^= (unsigned char) (1 << at % 8);
  __atomic_store_n (&state->happened, 1, __ATOMIC_RELAXED);
}

#define READ_AT(name, offset_type)                                                                                     \
  ssize_t name (int fd, void *data, size_t length, offset_type offset)                                                 \
  {                                                                                                                    \
    Verdict verdict = judge (READ);                                                                                    \
    if (verdict == FAIL)                                                                                               \
      return -1;                                                                                                       \
    if (verdict == SHORT && length > 1)                                                                                \
      length = 1;                                                                                                      \
    ssize_t n = syscall (SYS_pread64, fd, data, length, offset);                                                       \
    flip (fd, data, n);                                                                                                \
    return n;                                                                                                          \
  }

READ_AT (pread, off_t)
READ_AT (pread64, off64_t)

#define WRITE_TO(name, number, parameters, ...)                                                                        \
  ssize_t name parameters                                                                                              \
  {                                                                                                                    \
    Verdict verdict = judge (WRITE);                                                                                   \
    if (verdict == FAIL || is_over_quota (fd, length))                                                                 \
      return -1;                                                                                                       \
    if (verdict == SHORT && length > 1)                                                                                \
      length = 1;                                                                                                      \
    return syscall (number, __VA_ARGS__);                                                                              \
  }

WRITE_TO (write, SYS_write, (int fd, const void *data, size_t length), fd, data, length)
WRITE_TO (pwrite, SYS_pwrite64, (int fd, const void *data, size_t length, off_t offset), fd, data, length, offset)
WRITE_TO (pwrite64, SYS_pwrite64, (int fd, const void *data, size_t length, off64_t offset), fd, data, length, offset)
MOVE (ssize_t, copy_file_range, WRITE, SYS_copy_file_range, 1,
      (int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags), from, from_offset,
      to, to_offset, length, flags)

MOVE (ssize_t, recv, READ, SYS_recvfrom, 1, (int fd, void *data, size_t length, int flags), fd, data, length, flags,
      NULL, NULL)
MOVE (ssize_t, send, WRITE, SYS_sendto, 1, (int fd, const void *data, size_t length, int flags), fd, data, length,
      flags, NULL, 0)

#define CALL(type, name, class, failure, number, parameters, ...)                                                      \
  type name parameters                                                                                                 \
  {                                                                                                                    \
    if (judge (class) == FAIL)                                                                                         \
      return failure;                                                                                                  \
    return (type) syscall (number, __VA_ARGS__);                                                                       \
  }

CALL (ssize_t, recvmsg, READ, -1, SYS_recvmsg, (int fd, struct msghdr *message, int flags), fd, message, flags)
CALL (ssize_t, sendmsg, WRITE, -1, SYS_sendmsg, (int fd, const struct msghdr *message, int flags), fd, message, flags)
CALL (int, rename, RENAME, -1, SYS_renameat2, (const char *from, const char *to), AT_FDCWD, from, AT_FDCWD, to, 0)

int
renameat2 (int a, const char *from, int b, const char *to, unsigned flags)
{
  if (judge (RENAME) == FAIL || (flags != 0 && is_too_new (EINVAL)))
    return -1;
  return (int) syscall (SYS_renameat2, a, from, b, to, flags);
}

CALL (int, renameat, RENAME, -1, SYS_renameat2, (int a, const char *from, int b, const char *to), a, from, b, to, 0)
CALL (int, linkat, RENAME, -1, SYS_linkat, (int a, const char *from, int b, const char *to, int flags), a, from, b, to,
      flags)
CALL (int, mkdirat, OPEN, -1, SYS_mkdirat, (int folder, const char *path, mode_t mode), folder, path, mode)
CALL (int, link, RENAME, -1, SYS_linkat, (const char *from, const char *to), AT_FDCWD, from, AT_FDCWD, to, 0)
CALL (int, fsync, FSYNC, -1, SYS_fsync, (int fd), fd)
CALL (int, fdatasync, FSYNC, -1, SYS_fdatasync, (int fd), fd)
CALL (int, ftruncate, OTHER, -1, SYS_ftruncate, (int fd, off_t length), fd, length)
CALL (int, ftruncate64, OTHER, -1, SYS_ftruncate, (int fd, off64_t length), fd, length)

int
flock (int fd, int operation)
{
  return judge (OTHER) == FAIL || is_too_new (ENOLCK) ? -1 : (int) syscall (SYS_flock, fd, operation);
}

CALL (int, fchmod, OTHER, -1, SYS_fchmod, (int fd, mode_t mode), fd, mode)
CALL (int, unlink, OTHER, -1, SYS_unlinkat, (const char *path), AT_FDCWD, path, 0)
CALL (int, unlinkat, OTHER, -1, SYS_unlinkat, (int folder, const char *path, int flags), folder, path, flags)
CALL (ssize_t, readlinkat, OTHER, -1, SYS_readlinkat, (int folder, const char *path, char *text, size_t length), folder,
      path, text, length)
CALL (ssize_t, listxattr, OTHER, -1, SYS_listxattr, (const char *path, char *names, size_t length), path, names, length)
CALL (int, socketpair, OTHER, -1, SYS_socketpair, (int domain, int type, int protocol, int ends[2]), domain, type,
      protocol, ends)
CALL (off_t, lseek, OTHER, -1, SYS_lseek, (int fd, off_t offset, int whence), fd, offset, whence)
CALL (off64_t, lseek64, OTHER, -1, SYS_lseek, (int fd, off64_t offset, int whence), fd, offset, whence)

CALL (int, fstat64, OTHER, -1, SYS_newfstatat, (int fd, struct stat64 *info), fd, "", info, AT_EMPTY_PATH)
CALL (int, fstatat64, OTHER, -1, SYS_newfstatat, (int folder, const char *path, struct stat64 *info, int flags), folder,
      path, info, flags)
CALL (int, stat64, OTHER, -1, SYS_newfstatat, (const char *path, struct stat64 *info), AT_FDCWD, path, info, 0)
CALL (int, lstat64, OTHER, -1, SYS_newfstatat, (const char *path, struct stat64 *info), AT_FDCWD, path, info,
      AT_SYMLINK_NOFOLLOW)

void *
mremap (void *address, size_t length, size_t wanted_length, int flags, ...)
{
  void *place = NULL;
  if ((flags & MREMAP_FIXED) != 0)
    {
      va_list arguments;
      va_start (arguments, flags);
      place = va_arg (arguments, void *);
      va_end (arguments);
    }
  if (judge (MMAP) == FAIL)
    return MAP_FAILED;
  return (void *) syscall (SYS_mremap, address, length, wanted_length, flags, place);
}

void *
mmap (void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
  if (judge (MMAP) == FAIL)
    return MAP_FAILED;
  return (void *) syscall (SYS_mmap, address, length, protection, flags, fd, offset);
}

void *
mmap64 (void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
  return mmap (address, length, protection, flags, fd, offset);
}

int
memfd_create (const char *name, unsigned flags)
{
  return judge (OPEN) == FAIL ? -1 : (int) syscall (SYS_memfd_create, name, flags);
}

/* Opening. */

static int
open_at (int folder, const char *path, int flags, mode_t mode)
{
  if (judge (OPEN) == FAIL || ((flags & __O_TMPFILE) == __O_TMPFILE && is_too_new (EOPNOTSUPP)))
    return -1;
  return (int) syscall (SYS_openat, folder, path, flags, mode);
}

#define WITH_MODE(last)                                                                                                \
  mode_t mode = 0;                                                                                                     \
  va_list arguments;                                                                                                   \
  va_start (arguments, last);                                                                                          \
  if ((flags & (O_CREAT | __O_TMPFILE)) != 0)                                                                          \
    mode = va_arg (arguments, mode_t);                                                                                 \
  va_end (arguments)

int
open (const char *path, int flags, ...)
{
  WITH_MODE (flags);
  return open_at (AT_FDCWD, path, flags, mode);
}

int
open64 (const char *path, int flags, ...)
{
  WITH_MODE (flags);
  return open_at (AT_FDCWD, path, flags, mode);
}

int
openat (int folder, const char *path, int flags, ...)
{
  WITH_MODE (flags);
  return open_at (folder, path, flags, mode);
}

int
openat64 (int folder, const char *path, int flags, ...)
{
  WITH_MODE (flags);
  return open_at (folder, path, flags, mode);
}

int
mkostemps64 (char *path, int length, int flags)
{
  return judge (OPEN) == FAIL ? -1 : real_mkostemps64 (path, length, flags);
}

int
mkostemps (char *path, int length, int flags)
{
  return mkostemps64 (path, length, flags);
}

int
mkostemp64 (char *path, int flags)
{
  return judge (OPEN) == FAIL ? -1 : real_mkostemp64 (path, flags);
}

int
mkostemp (char *path, int flags)
{
  return mkostemp64 (path, flags);
}

FILE *
fopen64 (const char *path, const char *mode)
{
  return judge (OPEN) == FAIL ? NULL : real_fopen64 (path, mode);
}

FILE *
fopen (const char *path, const char *mode)
{
  return fopen64 (path, mode);
}

DIR *
fdopendir (int fd)
{
  return judge (OPEN) == FAIL ? NULL : real_fdopendir (fd);
}

DIR *
opendir (const char *path)
{
  return judge (OPEN) == FAIL ? NULL : real_opendir (path);
}

/* Starting processes and threads. */

int
posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
  return judge (START) == FAIL ? EAGAIN : real_posix_spawn (pid, path, actions, attributes, argv, environment);
}

int
posix_spawnp (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
  return judge (START) == FAIL ? EAGAIN : real_posix_spawnp (pid, path, actions, attributes, argv, environment);
}

int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *), void *data)
{
  return judge (START) == FAIL ? EAGAIN : real_pthread_create (thread, attributes, function, data);
}

pid_t
fork (void)
{
  return judge (START) == FAIL ? -1 : real_fork ();
}

/* Memory. The C library's own names for it need no look-up, which would need memory. */
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);
void *__libc_memalign (size_t alignment, size_t size);

void *
malloc (size_t size)
{
  return judge (MALLOC) == FAIL ? NULL : __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  return judge (MALLOC) == FAIL ? NULL : __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  return judge (MALLOC) == FAIL ? NULL : __libc_realloc (memory, size);
}

void *
memalign (size_t alignment, size_t size)
{
  return judge (MALLOC) == FAIL ? NULL : __libc_memalign (alignment, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return memalign (alignment, size);
}

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  void *got = memalign (alignment, size);
  if (got != NULL)
    *memory = got;
  return got != NULL ? 0 : ENOMEM;
}
