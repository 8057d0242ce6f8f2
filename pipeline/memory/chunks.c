/* See chunks.h. */
#include "chunks.h"
#include "big-array.h"

#define CHUNK_MIN ((gsize) 64 << 10)
#define CHUNK_MAX ((gsize) 4 << 20)

PlChunk *
pl_chunk_new (const PlChunk *before, gsize size)
{
  gsize wanted = before == NULL ? CHUNK_MIN : MIN (before->size * 2, CHUNK_MAX);
  while (wanted < size + PL_CHUNK_HEADER)
    wanted *= 2;
  /* Large ones are mapped, so that what is freed is the system's again at once: whatever else is allocated next. */
  PlChunk *chunk = pl_big_resize (NULL, 0, wanted);
  *chunk = (PlChunk){NULL, wanted, PL_CHUNK_HEADER};
  return chunk;
}

void
pl_chunk_free (PlChunk *chunk)
{
  pl_big_free (chunk, chunk->size);
}

void
pl_chunks_free (PlChunk **chunks)
{
  while (*chunks != NULL)
    {
      PlChunk *next = (*chunks)->next;
      pl_chunk_free (*chunks);
      *chunks = next;
    }
}

gsize
pl_chunks_bytes (const PlChunk *chunks)
{
  gsize bytes = 0;
  for (; chunks != NULL; chunks = chunks->next)
    bytes += chunks->size;
  return bytes;
}
