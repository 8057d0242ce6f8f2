/* What the files of row-number share. */
#pragma once
#include "../../pipeline/groups/row-groups.h"
#include "../../pipeline/rows/sourced.h"
#include "../../pipeline/spill/spill.h"

G_BEGIN_DECLS

typedef struct
{
  PlSourced sourced;
  PlRowGroups grouping;
  PlSchema *output;
  gint64 start;
  gboolean numbers; /* somebody reads the numbers, or they may be too large */
  gboolean rows;    /* somebody reads what the rows hold */
} PlNumbering;

/* A worker's rows. */
typedef struct
{
  const PlNumbering *config;
  PlGroupTable *table;
  PlGroupLookup lookup;
  PlStore *store;
  guint32 *groups; /* of each row in the store, with numbers within groups only */
  gsize capacity;
  guint64 n_rows;    /* all that have come, kept or only counted */
  PlSpill *spill;    /* (nullable): rows that are on disk */
  guint64 n_spilled; /* how many these are */
} PlNumberState;

/** pl_numbering_has_groups: Returns: whether numbers count within groups, and are wanted. */
static inline gboolean
pl_numbering_has_groups (const PlNumbering *config)
{
  return config->numbers && config->grouping.terms->len > 0;
}

PlNumberState *pl_number_state_new (const PlNumbering *config);
/** pl_number_state_free: @state: (nullable). */
void pl_number_state_free (PlNumberState *state);
/** pl_number_state_renew: forgets all rows in memory, though not how many rows there have been. */
void pl_number_state_renew (PlNumberState *state);
/** pl_numbers_fit: Returns: whether @most rows can be numbered; %FALSE with @error. */
gboolean pl_numbers_fit (const PlNumbering *config, guint64 most, GError **error);

G_END_DECLS
