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

G_END_DECLS
