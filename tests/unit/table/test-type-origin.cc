/* Where types come from: what messages say of it, and which of two columns that are put together it is taken from. */
#include "helpers.h"

#include <string>

#include "../../../pipeline/base/error.h"
#include "../../../pipeline/table/schema.h"

namespace
{

/* Column 0 is text because of few values, 1 because of all, 2 is none. */
PlTypeTold
tell (const PlTypeTeller *self G_GNUC_UNUSED, guint column, char **text)
{
  static const char *const texts[] = {"'x' is no number; null-values = x", "'Ann' is text", "types = c:string"};
  static const PlTypeTold told[] = {PL_TYPE_OF_FEW, PL_TYPE_OF_TEXTS, PL_TYPE_OF_VALUES};
  *text = g_strdup (texts[column]);
  return told[column];
}

const PlTypeTeller teller = {tell};

std::string
error_of (PlTypeOrigin origin, gboolean wants_text, const char *advice)
{
  g_autoptr (GError) error = pl_type_origin_error (origin, wants_text, "no", advice);
  return std::to_string (pl_error_exit_code (error)) + " " + error->message;
}

TEST (TypeOrigin, FewValuesAreTheDatasFault)
{
  EXPECT_EQ (error_of ({&teller, 0}, FALSE, "cast it"), "65 no; 'x' is no number; null-values = x");
  EXPECT_EQ (error_of ({&teller, 0}, FALSE, nullptr), "65 no; 'x' is no number; null-values = x");
}

TEST (TypeOrigin, EverythingElseIsTheJobs)
{
  EXPECT_EQ (error_of ({&teller, 1}, FALSE, "cast it"), "78 no; cast it; 'Ann' is text");
  EXPECT_EQ (error_of ({&teller, 1}, FALSE, nullptr), "78 no; 'Ann' is text");
  EXPECT_EQ (error_of ({&teller, 2}, TRUE, "cast it"), "78 no; cast it; types = c:string");
  EXPECT_EQ (error_of ({}, FALSE, "cast it"), "78 no; cast it");
  EXPECT_EQ (error_of ({}, TRUE, nullptr), "78 no");
}

TEST (TypeOrigin, WhatDoesNotHelpIsNotSaid)
{
  EXPECT_EQ (error_of ({&teller, 0}, TRUE, "cast it"), "78 no; cast it");
  EXPECT_EQ (error_of ({&teller, 1}, TRUE, "cast it"), "78 no; cast it");
  EXPECT_EQ (error_of ({&teller, 2}, FALSE, "cast it"), "78 no; cast it");
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
  EXPECT_EQ (joined (number, {&teller, 2}, text, {&teller, 0}), 0);
  EXPECT_EQ (joined (text, {&teller, 0}, number, {&teller, 2}), 0);
  EXPECT_EQ (joined (text, {&teller, 0}, text, {&teller, 1}), 0);
  EXPECT_EQ (joined (text, {}, text, {&teller, 1}), 1);
  EXPECT_EQ (joined (text, {}, number, {&teller, 2}), -1);
  EXPECT_EQ (joined (none, {}, text, {&teller, 1}), 1);
  EXPECT_EQ (joined (number, {&teller, 2}, type_of (PL_DATE), {&teller, 2}), -1);
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
  PlField field = {nullptr, type_of (PL_STRING), {&teller, 1}, {}};
  pl_schema_add_like (schema, "a", &field);
  /* One of the schema's own, while it grows. */
  for (guint i = 0; i < 9; i++)
    pl_schema_add_like (schema, schema->fields[i].name, &schema->fields[i]);
  EXPECT_STREQ (schema->fields[9].name, "a");
  EXPECT_EQ (schema->fields[9].origin.column, 1u);
  EXPECT_EQ (schema->fields[pl_schema_add (schema, "b", type_of (PL_INT))].origin.teller, nullptr);
}

} // namespace
