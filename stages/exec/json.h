/* A program's answer as JSON lines. */
#pragma once
#include "../../pipeline/base/arena.h"
#include "../../pipeline/table/batch.h"
#include <glib.h>

G_BEGIN_DECLS

/** pl_answer_split_json: the same for a line that holds a JSON object: the values of @schema's columns, which may stand
 * in any order and among others. A text is its characters, a number or a flag as it stands, an object or a list its
 * JSON. */
gboolean pl_answer_split_json (const char *record, gsize length, const PlSchema *schema, PlText *texts, guint8 *nulls,
                               PlArena *arena, char **reason);

G_END_DECLS
