/* Where the type of a column comes from, for messages about types that do not fit: "column 'k' is text: 1 of its 3
 * values is no number …". Fields carry it; what passes a column on (pl_schema_add_like()) passes this on, too. */
#pragma once
#include "type.h"

G_BEGIN_DECLS

typedef enum
{
  PL_TYPE_TOLD_NOTHING, /* it was computed, or is as the job wants it */
  PL_TYPE_OF_FEW,       /* text, because of few values among others: the data is to blame */
  PL_TYPE_OF_OTHERS,    /* text, because of values that were put together with others: the data is to blame, too */
  PL_TYPE_OF_TEXTS,     /* text, and most values are */
  PL_TYPE_OF_VALUES,    /* no text, because no value is: the job may say that it is */
} PlTypeTold;

typedef struct PlTypeTeller PlTypeTeller;

typedef struct
{
  const PlTypeTeller *teller; /* (nullable) (unowned): %NULL: there is nothing to tell */
  guint column;               /* by the teller's count */
  PlType beside;              /* of what a union has put together with it, and made text by that; %PL_NULL: nothing */
} PlTypeOrigin;

/* Who knows: a source. Only asked while a plan is built, and for notices of a run. */
struct PlTypeTeller
{
  /* @wanted: what it should be; %PL_NULL: anything but text
   * @text: (out) (transfer full) (nullable): a clause about a column that names a value, its file and line, and the
   * keys that help; %NULL: nothing does */
  PlTypeTold (*tell) (const PlTypeTeller *self, PlTypeOrigin origin, PlTypeKind wanted, char **text);
};

/** pl_type_origin_error: Returns: (transfer full): PL_JOB_ERROR_TYPE: @message, what to do about it, and where the type
 * comes from. Where few values make a column text, it is a PL_DATA_ERROR, and says what to do about these instead.
 * @advice: (nullable)
 * @wanted: what is wanted there; %PL_NULL: anything but text: what makes a text of a column is no help elsewhere */
GError *pl_type_origin_error (PlTypeOrigin origin, PlTypeKind wanted, const char *message, const char *advice);

G_END_DECLS
