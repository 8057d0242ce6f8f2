/* Where types come from: what messages say of it, and which of two columns that are put together it is taken from. */
#include "helpers.h"

#include <string>

#include "../../../pipeline/base/error.h"
#include "../../../pipeline/table/schema.h"

namespace
{

/* Column 0 is text because of few values, 1 because of all, 2 is none, 3 is text because of another input. */
PlTypeTold
tell (const PlTypeTeller *self G_GNUC_UNUSED, PlTypeOrigin origin, PlTypeKind wanted, char **text)
{
  static const char *const texts[]
      = {"'x' is no number; null-values = x", "'Ann' is text", "types = c:string", "'NA' is no int"};
  static const PlTypeTold told[] = {PL_TYPE_OF_FEW, PL_TYPE_OF_TEXTS, PL_TYPE_OF_VALUES, PL_TYPE_OF_OTHERS};
  *text
      = (wanted == PL_STRING) == (told[origin.column] == PL_TYPE_OF_VALUES) ? g_strdup (texts[origin.column]) : nullptr;
  return told[origin.column];
}

const PlTypeTeller teller = {tell};

PlTypeOrigin
column (guint i)
{
  return {&teller, i, PL_TYPE (PL_NULL)};
}

std::string
error_of (PlTypeOrigin origin, PlTypeKind wanted, const char *advice)
{
  g_autoptr (GError) error = pl_type_origin_error (origin, wanted, "no", advice);
  return std::to_string (pl_error_exit_code (error)) + " " + error->message;
}

TEST (TypeOrigin, FewValuesAreTheDatasFault)
{
  EXPECT_EQ (error_of (column (0), PL_NULL, "cast it"), "65 no; 'x' is no number; null-values = x");
  EXPECT_EQ (error_of (column (0), PL_NULL, nullptr), "65 no; 'x' is no number; null-values = x");
  EXPECT_EQ (error_of (column (3), PL_FLOAT, "cast it"), "65 no; 'NA' is no int");
}

TEST (TypeOrigin, EverythingElseIsTheJobs)
{
  EXPECT_EQ (error_of (column (1), PL_NULL, "cast it"), "78 no; cast it; 'Ann' is text");
  EXPECT_EQ (error_of (column (1), PL_NULL, nullptr), "78 no; 'Ann' is text");
  EXPECT_EQ (error_of (column (2), PL_STRING, "cast it"), "78 no; cast it; types = c:string");
  EXPECT_EQ (error_of ({}, PL_NULL, "cast it"), "78 no; cast it");
  EXPECT_EQ (error_of ({}, PL_STRING, nullptr), "78 no");
}

TEST (TypeOrigin, WhatDoesNotHelpIsNotSaid)
{
  EXPECT_EQ (error_of (column (0), PL_STRING, "cast it"), "78 no; cast it");
  EXPECT_EQ (error_of (column (1), PL_STRING, "cast it"), "78 no; cast it");
  EXPECT_EQ (error_of (column (2), PL_NULL, "cast it"), "78 no; cast it");
}

/* The column of the teller, -1: none, of a field of type @a that gets values of one of type @b. */
int
joined (PlType a, PlTypeOrigin of_a, PlType b, PlTypeOrigin of_b)
{
  PlField field = {nullptr, a, of_a, {}}, more = {nullptr, b, of_b, {}};
  pl_field_join (&field, &more);
  EXPECT_TRUE (pl_type_equal (field.type, pl_type_join (a, b)));
  return field.origin.teller != nullptr ? (int) field.origin.column : -1;
}

TEST (TypeOrigin, WhoMadeItTextIsBlamed)
{
  const PlType text = type_of (PL_STRING), number = type_of (PL_INT), none = type_of (PL_NULL);
  EXPECT_EQ (joined (number, column (2), text, column (0)), 0);
  EXPECT_EQ (joined (text, column (0), number, column (2)), 0);
  EXPECT_EQ (joined (text, column (0), text, column (1)), 0);
  EXPECT_EQ (joined (text, {}, text, column (1)), 1);
  EXPECT_EQ (joined (text, {}, number, column (2)), -1);
  EXPECT_EQ (joined (none, {}, text, column (1)), 1);
  EXPECT_EQ (joined (number, column (2), type_of (PL_DATE), column (2)), -1);
}

/* The type of numbers of types and extents that are put together, either way around. */
std::string
joined_numbers (PlType a, PlExtent of_a, PlType b, PlExtent of_b)
{
  PlField field = {nullptr, a, {}, of_a}, more = {nullptr, b, {}, of_b}, other = more;
  pl_field_join (&other, &field);
  pl_field_join (&field, &more);
  EXPECT_TRUE (pl_type_equal (field.type, other.type));
  return pl_type_name (field.type);
}

PlExtent
extent (guint8 whole, guint8 fraction, guint8 is_wide = FALSE, guint8 is_special = FALSE)
{
  return {TRUE, TRUE, is_wide, is_special, whole, fraction};
}

TEST (Extent, LongNumbersMakeDecimalsOfFloats)
{
  const PlType number = type_of (PL_INT), real = type_of (PL_FLOAT), none = type_of (PL_NULL);
  EXPECT_EQ (joined_numbers (number, extent (5, 0), real, extent (1, 2)), "float");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), real, extent (1, 2)), "decimal(38,2)");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), real, extent (20, 18)), "decimal(38,18)");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), real, extent (20, 19)), "string");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), real, extent (1, 23)), "string");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), real, extent (1, 2, FALSE, TRUE)), "string");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), real, {}), "float");
  EXPECT_EQ (joined_numbers (number, {}, real, extent (1, 2)), "float");
  EXPECT_EQ (joined_numbers (decimal_of (38, 19), extent (1, 19, TRUE), real, extent (5, 2)), "decimal(38,19)");
  EXPECT_EQ (joined_numbers (decimal_of (18, 2), {}, real, extent (5, 2)), "float");
  EXPECT_EQ (joined_numbers (number, extent (16, 0, TRUE), number, {}), "int");
  EXPECT_EQ (joined_numbers (none, {}, number, extent (16, 0, TRUE)), "int");
}

TEST (Extent, IsThatOfAll)
{
  PlField field = {nullptr, type_of (PL_NULL), {}, {}};
  const PlField floats = {nullptr, type_of (PL_FLOAT), {}, {TRUE, FALSE, FALSE, FALSE, 3, 4}},
                ints = {nullptr, type_of (PL_INT), {}, extent (7, 0)},
                wide = {nullptr, type_of (PL_INT), {}, extent (19, 0, TRUE)};
  pl_field_join (&field, &floats);
  pl_field_join (&field, &ints);
  EXPECT_EQ (field.type.kind, PL_FLOAT);
  EXPECT_TRUE (field.extent.is_known);
  EXPECT_FALSE (field.extent.is_certain);
  EXPECT_EQ (field.extent.whole, 7u);
  pl_field_join (&field, &wide);
  EXPECT_STREQ (pl_type_name (field.type), "decimal(38,4)");
  EXPECT_EQ (field.extent.whole, 19u);
}

TEST (TypeOrigin, SchemasKeepIt)
{
  g_autoptr (PlSchema) schema = pl_schema_new ();
  PlField field = {nullptr, type_of (PL_STRING), column (1), {}};
  pl_schema_add_like (schema, "a", &field);
  /* One of the schema's own, while it grows. */
  for (guint i = 0; i < 9; i++)
    pl_schema_add_like (schema, schema->fields[i].name, &schema->fields[i]);
  EXPECT_STREQ (schema->fields[9].name, "a");
  EXPECT_EQ (schema->fields[9].origin.column, 1u);
  EXPECT_EQ (schema->fields[pl_schema_add (schema, "b", type_of (PL_INT))].origin.teller, nullptr);
}

} // namespace
