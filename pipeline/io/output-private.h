/* What output.c (adding, writing), publish.c and publish-place.c (making it appear) know together. */
#pragma once
#include <sys/stat.h>
#include "encoder.h"
#include "output.h"
#include "temporary.h"

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
  char *name;            /* as given: for messages */
  char *path;            /* (nullable): the target, symbolic links followed */
  char *folder;          /* (nullable): of the target; from realpath() */
  PlTemporary temporary; /* without a path where bytes are held back */
  gboolean existed;
  struct stat before; /* of the target when it was added, if it existed */
  gboolean exists;    /* the same just before publishing */
  struct stat now;
  gboolean swapped; /* the temporary's name is that of the old target: see publish-place.c */
  gboolean is_new;
  PlEncoder *encoder; /* (nullable) */
  PlBuffer pending;   /* encoded bytes not yet in the temporary */
  guint64 bytes;      /* all encoded bytes, `pending` included, and in append mode what was there before */
  gsize unsynced;     /* bytes written since the system was last asked to bring them to the disk */
  gboolean published;
};

struct PlOutputSet
{
  GPtrArray *outputs; /* of PlOutput *, in the order added */
};

/** pl_output_is_device: whether @path must be written into, not replaced. */
gboolean pl_output_is_device (const char *path);
/** pl_output_follow_links: Returns: (transfer full): the file @path stands for when symbolic links are followed, also where the last one
 * leads to nothing yet; %NULL with PL_IO_ERROR_CREATE for links that somebody else may have put there. */
char *pl_output_follow_links (const char *path, GError **error);
/** pl_output_flush: moves `pending` into the temporary. */
gboolean pl_output_flush (PlOutput *output, GError **error);
/** pl_output_place_all: moves all temporaries of @set to their targets, or none. */
gboolean pl_output_place_all (PlOutputSet *set, GError **error);

G_END_DECLS
