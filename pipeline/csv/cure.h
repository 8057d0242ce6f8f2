/* What helps against a value that is not of a type: clauses of messages, "; null-values = n:NA makes it null, …".
 * Private to csv/.
 *
 * A cure is named only where it works: each is tried on the value (trial.h), and none is named that costs other values
 * their type or makes other numbers of them, as far as is known. What cures nothing else is always there: a column of
 * texts keeps all of them. */
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
  const char *name;   /* of the column, as pl_source_item() has it */
  PlType others;      /* the type of the others, or of the pin */
  gboolean is_pinned; /* by types */
  gboolean is_quoted; /* it stands in quotes, which keep blanks */
  PlType keeps;       /* what the column may be as well: what makes it that helps, too; %PL_NULL: nothing */
  gboolean is_comma;  /* decimal-comma has been named, and nothing else */
  gboolean is_kept;   /* what keeps all values as they are has been named, */
  guint n;            /* and so many cures */
} PlCure;

/** pl_source_item: Returns: (transfer full): @name as an item of a list in a job file, in quotes where it needs them.
 */
char *pl_source_item (const char *name);

/** pl_cure_start: begins another cure: ";" or ",". */
void pl_cure_start (GString *text, PlCure *it);
/** pl_cure_append_key: "KEY = ITEM", or where the source has that key, "KEY with ITEM added". */
void pl_cure_append_key (GString *text, const char *key, const char *item, gboolean has_key);
/** pl_cure_append_type: the same for the type of the column. */
void pl_cure_append_type (GString *text, const PlCure *it, const char *type);
/** pl_cure_keep: "types = n:string keeps all as text": what makes a column of @type of it, and is silent. */
void pl_cure_keep (GString *text, PlCure *it, PlType type);
/** pl_cure_as_null: what makes it null. Returns: %FALSE: nothing, it cannot be written in a job. */
gboolean pl_cure_as_null (GString *text, PlCure *it);
/** pl_cure_as_text: what keeps all as text, and rounds or cuts them where they are computed with, without a word. */
void pl_cure_as_text (GString *text, PlCure *it);
/** pl_cure_by_word: where bools are, what makes one of it. Returns: %FALSE: nothing, it cannot be written in a job. */
gboolean pl_cure_by_word (GString *text, PlCure *it);
/** pl_cure_expression_name: Returns: (transfer full): the name of the column, as expressions have it. */
char *pl_cure_expression_name (const PlCure *it);

G_END_DECLS
