/* What the index of text.c and the search in it (text-find.c) share. */
#pragma once
#include "text.h"
#include "../keys/field.h"

G_BEGIN_DECLS

#define PL_TEXT_PROBES 4 /* slots that are looked at */
#define PL_TEXT_FACTOR G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

/* The text of row @i; %FALSE when it is null. @sliced is a constant where this is inlined. */
static inline __attribute__ ((always_inline)) gboolean
pl_text_at (const PlColumn *column, gsize i, const gboolean sliced, const char **data, guint32 *length)
{
  if (sliced)
    {
      const guint32 *edges = column->slices.edges + i * column->slices.stride;
      const guint32 start = edges[0] + 1;
      *data = column->slices.data + start;
      *length = edges[1] - start;
      return *length > 0;
    }
  *data = column->texts[i].data;
  *length = column->texts[i].length;
  return column->nulls == NULL || !column->nulls[i];
}

/* Not where a page ends, so that what stands behind the text can be read. */
static inline gboolean
pl_text_is_inside (const char *data, guint width)
{
  return ((guintptr) data & (PL_KEY_PAGE - 1)) <= PL_KEY_PAGE - width;
}

/* Where the search for a key begins: the highest bits of the product, the only ones that depend on the last byte of a
 * word. */
static inline gsize
pl_text_first_slot (guint64 even_words, guint64 odd_words, guint shift)
{
  return (even_words + odd_words * PL_TEXT_FACTOR) * PL_TEXT_FACTOR >> shift;
}

/* The slot where the search for @key begins. */
static inline guint32 *
pl_text_slot_of (const PlGroupText *text, const guint64 *key)
{
  guint64 even = 0, odd = 0;
  for (guint word = 0; word < text->n_words; word += 2)
    {
      even += key[word];
      odd += word + 1 < text->n_words ? key[word + 1] : 0;
    }
  return text->slots + pl_text_first_slot (even, odd, text->shift);
}

/* Group 0 has the first slot of its own, though it looks free. */
static inline gboolean
pl_text_is_free (const PlGroupText *text, const guint32 *slot)
{
  return *slot == 0 && slot != text->first_group;
}

G_END_DECLS
