/* Threads with a stack for handlers: see thread.h. */
#include "thread.h"

#include <signal.h>
#include <sys/mman.h>

/* What the kernel saves there is at most some 11 KiB (AMX), and handlers use little more than a kilobyte. */
#define STACK_SIZE ((gsize) 64 << 10)

typedef struct
{
  GThreadFunc function;
  gpointer data;
} Body;

/* Returns: (nullable): the stack. */
static void *
take_stack (void)
{
  void *memory = mmap (NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  stack_t stack = {.ss_sp = memory, .ss_size = STACK_SIZE}, now;
  if (memory == MAP_FAILED)
    return NULL;
  /* A sanitizer has one already. */
  if (sigaltstack (NULL, &now) == 0 && (now.ss_flags & SS_DISABLE) != 0 && sigaltstack (&stack, NULL) == 0)
    return memory;
  munmap (memory, STACK_SIZE);
  return NULL;
}

static gpointer
run_body (gpointer data)
{
  Body body = *(Body *) data;
  g_free (data);
  void *memory = take_stack ();
  gpointer result = body.function (body.data);
  if (memory != NULL)
    {
      const stack_t none = {.ss_flags = SS_DISABLE};
      sigaltstack (&none, NULL);
      munmap (memory, STACK_SIZE);
    }
  return result;
}

GThread *
pl_thread_new (const char *name, GThreadFunc function, gpointer data)
{
  Body *body = g_new (Body, 1);
  *body = (Body){function, data};
  return g_thread_new (name, run_body, body);
}

void
pl_thread_alternate_stack (void)
{
  take_stack ();
}
