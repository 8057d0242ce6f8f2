/* Arena chunks: how they are got, kept over a reset and found again.
 *
 *   chunks ─► [header | used … next ··· end] ─► [header | full] ─► …       spare ─► [header | free] ─► …
 *
 * Chunks grow with the arena, so that a batch of any size ends with a few of them. A request larger than the
 * usual chunk gets one of its own size. */
#include "arena.h"

#include <string.h>

#define ALIGNMENT 64
#define FIRST_CHUNK (64 * 1024)
#define LARGEST_USUAL_CHUNK (4 * 1024 * 1024)

typedef struct PlArenaChunk PlArenaChunk;

struct PlArenaChunk
{
  PlArenaChunk *next;
  gsize size; /* bytes behind the header */
} __attribute__ ((aligned (ALIGNMENT)));

PlArena *
pl_arena_new (void)
{
  PlArena *arena = g_new0 (PlArena, 1);
  arena->lease = pl_lease_current ();
  return arena;
}

static void
free_chunks (PlArenaChunk *chunk)
{
  while (chunk != NULL)
    {
      PlArenaChunk *next = chunk->next;
      g_aligned_free (chunk);
      chunk = next;
    }
}

void
pl_arena_free (PlArena *arena)
{
  if (arena == NULL)
    return;
  free_chunks (arena->chunks);
  free_chunks (arena->spare);
  pl_lease_follow (arena->lease, &arena->leased, 0);
  g_free (arena);
}

void
pl_arena_reset (PlArena *arena)
{
  while (arena->chunks != NULL)
    {
      PlArenaChunk *chunk = arena->chunks;
      arena->chunks = chunk->next;
      chunk->next = arena->spare;
      arena->spare = chunk;
    }
  arena->next = NULL;
  arena->end = NULL;
}

/* The first spare chunk with room for @size bytes, taken out of the list. */
static PlArenaChunk *
take_spare (PlArena *arena, gsize size)
{
  for (PlArenaChunk **link = &arena->spare; *link != NULL; link = &(*link)->next)
    if ((*link)->size >= size)
      {
        PlArenaChunk *chunk = *link;
        *link = chunk->next;
        return chunk;
      }
  return NULL;
}

static PlArenaChunk *
new_chunk (PlArena *arena, gsize size)
{
  gsize usual = CLAMP (arena->reserved, FIRST_CHUNK, LARGEST_USUAL_CHUNK);
  gsize room = MAX (size, usual);
  gsize total;
  /* A sum that wraps asks for more than there is: the allocator then says so. */
  if (!g_size_checked_add (&total, room, sizeof (PlArenaChunk) + ALIGNMENT))
    total = G_MAXSIZE;
  total &= ~(gsize) (ALIGNMENT - 1);
  PlArenaChunk *chunk = g_aligned_alloc (1, total, ALIGNMENT);
  chunk->size = total - sizeof (PlArenaChunk);
  arena->reserved += total;
  pl_lease_follow (arena->lease, &arena->leased, arena->reserved);
  return chunk;
}

gpointer
pl_arena_grow (PlArena *arena, gsize size)
{
  PlArenaChunk *chunk = take_spare (arena, size);
  if (chunk == NULL)
    chunk = new_chunk (arena, size);
  chunk->next = arena->chunks;
  arena->chunks = chunk;
  guint8 *start = (guint8 *) (chunk + 1);
  arena->next = start + size;
  arena->end = start + chunk->size;
  return start;
}

gpointer
pl_arena_alloc0 (PlArena *arena, gsize size)
{
  return memset (pl_arena_alloc (arena, size), 0, size);
}

char *
pl_arena_copy (PlArena *arena, const char *data, gsize length)
{
  char *copy = pl_arena_alloc (arena, length + 1);
  if (length > 0)
    memcpy (copy, data, length);
  copy[length] = '\0';
  return copy;
}
