/* The numbers of a group (numbers.h) as values that go to disk in order. */
#pragma once
#include "numbers.h"
#include "values.h"

G_BEGIN_DECLS

/* What a value's key is:
 *   ints     the number
 *   doubles  the nearest double, as its key (held.h)
 *   exact    the same, and behind it the number itself: value and scale */
typedef enum
{
  PL_NUMBERS_INTS,
  PL_NUMBERS_DOUBLES,
  PL_NUMBERS_EXACT
} PlNumbersForm;

/* PlAggregateCall.parts of a call that keeps numbers: others read them that need more than the nearest doubles. */
#define PL_NUMBERS_ARE_EXACT 1u

/** pl_numbers_form: Returns: the form of the values that @call reads. */
PlNumbersForm pl_numbers_form (const PlAggregateCall *call);
void pl_numbers_measure (const PlNumbers *numbers, PlValueTotals *totals);
/** pl_numbers_give: gives all numbers, and leaves @numbers empty. */
gboolean pl_numbers_give (PlNumbers *numbers, PlNumbersForm form, PlValueSink sink, gpointer data, GError **error);
/** pl_numbers_of_value: Returns: the number that @value has: its own where the form has it, else what it goes by. */
PlMixedNumber pl_numbers_of_value (PlNumbersForm form, const PlValue *value);
/** pl_numbers_sort: puts @n numbers of @width bytes in order, where they are. */
void pl_numbers_sort (gpointer values, guint width, guint64 n);

G_END_DECLS
