/* Pieces that are never freed one by one, out of chunks that double in size: 64 KiB to 4 MiB, or as large as a piece.
 *
 *   chunks ─► [ header | piece | piece | …free ] ─► [ header | piece … ] ─► …   the one being filled first
 *
 * A chunk is leased as a whole (base/lease.h). Used by one thread at a time. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct PlChunk PlChunk;
struct PlChunk
{
  PlChunk *next;
  gsize size; /* bytes, the header included */
  gsize used; /* of them; PL_CHUNK_HEADER: none */
};

#define PL_CHUNK_HEADER 64

/** pl_chunk_new: Returns: (transfer full): an empty chunk with room for @size bytes, as one behind @before (nullable)
 * is. */
PlChunk *pl_chunk_new (const PlChunk *before, gsize size);
void pl_chunk_free (PlChunk *chunk);
/** pl_chunks_free: frees all of @chunks (inout), which are none then. */
void pl_chunks_free (PlChunk **chunks);

/** pl_chunks_bytes: Returns: how much memory @chunks (nullable) take. */
gsize pl_chunks_bytes (const PlChunk *chunks);

/** pl_chunk_has: whether @chunk (nullable) has room for @size bytes. */
static inline gboolean
pl_chunk_has (const PlChunk *chunk, gsize size)
{
  return chunk != NULL && chunk->size - chunk->used >= size;
}

/** pl_chunks_push: makes @fresh (transfer full) the chunk that is filled. */
static inline void
pl_chunks_push (PlChunk **chunks, PlChunk *fresh)
{
  fresh->next = *chunks;
  fresh->used = PL_CHUNK_HEADER;
  *chunks = fresh;
}

/** pl_chunks_cut: Returns: (transfer none): @size bytes of the first chunk, which has them. */
static inline gpointer
pl_chunks_cut (PlChunk **chunks, gsize size)
{
  gpointer piece = (guint8 *) *chunks + (*chunks)->used;
  (*chunks)->used += size;
  return piece;
}

/** pl_chunks_take: Returns: (transfer none): @size bytes, of a new chunk where the first one has no room. */
static inline gpointer
pl_chunks_take (PlChunk **chunks, gsize size)
{
  if (G_UNLIKELY (!pl_chunk_has (*chunks, size)))
    pl_chunks_push (chunks, pl_chunk_new (*chunks, size));
  return pl_chunks_cut (chunks, size);
}

G_END_DECLS
