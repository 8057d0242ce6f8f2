/* One child process of an exec stage: started from an argument list, spoken to through three pipes, and never outliving us. */
#pragma once
#include "../../pipeline/base/buffer.h"
#include "../../pipeline/base/cleanup.h"

G_BEGIN_DECLS

/* How children are started; const and shared. */
typedef struct
{
  char *name;         /* "exec score": for messages */
  char **argv;        /* the program first; no shell reads it */
  char **environment; /* all of it */
  char *folder;       /* where it is started */
} PlChildCommand;

void pl_child_command_clear (PlChildCommand *command);
/** pl_child_command_find: Returns: whether there is such a program, in the command's PATH or, with a slash in its name, seen from its folder. */
gboolean pl_child_command_find (const PlChildCommand *command);

typedef struct
{
  GPid pid;            /* 0: collected */
  PlCleanup *note;     /* of its process group, until then */
  int in, out, err;    /* our ends, not blocking; -1: closed */
  gboolean has_header; /* the header of its answers has been read */
  gboolean is_old;     /* has answered a block already */
  PlBuffer words;      /* the end of what it wrote to stderr since pl_child_take_words() */
} PlChild;

/** pl_child_start: the child dies with the calling thread. Returns: (transfer full) (nullable): %NULL with a clause of why: "No such file …". */
PlChild *pl_child_start (const PlChildCommand *command, char **why);
/** pl_child_listen: takes what stands in its stderr, and keeps the end. */
void pl_child_listen (PlChild *child);
/** pl_child_take_words: Returns: (transfer full): what it wrote to stderr, "" for nothing; forgotten from now on. */
char *pl_child_take_words (PlChild *child);
/** pl_child_last_line: Returns: (transfer full) (nullable): the last line of @words that is not blank, fit to stand in a message. */
char *pl_child_last_line (const char *words);
/** pl_child_close: one of its pipes, by the address of its descriptor. */
void pl_child_close (int *fd);
typedef enum
{
  PL_CHILD_WELL,   /* exit code 0, or it was we who killed it */
  PL_CHILD_FAILED, /* another exit code */
  PL_CHILD_KILLED,
} PlChildEnd;

/** pl_child_collect: waits until it has ended, at most @patience microseconds, then kills it and all of its process group.
 * Returns: (transfer full) (nullable): what became of it: "ended with exit code 1", "was killed by signal 11"; %NULL when we killed it. */
char *pl_child_collect (PlChild *child, gint64 patience, PlChildEnd *how);
/** pl_child_free: @child: (nullable): kills it, if it is still there. */
void pl_child_free (PlChild *child);

G_END_DECLS
