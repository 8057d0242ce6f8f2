/* Ordered, named, typed columns. A schema is immutable once a plan holds it, shared by reference count. */
#pragma once
#include "type.h"
#include "type-origin.h"

G_BEGIN_DECLS

/* What is known of the numbers of a column as they were read. */
typedef struct
{
  guint8 is_known;   /* no: they were computed, or nobody has looked at them */
  guint8 is_certain; /* it is of all rows */
  guint8 is_wide;    /* some are longer than floats */
  guint8 is_special; /* some are nan or infinite */
  guint8 whole;      /* digits before the point, at most; 255: that many and more */
  guint8 fraction;   /* and behind it */
} PlExtent;

typedef struct
{
  char *name;
  PlType type;
  PlTypeOrigin origin;
  PlExtent extent;
} PlField;

typedef struct
{
  gint ref_count;
  guint n_fields;
  PlField *fields;
  GHashTable *indices; /* (nullable): name → index of its first field, once there are many: private to schema.c */
} PlSchema;

PlSchema *pl_schema_new (void);
PlSchema *pl_schema_ref (PlSchema *schema);
void pl_schema_unref (PlSchema *schema);
/** pl_schema_add: only while the caller holds the one reference. Returns: the new field's index. */
guint pl_schema_add (PlSchema *schema, const char *name, PlType type);
/** pl_schema_add_like: a column @name whose values are those of @field, which may be one of @schema. */
guint pl_schema_add_like (PlSchema *schema, const char *name, const PlField *field);
/** pl_field_join: makes @field, whose values are some of its own and some of @more, as wide as it must be: numbers that
 * are longer than floats make a decimal of floats, or text, as they would in one file. */
void pl_field_join (PlField *field, const PlField *more);
/** pl_schema_find: exact, case-sensitive. Returns: the index or -1. */
gint pl_schema_find (const PlSchema *schema, const char *name);
/** pl_hidden_name: Returns: (transfer full): the name of the hidden column @index: no UTF-8, so that no name in a file
 * or a job is the same. */
char *pl_hidden_name (guint index);
/** pl_schema_names: Returns: (transfer container): for pl_suggest(), without hidden columns. */
const char **pl_schema_names (const PlSchema *schema);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlSchema, pl_schema_unref)

/* What a consumer wants of a column; an OR of these, per column, travels from the sinks up to the source. */
typedef enum
{
  PL_USE_NONE = 0,
  PL_USE_TEXT = 1 << 0,  /* the text as read: pass-through */
  PL_USE_VALUE = 1 << 1, /* the typed values */
  PL_USE_EXACT = 1 << 2, /* float columns: the exact decimals, for sums */
  PL_USE_CHECK = 1 << 3, /* nothing else: whether its values are of its type; only of a source, and of what is pinned */
  PL_USE_COMPUTE = 1 << 4, /* beside PL_USE_VALUE: they are compared or computed with, and not only written */
} PlUse;

G_END_DECLS
