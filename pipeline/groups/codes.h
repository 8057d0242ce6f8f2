/* A short cut in front of a group table for several keys of few values each: every value has a small number, its code,
 * and the codes of a row's keys side by side are the index of its group.
 *
 *   id1 ─► code ─┐
 *   id2 ─► code ─┴► [ code of id2 | code of id1 ] ─► groups [ group + 1 | 0: not seen | … ]
 *
 * Codes of texts are group numbers in a table of the key's own; codes of whole numbers, dates and bools are distances
 * from the least, and 0 is null. Room for codes grows with the values that are met. Keys that need more than
 * PL_GROUP_CODE_BITS together, or have long texts, end the short cut. New combinations go through the group table,
 * which knows all groups. */
#pragma once
#include "text.h"
#include "../table/type.h"
#include "../base/arena.h"
#include "../base/parallel.h"
#include "slots.h"

G_BEGIN_DECLS

#define PL_GROUP_CODE_BITS 20

typedef struct
{
  PlTypeKind kind;
  guint bits, shift;   /* of its codes */
  PlGroupTable *texts; /* (owned) (nullable) */
  PlGroupText index;   /* of @texts */
  gint64 base;         /* the value of code 1 */
} PlGroupCodedKey;

typedef struct
{
  gboolean enabled;
  guint n_keys;
  PlGroupCodedKey *keys;
  guint bits; /* of all codes */
  guint32 *groups;
} PlGroupCodes;

void pl_group_codes_init (PlGroupCodes *codes, const PlKeyLayout *layout);
void pl_group_codes_clear (PlGroupCodes *codes);
/** pl_group_codes_find:
 * @columns: one a key; texts may stand in slices
 * @groups: (out): of the rows that are found
 * @indices: (out): where @groups were looked for
 * @missed: (out): rows whose groups are not found, ascending
 * @n_missed: (out): how many they are
 *
 * Returns: %FALSE when the short cut has ended. */
gboolean pl_group_codes_find (PlGroupCodes *codes, PlColumn *const *columns, gsize n, guint32 *groups, guint32 *indices,
                              guint32 *missed, gsize *n_missed, PlArena *arena);
/** pl_group_codes_learn: @groups: of @missed rows of the last call of pl_group_codes_find(). */
void pl_group_codes_learn (PlGroupCodes *codes, const guint32 *indices, const guint32 *missed, gsize n_missed,
                           const guint32 *groups);

G_END_DECLS
