/* What helps against a value of a guessed column. Private to csv/. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/** pl_source_append_cure: "; null-values = n:NA makes it null, …": what helps against a value among others.
 * @witness: the value; one that is longer than PL_WITNESS_SHOWN may be cut
 * @others: the type of the column without such values
 * @keeps: what the column may be as well: what makes it that is named, too; %PL_NULL: nothing */
void pl_source_append_cure (GString *text, const PlSource *source, guint column, const PlWitness *witness,
                            PlType others, PlType keeps);
/** pl_source_append_reading: the same for a value that all of its column are like: what reads it as one of kind
 * @wanted; %PL_NULL: as a number, a date or a timestamp. Returns: whether there is something */
gboolean pl_source_append_reading (GString *text, const PlSource *source, guint column, const PlWitness *witness,
                                   PlTypeKind wanted);

G_END_DECLS
