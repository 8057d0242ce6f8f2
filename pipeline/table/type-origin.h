/* Where the type of a column comes from, for messages about types that do not fit: "column 'k' is text: 1 of its 3
 * values is no number …". Fields carry it; what passes a column on (pl_schema_add_like()) passes this on, too. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PL_TYPE_TOLD_NOTHING, /* it was computed, or is as the job wants it */
  PL_TYPE_OF_FEW,       /* text, because of few values among others: the data is to blame */
  PL_TYPE_OF_TEXTS,     /* text, and most values are */
  PL_TYPE_OF_VALUES,    /* no text, because no value is: the job may say that it is */
} PlTypeTold;

/* Who knows: a source. Only asked while a plan is built. */
typedef struct PlTypeTeller PlTypeTeller;
struct PlTypeTeller
{
  /* @text: (out) (transfer full) (nullable): a clause about column @column that names a value, its file and line, and
   * the keys that help. */
  PlTypeTold (*tell) (const PlTypeTeller *self, guint column, char **text);
};

typedef struct
{
  const PlTypeTeller *teller; /* (nullable) (unowned): %NULL: there is nothing to tell */
  guint column;               /* by the teller's count */
} PlTypeOrigin;

/** pl_type_origin_error: Returns: (transfer full): PL_JOB_ERROR_TYPE: @message, what to do about it, and where the type
 * comes from. Where few values make a column text, it is a PL_DATA_ERROR, and says what to do about these instead.
 * @advice: (nullable)
 * @wants_text: whether a text is wanted where there is none: what makes a text of a column is no help elsewhere */
GError *pl_type_origin_error (PlTypeOrigin origin, gboolean wants_text, const char *message, const char *advice);

G_END_DECLS
