/* What output.c (adding, writing), append.c, attributes.c, publish.c and publish-place.c (making it appear) know
 * together. */
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
  PlTarget target;       /* of the target, unless it is stdout; `target.fd` only of a device */
  char *path;            /* (nullable): the target's absolute path: for messages and journals */
  PlTemporary temporary; /* without a name where bytes are withheld */
  int lock;              /* the target, locked; -1: none */
  int folder_lock;       /* append mode, where there is no target yet: its folder, locked; -1: none */
  gboolean is_private;
  gboolean is_begun; /* append mode: locked, and what was there is copied */
  gboolean existed;
  struct stat before; /* of the target when it was added (append mode: locked), if it existed */
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
  GPtrArray *made;    /* of PlMadeFolder * */
  gboolean waits;
  const gint *cancelled; /* (nullable) (unowned) */
};

/** pl_output_flush: moves `pending` into the temporary. */
gboolean pl_output_flush (PlOutput *output, GError **error);
/** pl_output_check_owner: whether what stands at the target's place, @info, is no other user's in a public folder: a
 * new file would take over its owner and access list. PL_IO_ERROR_CREATE */
gboolean pl_output_check_owner (const PlOutput *output, const struct stat *info, GError **error);

G_END_DECLS
