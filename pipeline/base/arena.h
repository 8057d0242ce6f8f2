/* Bump allocator for memory that lives as long as one batch, one block or one plan.
 *
 * Nothing is freed one by one: pl_arena_reset() forgets everything and keeps the memory for the next
 * round, so that the inner loop never reaches malloc. Not thread-safe: one arena, one thread at a time. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct PlArena PlArena;

struct PlArena
{
  guint8 *next;                /* first free byte of the current chunk */
  guint8 *end;                 /* past its last byte */
  struct PlArenaChunk *chunks; /* all chunks, current first */
  struct PlArenaChunk *spare;  /* chunks kept by a reset */
  gsize reserved;              /* bytes held from the system */
};

/** pl_arena_new: Returns: (transfer full): an empty arena; allocates its first chunk on first use. */
PlArena *pl_arena_new (void);
/** pl_arena_free: @arena: (nullable): frees the arena and all it gave out. */
void pl_arena_free (PlArena *arena);
/** pl_arena_reset: forgets every allocation, keeps the chunks. */
void pl_arena_reset (PlArena *arena);
/* The slow path of pl_arena_alloc(): a new chunk. */
gpointer pl_arena_grow (PlArena *arena, gsize size);

/** pl_arena_alloc:
 * Returns: (transfer none): @size bytes aligned to 64 when @size >= 64, else to 16; not zeroed; never %NULL. */
static inline gpointer
pl_arena_alloc (PlArena *arena, gsize size)
{
  gsize alignment = size >= 64 ? 64 : 16;
  guint8 *start = (guint8 *) (((guintptr) arena->next + alignment - 1) & ~(guintptr) (alignment - 1));
  if (G_LIKELY (arena->next != NULL && start <= arena->end && size <= (gsize) (arena->end - start)))
    {
      arena->next = start + size;
      return start;
    }
  return pl_arena_grow (arena, size);
}

#define pl_arena_new_array(arena, Type, n) ((Type *) pl_arena_alloc ((arena), sizeof (Type) * (gsize) (n)))

/** pl_arena_alloc0: the same, zeroed. */
gpointer pl_arena_alloc0 (PlArena *arena, gsize size);
/** pl_arena_copy: Returns: (transfer none): a copy of @length bytes (and a NUL behind them). */
char *pl_arena_copy (PlArena *arena, const char *data, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlArena, pl_arena_free)

G_END_DECLS
