/* Any bytes as one record that a program of `exec` answered: CSV or a line of JSON, told by the first byte. What is
 * taken must lie within the record or the arena, and its columns must hold what was checked. */
#include <stdint.h>

#include "../../stages/exec/answer.h"
#include "../../stages/exec/json.h"

#define FIELDS 4

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static PlSchema *
make_schema (void)
{
  PlSchema *schema = pl_schema_new ();
  pl_schema_add (schema, "a", PL_TYPE (PL_STRING));
  pl_schema_add (schema, "b", PL_TYPE (PL_FLOAT));
  pl_schema_add (schema, "c", PL_TYPE_DECIMAL (9, 3));
  pl_schema_add (schema, "d", PL_TYPE (PL_TIMESTAMP));
  return schema;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PlSchema *schema;
  static PlArena *arena;
  PlText texts[FIELDS] = {{0}};
  guint8 nulls[FIELDS] = {0};
  g_autofree char *reason = NULL, *wrong = NULL;
  if (schema == NULL)
    {
      schema = make_schema ();
      arena = pl_arena_new ();
    }
  if (size < 2)
    return 0;
  /* Nothing stands behind a record. */
  g_autofree char *record = g_memdup2 (data + 1, size - 1);
  pl_arena_reset (arena);
  gboolean ok = data[0] & 1 ? pl_answer_split_json (record, size - 1, schema, texts, nulls, arena, &reason)
                            : pl_answer_split_csv (record, size - 1, FIELDS, texts, nulls, arena, &reason);
  g_assert (ok == (reason == NULL));
  if (!ok || !pl_answer_check (schema, texts, nulls, &wrong))
    return 0;
  for (guint i = 0; i < FIELDS; i++)
    {
      const PlColumn *column = pl_answer_column (schema->fields[i].type, texts, nulls, i, FIELDS, 1,
                                                 PL_USE_TEXT | PL_USE_VALUE | PL_USE_EXACT, arena);
      g_assert (pl_column_is_null (column, 0) == nulls[i]);
    }
  return 0;
}
