/* What the files that make and read origins know together. Private to io/. */
#pragma once
#include <sys/stat.h>
/* For the size of a state, which is kept of every file. */
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#include "decoder.h"
#include "origin.h"

G_BEGIN_DECLS

struct PlOrigin
{
  gatomicrefcount ref_count;
  char *path;     /* "-": stdin; "": a program */
  PlSpool *spool; /* (nullable): what is no file, or a file that has no size */
  /* Of a file: */
  PlFileState state;
  guint64 start;    /* where its bytes begin: of stdin, where the shell left it */
  int fd;           /* kept; -1: opened anew by whoever reads */
  gboolean is_kept; /* counts as one of the descriptors that may be kept */
  gboolean is_live; /* the bytes must be compared, too */
  guint64 covered;  /* where what `seen` is of ends; it begins at `start` */
  XXH64_state_t seen;
};

/** pl_file_state: @info of a regular file as a state. */
PlFileState pl_file_state (const struct stat *info);
/** pl_origin_look: waits until @fd's state is one that a later change is sure to change. Sets state and is_live.
 * Returns: 0 or an errno. */
int pl_origin_look (PlOrigin *origin, int fd);
/** pl_origin_begin: nothing has been read yet; it is going to be from `start` on. */
void pl_origin_begin (PlOrigin *origin);

G_END_DECLS
