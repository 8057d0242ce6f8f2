/* What can be said of a stage whose input's columns are not known, because its source cannot be opened or a stage above
 * it is wrong: whether its expressions parse and its counts are numbers. Nothing is said of columns and types, which
 * would be guesses. */
#include "plan-syntax.h"
#include <string.h>

#include "../../stages/clause.h"
#include "../expression/expression.h"

static const PlSettingKey *
find_key (const PlStage *stage, const PlSetting *setting)
{
  for (const PlSettingKey *key = stage->keys; key->name != NULL; key++)
    if (!setting->quoted && strcmp (key->name, setting->key) == 0)
      return key;
  return NULL;
}

void
pl_stage_check_syntax (const PlSettings *settings, PlIssues *issues)
{
  const PlStage *stage = pl_stage_find (settings->kind);
  for (guint i = 0; i < settings->entries->len; i++)
    {
      const PlSetting *setting = settings->entries->pdata[i];
      const PlSettingKey *key = find_key (stage, setting);
      PlSpot spot = {settings, setting, 0, issues};
      guint64 count;
      if (key != NULL && strcmp (key->type, "count") == 0)
        pl_clause_count (&spot, 0, &count);
      else if (key != NULL ? strcmp (key->type, "expression") == 0
                           : stage->free_keys != NULL && pl_clause_is_column (stage->keys, setting))
        pl_expression_free (pl_clause_parse (&spot, setting->value));
    }
}
