/* Schemas: built by one owner, then shared by reference count (atomic: plans are shared between threads). */
#include "schema.h"
#include "../base/seed.h"

/* From so many fields on names are looked up in a hash table: below, a walk is as fast. */
#define MANY_FIELDS 32
#define HIDDEN_MARK '\xff'

PlSchema *
pl_schema_new (void)
{
  PlSchema *schema = g_new0 (PlSchema, 1);
  schema->ref_count = 1;
  return schema;
}

PlSchema *
pl_schema_ref (PlSchema *schema)
{
  g_atomic_int_inc (&schema->ref_count);
  return schema;
}

void
pl_schema_unref (PlSchema *schema)
{
  if (schema == NULL || !g_atomic_int_dec_and_test (&schema->ref_count))
    return;
  for (guint i = 0; i < schema->n_fields; i++)
    g_free (schema->fields[i].name);
  g_clear_pointer (&schema->indices, g_hash_table_unref);
  g_free (schema->fields);
  g_free (schema);
}

/* Of fields of one name, the first is found. */
static void
add_index (PlSchema *schema, guint index)
{
  const char *name = schema->fields[index].name;
  if (!g_hash_table_contains (schema->indices, name))
    g_hash_table_insert (schema->indices, (gpointer) name, GUINT_TO_POINTER (index));
}

guint
pl_schema_add (PlSchema *schema, const char *name, PlType type)
{
  g_assert (g_atomic_int_get (&schema->ref_count) == 1);
  /* The array is full whenever the count is a power of two (or none): no capacity to keep. */
  guint n = schema->n_fields;
  if ((n & (n - 1)) == 0)
    schema->fields = g_renew (PlField, schema->fields, MAX (1, 2 * (gsize) n));
  schema->fields[n] = (PlField){.name = g_strdup (name), .type = type};
  schema->n_fields = n + 1;
  if (schema->indices != NULL)
    add_index (schema, n);
  else if (n + 1 == MANY_FIELDS)
    {
      schema->indices = g_hash_table_new (pl_name_hash, g_str_equal);
      for (guint i = 0; i <= n; i++)
        add_index (schema, i);
    }
  return n;
}

guint
pl_schema_add_like (PlSchema *schema, const char *name, const PlField *field)
{
  PlField like = *field;
  guint index = pl_schema_add (schema, name, like.type);
  like.name = schema->fields[index].name;
  schema->fields[index] = like;
  return index;
}

#define MAX_DECIMAL_DIGITS 38

static PlExtent
join_extents (const PlField *a, const PlField *b)
{
  if (a->type.kind == PL_NULL || b->type.kind == PL_NULL)
    return a->type.kind == PL_NULL ? b->extent : a->extent;
  return (PlExtent){
      .is_known = a->extent.is_known && b->extent.is_known,
      .is_certain = a->extent.is_certain && b->extent.is_certain,
      .is_wide = a->extent.is_wide || b->extent.is_wide,
      .is_special = a->extent.is_special || b->extent.is_special,
      .whole = MAX (a->extent.whole, b->extent.whole),
      .fraction = MAX (a->extent.fraction, b->extent.fraction),
  };
}

/* The type of both, whose numbers are of @extent together. */
static PlType
join_types (PlType a, PlType b, const PlExtent *extent)
{
  PlType type = pl_type_join (a, b);
  if (type.kind != PL_FLOAT || a.kind == b.kind || !extent->is_wide || !extent->is_known)
    return type;
  if (extent->is_special || extent->whole + extent->fraction > MAX_DECIMAL_DIGITS)
    return PL_TYPE (PL_STRING);
  return PL_TYPE_DECIMAL (MAX_DECIMAL_DIGITS, extent->fraction);
}

void
pl_field_join (PlField *field, const PlField *more)
{
  const PlExtent extent = join_extents (field, more);
  PlType type = join_types (field->type, more->type, &extent);
  /* Who made it what it is. */
  if (field->type.kind != type.kind)
    field->origin = more->type.kind == type.kind ? more->origin : (PlTypeOrigin){0};
  else if (field->origin.teller == NULL && more->type.kind == type.kind)
    field->origin = more->origin;
  field->type = type;
  field->extent = extent;
}

gint
pl_schema_find (const PlSchema *schema, const char *name)
{
  gpointer index;
  if (schema->indices != NULL)
    return g_hash_table_lookup_extended (schema->indices, name, NULL, &index) ? GPOINTER_TO_INT (index) : -1;
  for (guint i = 0; i < schema->n_fields; i++)
    if (g_str_equal (schema->fields[i].name, name))
      return (gint) i;
  return -1;
}

char *
pl_hidden_name (guint index)
{
  return g_strdup_printf ("%c%u", HIDDEN_MARK, index);
}

const char **
pl_schema_names (const PlSchema *schema)
{
  const char **names = g_new (const char *, (gsize) schema->n_fields + 1);
  guint n = 0;
  for (guint i = 0; i < schema->n_fields; i++)
    if (schema->fields[i].name[0] != HIDDEN_MARK)
      names[n++] = schema->fields[i].name;
  names[n] = NULL;
  return names;
}
