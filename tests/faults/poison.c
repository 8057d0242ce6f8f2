/* Makes rows deadly: preloaded into the program by tests/faults/workers.py. The C library's fmod() does it,
 * for the first arguments in POISON_VALUES (joined by ';'), so that a job that divides by % dies of these rows. What
 * they do is in POISON_DEED: abort, exit, hang or grow. SILENT_ONCE is a file that does not exist yet: the first worker
 * process that starts makes it and stops before it says a word. */
#include <spawn.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static double (*real_fmod) (double, double);

__attribute__ ((constructor)) static void
fall_silent (void)
{
  static char words[sizeof "pipeline\0worker"];
  const char *path = getenv ("SILENT_ONCE");
  int fd = path != NULL ? open ("/proc/self/cmdline", O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0)
    return;
  if (read (fd, words, sizeof words) == sizeof words && memcmp (words, "pipeline\0worker", sizeof words) == 0)
    {
      int made = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      if (made >= 0)
        raise (SIGSTOP);
    }
  close (fd);
}

static void
do_it (void)
{
  const char *deed = getenv ("POISON_DEED");
  if (deed == NULL || strcmp (deed, "abort") == 0)
    raise (SIGABRT);
  if (strcmp (deed, "exit") == 0)
    _exit (3);
  for (size_t held = 0;; held++)
    if (strcmp (deed, "grow") == 0 && held < 400)
      {
        void *memory = malloc (1 << 20);
        if (memory != NULL)
          memset (memory, 1, 1 << 20);
        usleep (1000);
      }
    else
      pause ();
}

double
fmod (double x, double y)
{
  if (real_fmod == NULL)
    *(void **) &real_fmod = dlsym (RTLD_NEXT, "fmod");
  for (const char *p = getenv ("POISON_VALUES"); p != NULL && *p != 0;
       p = strchr (p, ';') != NULL ? strchr (p, ';') + 1 : NULL)
    if (strtod (p, NULL) == x)
      do_it ();
  return real_fmod (x, y);
}

/* WORKER_PROGRAM is started as a worker in the place of /proc/self/exe, which is valgrind where valgrind runs the
 * program. */
int
posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
  int (*real) (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
               char *const[])
      = NULL;
  const char *program = getenv ("WORKER_PROGRAM");
  *(void **) &real = dlsym (RTLD_NEXT, "posix_spawn");
  return real (pid, program != NULL && strcmp (path, "/proc/self/exe") == 0 ? program : path, actions, attributes, argv,
               environment);
}

/* valgrind takes what mremap() adds to a mapping for memory that nobody has, and says in the same breath that it is
 * readable and writable. Without it, the program copies. */
void *
mremap (void *old, size_t old_bytes, size_t bytes, int flags, ...)
{
  void *(*real) (void *, size_t, size_t, int, void *) = NULL;
  *(void **) &real = dlsym (RTLD_NEXT, "mremap");
  va_list more;
  va_start (more, flags);
  void *fresh = (flags & MREMAP_FIXED) != 0 ? va_arg (more, void *) : NULL;
  va_end (more);
  if (getenv ("WORKER_PROGRAM") == NULL)
    return real (old, old_bytes, bytes, flags, fresh);
  errno = ENOMEM;
  return MAP_FAILED;
}
