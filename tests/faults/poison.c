/* Makes rows deadly: preloaded into the program by tests/faults/workers.py. The C library's exp() does it, for the arguments in POISON_VALUES (joined
 * by ';'), so that exp(v) in a job dies of the rows whose v is one of them. What they do is in POISON_DEED: abort, exit, hang or grow. */
#include <spawn.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double (*real_exp) (double);

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
exp (double x)
{
  if (real_exp == NULL)
    *(void **) &real_exp = dlsym (RTLD_NEXT, "exp");
  for (const char *p = getenv ("POISON_VALUES"); p != NULL && *p != 0; p = strchr (p, ';') != NULL ? strchr (p, ';') + 1 : NULL)
    if (strtod (p, NULL) == x)
      do_it ();
  return real_exp (x);
}

/* WORKER_PROGRAM is started as a worker in the place of /proc/self/exe, which is valgrind where valgrind runs the program. */
int
posix_spawn (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
             char *const argv[], char *const environment[])
{
  int (*real) (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
               char *const[])
      = NULL;
  const char *program = getenv ("WORKER_PROGRAM");
  *(void **) &real = dlsym (RTLD_NEXT, "posix_spawn");
  return real (pid, program != NULL && strcmp (path, "/proc/self/exe") == 0 ? program : path, actions, attributes, argv,
               environment);
}
