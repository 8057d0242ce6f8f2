/* Why a guessed type is what it is, told to people. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

typedef enum
{
  PL_REMARK_NONE,
  PL_REMARK_EXACT, /* a decimal, because doubles would change a value */
  PL_REMARK_TEXT,  /* a string: of texts */
  PL_REMARK_MOST,  /* a string, because most of its values have no other type that holds them */
  PL_REMARK_ASKED, /* not what formats or words of the job say, because of values that these do not read */
  PL_REMARK_FEW,   /* a string, because of few values among others */
} PlRemark;

/** pl_source_remark: @text: (out) (transfer full) (nullable): a clause about column @column, which names the value that
 * decided its type, its file and line, and the keys that help.
 * @wanted: what it should be, as in #PlTypeTeller; %PL_STRING: it may be what it is */
PlRemark pl_source_remark (const PlSource *source, guint column, PlTypeKind wanted, char **text);

/** pl_source_overlong_remark: Returns: (transfer full) (nullable): a clause about a number of @column that the run has
 * found and floats cannot hold. */
char *pl_source_overlong_remark (const PlSource *source, guint column);
/** pl_source_tell: the same for messages about types that do not fit: what a #PlTypeTeller is asked, which is that of a
 * source. */
PlTypeTold pl_source_tell (const PlTypeTeller *teller, PlTypeOrigin origin, PlTypeKind wanted, char **text);

G_END_DECLS
