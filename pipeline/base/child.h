/* One child process that runs a program of the user's: started from an argument list, spoken to through pipes, and
 * never outliving us.
 *
 * Shared by the exec stage, which asks and hears, and by sources of a command, which only hear. */
#pragma once
#include "buffer.h"
#include "cleanup.h"

G_BEGIN_DECLS

/* How children are started; const and shared. */
typedef struct
{
  char *name;         /* "exec score": for messages */
  char *shown;        /* "'python3 score.py' of [exec score]": likewise */
  char **argv;        /* the program first; no shell reads it */
  char **environment; /* all of it */
  char *folder;       /* where it is started */
} PlChildCommand;

typedef struct
{
  GPid pid;            /* 0: collected */
  PlCleanup *note;     /* of its process group, until then */
  int in, out, err;    /* our ends, not blocking; -1: closed */
  gboolean has_header; /* the header of its answers has been read */
  gboolean is_old;     /* has answered a block already */
  guint64 resident;    /* the most bytes it had in memory, as far as is known */
  PlBuffer words;      /* the end of what it wrote to stderr since pl_child_take_words() */
} PlChild;

/* What children are started by: the kernel takes the thread that started a process for its parent (PR_SET_PDEATHSIG),
 * so it must be one that lasts as long as they do. */
typedef struct PlChildKeeper PlChildKeeper;

PlChildKeeper *pl_child_keeper_new (void);
/** pl_child_keeper_free: @keeper: (nullable): its children must have been freed; what is left of them dies. */
void pl_child_keeper_free (PlChildKeeper *keeper);
/** pl_child_keeper_start: any thread. @is_asked: whether it gets a pipe for its stdin; else that is /dev/null.
 * Returns: (transfer full) (nullable): %NULL with a clause of why: "No such file …". */
PlChild *pl_child_keeper_start (PlChildKeeper *keeper, const PlChildCommand *command, gboolean is_asked, char **why);

/** pl_child_listen: takes what stands in its stderr, and keeps the end. */
void pl_child_listen (PlChild *child);
/** pl_child_take_words: Returns: (transfer full): the lines it wrote to stderr, each as shown (base/show.h), "" for
 * nothing; forgotten from now on. */
char *pl_child_take_words (PlChild *child);
/** pl_child_pass_on: the same as notices, "exec score: line". @n_lines: how many of @command's have been passed on; up
 * to a hundred are. */
void pl_child_pass_on (PlChild *child, const PlChildCommand *command, guint *n_lines);
/** pl_child_last_line: Returns: (transfer full) (nullable): the last line of @words that is not blank, fit to stand in
 * a message. */
char *pl_child_last_line (const char *words);
/** pl_child_close: one of its pipes, by the address of its descriptor. */
void pl_child_close (int *fd);
/** pl_child_look: takes note of how much memory it has; worth a call where it is about to end. It may have been
 * collected. */
void pl_child_look (PlChild *child);
typedef enum
{
  PL_CHILD_WELL,   /* exit code 0, or it was we who killed it */
  PL_CHILD_FAILED, /* another exit code */
  PL_CHILD_KILLED,
} PlChildEnd;

/** pl_child_has_failed: Returns: whether it has ended, and not with exit code 0; it is not collected yet. */
gboolean pl_child_has_failed (const PlChild *child);
/** pl_child_collect: waits until it has ended, at most @patience microseconds (negative: as long as it takes), then
 * kills it and all of its process group.
 * Returns: (transfer full) (nullable): what became of it: "ended with exit code 1", "was killed by signal 11"; %NULL
 * when we killed it. */
char *pl_child_collect (PlChild *child, gint64 patience, PlChildEnd *how);
/** pl_child_memory: Returns: the most bytes that were resident of each program this process has started, added up: of
 * those that still run, up to now; of others, when they were collected or last asked for. What they started themselves
 * is not in it. Any thread. */
guint64 pl_child_memory (void);
/** pl_child_free: @child: (nullable): kills it, if it is still there. */
void pl_child_free (PlChild *child);

G_END_DECLS
