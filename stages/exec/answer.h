/* Answers of a program → columns: each whole record cut into fields, each field read as the type its column is declared
 * with.
 *
 * What is wrong with a record is a clause about that row; the others are not touched by it. */
#pragma once
#include "../../pipeline/table/batch.h"

G_BEGIN_DECLS

/** pl_answer_split_csv: cuts @record (its line end included) into @n texts, in @arena where they must change.
 * @nulls: per field: empty and not in quotes
 *
 * Returns: %FALSE with @reason (transfer full). */
gboolean pl_answer_split_csv (const char *record, gsize length, guint n, PlText *texts, guint8 *nulls, PlArena *arena,
                              char **reason);
/** pl_answer_null_empty: makes null what is quoted and empty in columns other than those of texts, as in a file. */
void pl_answer_null_empty (const PlSchema *schema, const PlText *texts, guint8 *nulls);
/** pl_answer_check: whether every text is of its column's type. Returns: %FALSE with @reason. */
gboolean pl_answer_check (const PlSchema *schema, const PlText *texts, const guint8 *nulls, char **reason);
/** pl_answer_column: column @field of @n_rows checked rows of @n_fields texts each. @uses: PlUse */
PlColumn *pl_answer_column (PlType type, const PlText *texts, const guint8 *nulls, guint field, guint n_fields,
                            gsize n_rows, guint uses, PlArena *arena);

G_END_DECLS
