/* How one column of a source is read: what its type was guessed from, and which forms its texts may have. */
#pragma once
#include "../table/guess.h"
#include "../table/schema.h"

G_BEGIN_DECLS

typedef struct
{
  PlGuess guess;      /* of the texts its type comes from; of none, where it is pinned */
  PlGuessStyle style; /* the date formats of the dialect that are this column's, and whether it may hold bools of it */
  guint16 reads;      /* of these formats, those that read its dates, before ISO; 0: ISO alone */
  guint8 is_asked;    /* a date format names the column */
  guint8 is_pinned;   /* the type is the user's */
  guint8 is_certain;  /* pinned, or guessed from all rows: no value can lead to another type */
  guint8 is_open;     /* a string so far, which texts to come could make something narrower */
} PlReading;

/** pl_reading_extent: Returns: what is known of numbers that are read so. */
PlExtent pl_reading_extent (const PlReading *reading);

G_END_DECLS
