/* What output.c (adding, writing) and publish.c (making it appear) know together. */
#pragma once
#include <sys/stat.h>
#include "encoder.h"
#include "output.h"

G_BEGIN_DECLS

typedef enum
{
  PL_TARGET_FILE,   /* a regular file, or none yet: a temporary beside it takes its place */
  PL_TARGET_DEVICE, /* exists and is no regular file: written into when published */
  PL_TARGET_STDOUT, /* written when published */
} PlTargetKind;

struct PlOutput
{
  PlOutputSet *set; /* (unowned) */
  PlTargetKind kind;
  PlOutputMode mode;
  PlCompression compression;
  char *name;      /* as given: for messages */
  char *path;      /* (nullable): the target, symbolic links followed */
  char *folder;    /* (nullable): of the target; from realpath() */
  char *temporary; /* (nullable): its path, while it exists */
  int fd;          /* of the temporary; -1: none, all bytes are in `pending` */
  gboolean existed;
  struct stat before; /* of the target when it was added, if it existed */
  gboolean is_new;
  PlEncoder *encoder; /* (nullable) */
  PlBuffer pending;   /* encoded bytes not yet in the temporary */
  guint64 bytes;      /* all encoded bytes, `pending` included, and in append mode what was there before */
  gboolean published;
};

struct PlOutputSet
{
  GPtrArray *outputs; /* of PlOutput *, in the order added */
};

/** pl_output_flush: moves `pending` into the temporary. */
gboolean pl_output_flush (PlOutput *output, GError **error);
/** pl_output_remove_temporary: harmless when there is none. */
void pl_output_remove_temporary (PlOutput *output);

G_END_DECLS
