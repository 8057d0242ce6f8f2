/* "Did you mean …": the candidate with the fewest edits, by optimal string alignment (insert, delete, replace, swap
 * of neighbours), over characters with case folded one by one.
 *
 * Only a band around the diagonal is computed, as wide as the allowed distance: names of data files can be long and
 * many. */
#include "suggest.h"

#include <string.h>

#include "words.h"

#define MAX_EDITS 3
#define FAR (MAX_EDITS + 1)

typedef struct
{
  gunichar *chars;
  glong length;
} Folded;

static Folded
fold (const char *text)
{
  Folded folded;
  folded.chars = g_utf8_to_ucs4_fast (text, -1, &folded.length);
  for (glong i = 0; i < folded.length; i++)
    folded.chars[i] = g_unichar_tolower (folded.chars[i]);
  return folded;
}

/* Returns: the distance, or more than @limit when it is beyond it. @rows: room for three rows of b->length + 1. */
static int
edit_distance (const Folded *a, const Folded *b, int limit, guint8 *rows)
{
  glong width = b->length + 1;
  guint8 *before = rows, *previous = rows + width, *current = rows + 2 * width;
  for (glong j = 0; j < width; j++)
    previous[j] = (guint8) MIN (j, FAR);
  for (glong i = 1; i <= a->length; i++)
    {
      glong first = MAX (1, i - limit), last = MIN (b->length, i + limit);
      int nearest = FAR;
      memset (current, FAR, (gsize) width);
      current[0] = (guint8) MIN (i, FAR);
      for (glong j = first; j <= last; j++)
        {
          int best = previous[j - 1] + (a->chars[i - 1] != b->chars[j - 1]);
          best = MIN (best, previous[j] + 1);
          best = MIN (best, current[j - 1] + 1);
          if (i > 1 && j > 1 && a->chars[i - 1] == b->chars[j - 2] && a->chars[i - 2] == b->chars[j - 1])
            best = MIN (best, before[j - 2] + 1);
          current[j] = (guint8) MIN (best, FAR);
          nearest = MIN (nearest, current[j]);
        }
      if (nearest > limit)
        return FAR;
      guint8 *oldest = before;
      before = previous;
      previous = current;
      current = oldest;
    }
  return previous[b->length];
}

const char *
pl_suggest (const char *name, const char *const *candidates)
{
  if (!g_utf8_validate (name, -1, NULL))
    return NULL;
  const char *meaning = pl_words_meaning (name, candidates);
  if (meaning != NULL)
    return meaning;
  Folded written = fold (name);
  int limit = (int) CLAMP (written.length / 3, 1, MAX_EDITS);
  /* Every letter of a name changed is another name. */
  limit = MIN (limit, MAX ((int) written.length - 1, 0));
  const char *nearest = NULL;
  for (gsize i = 0; limit >= 0 && candidates[i] != NULL; i++)
    {
      if (!g_utf8_validate (candidates[i], -1, NULL))
        continue;
      Folded candidate = fold (candidates[i]);
      if (ABS (candidate.length - written.length) <= limit)
        {
          guint8 *rows = g_malloc ((gsize) (candidate.length + 1) * 3);
          int distance = edit_distance (&written, &candidate, limit, rows);
          if (distance <= limit)
            {
              nearest = candidates[i];
              limit = distance - 1; /* only a nearer one can replace it */
            }
          g_free (rows);
        }
      g_free (candidate.chars);
    }
  g_free (written.chars);
  return nearest;
}
