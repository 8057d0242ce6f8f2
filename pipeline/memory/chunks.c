/* See chunks.h. */
#include "chunks.h"
#include "../base/lease.h"
#include "huge.h"
#include <stdlib.h>

#define CHUNK_MIN ((gsize) 64 << 10)
#define CHUNK_MAX ((gsize) 4 << 20)

PlChunk *
pl_chunk_new (const PlChunk *before, gsize size)
{
  gsize wanted = before == NULL ? CHUNK_MIN : MIN (before->size * 2, CHUNK_MAX);
  while (wanted < size + PL_CHUNK_HEADER)
    wanted *= 2;
  PlChunk *chunk = pl_huge_new (wanted);
  pl_lease_take (wanted);
  *chunk = (PlChunk){NULL, wanted, PL_CHUNK_HEADER};
  return chunk;
}

void
pl_chunk_free (PlChunk *chunk)
{
  pl_lease_give (chunk->size);
  free (chunk);
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
