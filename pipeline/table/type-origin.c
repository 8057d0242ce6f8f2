/* Where types come from: see type-origin.h. */
#include "type-origin.h"
#include "../base/error.h"

GError *
pl_type_origin_error (PlTypeOrigin origin, PlTypeKind wanted, const char *message, const char *advice)
{
  g_autofree char *text = NULL;
  PlTypeTold told = PL_TYPE_TOLD_NOTHING;
  if (origin.teller != NULL)
    told = origin.teller->tell (origin.teller, origin, wanted, &text);
  if ((told == PL_TYPE_OF_FEW || told == PL_TYPE_OF_OTHERS) && wanted != PL_STRING)
    return g_error_new (PL_DATA_ERROR, PL_DATA_ERROR_BAD_VALUE, "%s; %s", message, text);
  return g_error_new (PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s%s%s%s%s", message, advice != NULL ? "; " : "",
                      advice != NULL ? advice : "", text != NULL ? "; " : "", text != NULL ? text : "");
}
