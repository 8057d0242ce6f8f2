/* What the binders of scalar functions share: arguments that are numbers, of one type, or times. */
#include "bind.h"
#include "../../pipeline/base/error.h"

gboolean
pl_bind_number (const PlFunction *self, PlType *type, GError **error)
{
  if (type->kind == PL_NULL)
    *type = PL_TYPE (PL_INT);
  if (pl_type_is_numeric (*type))
    return TRUE;
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s needs a number, not %s; cast it, as in cast(x as float)",
               self->signature, pl_type_name (*type));
  *type = PL_TYPE (PL_FLOAT);
  return FALSE;
}

gboolean
pl_bind_as (const PlFunction *self, PlType *type, PlTypeKind wanted, GError **error)
{
  gboolean fits = type->kind == wanted || type->kind == PL_NULL || (wanted == PL_FLOAT && pl_type_is_numeric (*type))
                  || (wanted == PL_TIMESTAMP && type->kind == PL_DATE);
  if (fits)
    {
      if (type->kind != wanted)
        *type = PL_TYPE (wanted);
      return TRUE;
    }
  g_set_error (error, PL_JOB_ERROR, PL_JOB_ERROR_TYPE, "%s cannot take %s where it needs %s; cast it first",
               self->signature, pl_type_name (*type), pl_type_name (PL_TYPE (wanted)));
  *type = PL_TYPE (wanted);
  return FALSE;
}

gboolean
pl_bind_time (const PlFunction *self, const PlColumn *constant, PlType *type, GError **error)
{
  if (constant != NULL && type->kind == PL_STRING)
    {
      *type = PL_TYPE (PL_TIMESTAMP);
      return TRUE;
    }
  return pl_bind_as (self, type, PL_TIMESTAMP, error);
}
