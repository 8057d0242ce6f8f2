/* How a column is read: see reading.h. */
#include "reading.h"

PlExtent
pl_reading_extent (const PlReading *reading)
{
  return (PlExtent){
      .is_known = !reading->is_pinned,
      .is_certain = !reading->is_pinned && reading->is_certain,
      .is_wide = pl_guess_has (reading->guess, PL_SEEN_LONG),
      .is_special = pl_guess_has (reading->guess, PL_SEEN_SPECIAL),
      .whole = reading->guess.whole,
      .fraction = reading->guess.fraction,
  };
}
