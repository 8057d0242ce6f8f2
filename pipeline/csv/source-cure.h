/* The keys that read a value as what the others of its column are. Private to csv/. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/* A value, and what it should be. */
typedef struct
{
  const PlSource *source;
  guint column;
  const char *value;
  gsize length;
  const char *name; /* of the column, as pl_source_item() has it */
  PlType others;    /* the type of the others, or of the pin */
  gboolean is_pinned;
} PlCure;

/** pl_source_append_cure: "; trim = true drops its blanks": what helps against a value among others. Each cure is tried
 * on the value before it is named.
 * @value: as it stands; one that is longer than PL_WITNESS_SHOWN may be cut
 * @others: the type of the column without such values; of a string there is no cure */
void pl_source_append_cure (GString *text, const PlSource *source, guint column, const char *value, PlType others);
/** pl_source_append_reading: the same for a text among texts: what reads it as a number, a date or a timestamp. */
void pl_source_append_reading (GString *text, const PlSource *source, guint column, const char *value);
/** pl_source_item: Returns: (transfer full): @name as an item of a list in a job file, in quotes where it needs them.
 */
char *pl_source_item (const char *name);

/** pl_cure_by_style: a style of numbers. Returns: whether there is one, which is added to @text then. */
gboolean pl_cure_by_style (GString *text, const PlCure *it);
/** pl_cure_by_format: formats of dates. Returns: as pl_cure_by_style() */
gboolean pl_cure_by_format (GString *text, const PlCure *it);
/** pl_cure_by_amount: an expression that makes a number of one with a unit or a sign of money. Returns: as
 * pl_cure_by_style() */
gboolean pl_cure_by_amount (GString *text, const PlCure *it);
/** pl_cure_null_item: Returns: (transfer full) (nullable): the value as null-values has it; %NULL: it cannot be written
 * there. */
char *pl_cure_null_item (const PlCure *it);

G_END_DECLS
