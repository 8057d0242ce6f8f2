/* What a group-by does: keys and calls in, a configuration out. Knows nothing of job files.
 *
 *   new (keys) ─► add_call()… ─► add_hidden (inner) ─► outputs, having ─► lay_out() ─► const, shared by all workers */
#pragma once
#include "../aggregates/aggregate.h"
#include "../../pipeline/base/parallel.h"
#include "../../pipeline/keys/layout.h"

G_BEGIN_DECLS

typedef enum
{
  PL_GROUPS_BY_KEY,
  PL_GROUPS_BY_APPEARANCE,
  PL_GROUPS_BY_HASH
} PlGroupOrder;

/* An aggregate call of the job: columns in, one column out. */
typedef struct
{
  PlAggregateCall *call;
  guint args[4]; /* indices into config->args */
  gint filter;   /* index into config->filters, or -1 */
  gsize offset;  /* bytes: of the state that it reads in a group's payload */
} PlGroupCall;

typedef struct
{
  char *label; /* (owned): what messages call it: [group-by NAME] */
  PlSchema *input;
  GPtrArray *keys; /* of PlTerm * */
  PlKeyLayout *layout;
  GPtrArray *lifted;                    /* of PlLiftedCall *: owns the expressions of the next two */
  GPtrArray *args;                      /* (unowned) of PlExpression *: what the calls read, each once */
  GPtrArray *filters;                   /* (unowned) of PlExpression * */
  GHashTable *arg_texts, *filter_texts; /* canonical text → index in args and filters */
  GArray *calls;                        /* of PlGroupCall */
  GArray *owners;                       /* (unowned) of PlGroupCall: those of them that have states of their own */
  guint n_joined;           /* of the owners, from the first on: those that update_joined() takes; 0: none */
  gboolean reads_positions; /* some call does */
  gboolean grows;           /* states of some call grow with their rows, and can go to disk value by value */
  gsize n_payload;          /* words of a group's states */
  PlSchema *inner;          /* keys, the hidden results of calls, outputs: what outputs read */
  GPtrArray *outputs;       /* of PlExpression * over inner: the columns behind the keys */
  PlExpression *having;     /* (nullable), over shown */
  PlSchema *shown;          /* what having reads: the output, then the hidden results of calls */
  PlSchema *output;
  PlGroupOrder order;
} PlGroupConfig;

/** pl_group_config_new: @label: see above. @keys (transfer full) (element-type PlTerm): become the first columns of
 * inner and output. */
PlGroupConfig *pl_group_config_new (const char *label, PlSchema *input, GPtrArray *keys, PlGroupOrder order);
void pl_group_config_free (gpointer config);
/** pl_group_config_add_call: binds an aggregate call to columns of the input.
 * @lifted: (transfer none): of config->lifted
 * @offset: (out): where in the line the mistake is
 *
 * Returns: %FALSE with @error; an empty call of type null has been added then, so that indices stay right. */
gboolean pl_group_config_add_call (PlGroupConfig *config, const PlLiftedCall *lifted, guint *offset, GError **error);
/** pl_group_config_add_hidden: adds the results of all calls to @schema, under hidden names. */
void pl_group_config_add_hidden (const PlGroupConfig *config, PlSchema *schema);
/** pl_group_config_lay_out: decides which call has states of its own, and where: calls that take the same share them
 * where they can. */
void pl_group_config_lay_out (PlGroupConfig *config);
/** pl_group_config_require: what a stage's require() is asked. */
void pl_group_config_require (const PlGroupConfig *config, guint8 *input_uses);

G_END_DECLS
