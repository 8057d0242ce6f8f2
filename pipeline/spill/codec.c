/* See codec.h. */
#include "codec.h"
#include "../base/clock.h"

#include <pthread.h>
#include <zstd.h>

#define LEVEL 1
#define SMALLEST ((guint64) 512) /* bytes: what is smaller is not worth it */
#define SAMPLE 32                /* a section in so many is stored in the other way */
#define WEIGHT 0.125             /* of what was measured last */
#define UNPACKING 0.3            /* what decompressing takes, by what compressing does: about so much for zstd */

struct PlSpillCodec
{
  ZSTD_CCtx *context; /* (nullable) */
  PlBuffer packed;
  guint64 n; /* sections that were large enough so far */
  /* Measured: nanoseconds to write a stored byte, to compress one, and by how much that makes it smaller; 0: not yet.
   */
  double writing, packing, share;
};

PlSpillCodec *
pl_spill_codec_new (void)
{
  return g_new0 (PlSpillCodec, 1);
}

void
pl_spill_codec_rest (PlSpillCodec *codec)
{
  ZSTD_freeCCtx (g_steal_pointer (&codec->context));
  pl_buffer_clear (&codec->packed);
}

void
pl_spill_codec_free (PlSpillCodec *codec)
{
  if (codec == NULL)
    return;
  pl_spill_codec_rest (codec);
  g_free (codec);
}

static void
learn (double *value, double seen)
{
  *value = *value == 0 ? seen : *value + (seen - *value) * WEIGHT;
}

/* What is written is read back, which takes about as long. */
static gboolean
packing_pays (const PlSpillCodec *codec)
{
  return codec->packing * (1 + UNPACKING) + 2 * codec->share * codec->writing < 2 * codec->writing;
}

/* The first section goes as it is, the second one compressed; then what is faster, but for the samples. */
static gboolean
chooses_to_pack (PlSpillCodec *codec)
{
  const guint64 i = codec->n++;
  if (i < 2)
    return i == 1;
  return packing_pays (codec) != (i % SAMPLE == 0);
}

/* Returns: whether it has become smaller. */
static gboolean
pack (PlSpillCodec *codec, const guint8 *bytes, PlPartSection *section)
{
  const gsize room = ZSTD_compressBound (section->length);
  const gint64 start = pl_clock_now ();
  if (codec->context == NULL && (codec->context = ZSTD_createCCtx ()) == NULL)
    return FALSE;
  codec->packed.length = 0;
  pl_buffer_reserve (&codec->packed, PL_PART_HEADER + room);
  const gsize n
      = ZSTD_compressCCtx (codec->context, codec->packed.data + PL_PART_HEADER, room, bytes, section->length, LEVEL);
  if (ZSTD_isError (n))
    return FALSE;
  learn (&codec->packing, (double) (pl_clock_now () - start) / (double) section->length);
  learn (&codec->share, (double) n / (double) section->length);
  if (n >= section->length)
    return FALSE;
  section->codec = PL_PART_ZSTD;
  section->stored = n;
  return TRUE;
}

const guint8 *
pl_spill_codec_store (PlSpillCodec *codec, guint8 *data, PlPartSection *section)
{
  guint8 *bytes = data + PL_PART_HEADER;
  section->codec = PL_PART_PLAIN;
  section->stored = section->length;
  if (section->length >= SMALLEST && chooses_to_pack (codec) && pack (codec, bytes, section))
    bytes = (guint8 *) codec->packed.data + PL_PART_HEADER;
  pl_part_seal_section (section, bytes);
  return bytes - PL_PART_HEADER;
}

void
pl_spill_codec_note (PlSpillCodec *codec, const PlPartSection *section, gint64 nanoseconds)
{
  if (section->length >= SMALLEST)
    learn (&codec->writing, (double) MAX (nanoseconds, 1) / (double) section->stored);
}

/* ---- and back ---- */

static void
free_context (void *context)
{
  ZSTD_freeDCtx (context);
}

static pthread_key_t context_key;

static void
make_key (void)
{
  pthread_key_create (&context_key, free_context);
}

/* This thread's: it ends with it. */
static ZSTD_DCtx *
context_of_thread (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once (&once, make_key);
  ZSTD_DCtx *context = pthread_getspecific (context_key);
  if (context == NULL && (context = ZSTD_createDCtx ()) != NULL)
    pthread_setspecific (context_key, context);
  return context;
}

gboolean
pl_spill_unpack (const PlPartSection *section, const guint8 *stored, guint8 *out)
{
  ZSTD_DCtx *context = context_of_thread ();
  return context != NULL
         && ZSTD_decompressDCtx (context, out, section->length, stored, section->stored) == section->length;
}
