/* Type names both ways, and where two types meet. */
#include "helpers.h"

#include "../../../pipeline/table/schema.h"
#include "../../../pipeline/base/error.h"

static const PlType all_types[] = {
    type_of (PL_NULL),   type_of (PL_BOOL),  type_of (PL_INT),       type_of (PL_FLOAT),
    decimal_of (38, 0),  decimal_of (18, 2), decimal_of (38, 30),    decimal_of (5, 5),
    type_of (PL_STRING), type_of (PL_DATE),  type_of (PL_TIMESTAMP), zoned_timestamp (),
};

TEST (Type, NamesReadBack)
{
  for (PlType type : all_types)
    {
      if (type.kind == PL_NULL)
        continue;
      PlType read = {};
      g_autoptr (GError) error = nullptr;
      ASSERT_TRUE (pl_type_parse (pl_type_name (type), &read, &error)) << error->message;
      EXPECT_TRUE (pl_type_equal (read, type)) << pl_type_name (type);
    }
}

TEST (Type, NamesAreThoseOfTheManual)
{
  EXPECT_STREQ (pl_type_name (type_of (PL_NULL)), "null");
  EXPECT_STREQ (pl_type_name (type_of (PL_INT)), "int");
  EXPECT_STREQ (pl_type_name (decimal_of (18, 2)), "decimal(18,2)");
  EXPECT_STREQ (pl_type_name (type_of (PL_TIMESTAMP)), "timestamp");
  EXPECT_STREQ (pl_type_name (zoned_timestamp ()), "timestamp with zone");
  EXPECT_EQ (pl_type_name (decimal_of (7, 3)), pl_type_name (decimal_of (7, 3)));
}

TEST (Type, ReadsTheUsualOtherNames)
{
  const struct
  {
    const char *text, *name;
  } cases[] = {
      {"integer", "int"},
      {"BIGINT", "int"},
      {"double", "float"},
      {"real", "float"},
      {"text", "string"},
      {"varchar", "string"},
      {"boolean", "bool"},
      {"datetime", "timestamp"},
      {" Int ", "int"},
      {"numeric(10,3)", "decimal(10,3)"},
      {"DECIMAL( 5 , 2 )", "decimal(5,2)"},
      {"decimal(9)", "decimal(9,0)"},
      {"decimal (9,1)", "decimal(9,1)"},
      {"timestamp with time zone", "timestamp with zone"},
  };
  for (const auto &c : cases)
    {
      PlType type = {};
      g_autoptr (GError) error = nullptr;
      ASSERT_TRUE (pl_type_parse (c.text, &type, &error)) << error->message;
      EXPECT_STREQ (pl_type_name (type), c.name) << c.text;
    }
}

TEST (Type, RefusesOtherNames)
{
  const struct
  {
    const char *text, *message;
  } cases[] = {
      {"strng", "unknown type 'strng'; did you mean 'string'?"},
      {"Intt", "unknown type 'Intt'; did you mean 'int'?"},
      {"decimel(3,1)", "unknown type 'decimel(3,1)'; did you mean 'decimal'?"},
      {"geometry",
       "unknown type 'geometry'; there are bool, int, float, decimal(p,s), string, date, timestamp and timestamp "
       "with zone"},
      {"",
       "unknown type ''; there are bool, int, float, decimal(p,s), string, date, timestamp and timestamp with zone"},
      {"decimal", "type 'decimal' needs its digits in all and behind the point, as in decimal(18,2)"},
      {"decimal(1,2,3)", "type 'decimal(1,2,3)' needs its digits in all and behind the point, as in decimal(18,2)"},
      {"decimal(5,)", "type 'decimal(5,)' needs its digits in all and behind the point, as in decimal(18,2)"},
      {"decimal(5,2", "type 'decimal(5,2' needs its digits in all and behind the point, as in decimal(18,2)"},
      {"decimal(5,2)x", "type 'decimal(5,2)x' needs its digits in all and behind the point, as in decimal(18,2)"},
      {"decimal(39,2)",
       "type 'decimal(39,2)' is out of range: a decimal has 1 to 38 digits, and no more behind the point than in all"},
      {"decimal(0,0)",
       "type 'decimal(0,0)' is out of range: a decimal has 1 to 38 digits, and no more behind the point than in all"},
      {"decimal(5,6)",
       "type 'decimal(5,6)' is out of range: a decimal has 1 to 38 digits, and no more behind the point than in all"},
  };
  for (const auto &c : cases)
    {
      PlType type = decimal_of (7, 7);
      GError *error = nullptr;
      EXPECT_FALSE (pl_type_parse (c.text, &type, &error)) << c.text;
      EXPECT_TRUE (pl_type_equal (type, decimal_of (7, 7)));
      expect_error (&error, PL_JOB_ERROR, PL_JOB_ERROR_BAD_VALUE, c.message);
    }
}

TEST (Type, WidthsAreThoseOfTheValues)
{
  EXPECT_EQ (pl_type_width (type_of (PL_NULL)), 0u);
  EXPECT_EQ (pl_type_width (type_of (PL_BOOL)), 1u);
  EXPECT_EQ (pl_type_width (type_of (PL_INT)), 8u);
  EXPECT_EQ (pl_type_width (type_of (PL_FLOAT)), 8u);
  EXPECT_EQ (pl_type_width (decimal_of (18, 2)), sizeof (PlInt128));
  EXPECT_EQ (pl_type_width (type_of (PL_STRING)), sizeof (PlText));
  EXPECT_EQ (pl_type_width (type_of (PL_DATE)), 4u);
  EXPECT_EQ (pl_type_width (type_of (PL_TIMESTAMP)), 8u);
}

TEST (TypeJoin, IsASemilattice)
{
  for (PlType a : all_types)
    {
      EXPECT_TRUE (pl_type_equal (pl_type_join (a, a), a)) << pl_type_name (a);
      for (PlType b : all_types)
        {
          EXPECT_TRUE (pl_type_equal (pl_type_join (a, b), pl_type_join (b, a)))
              << pl_type_name (a) << " " << pl_type_name (b);
          for (PlType c : all_types)
            EXPECT_TRUE (pl_type_equal (pl_type_join (pl_type_join (a, b), c), pl_type_join (a, pl_type_join (b, c))))
                << pl_type_name (a) << " " << pl_type_name (b) << " " << pl_type_name (c);
        }
    }
}

TEST (TypeJoin, ClimbsAsDocumented)
{
  const struct
  {
    PlType a, b;
    const char *name;
  } cases[] = {
      {type_of (PL_NULL), type_of (PL_DATE), "date"},
      {type_of (PL_BOOL), type_of (PL_INT), "string"},
      {type_of (PL_INT), type_of (PL_FLOAT), "float"},
      {type_of (PL_INT), decimal_of (38, 0), "decimal(38,0)"},
      {type_of (PL_INT), decimal_of (18, 2), "decimal(21,2)"},
      {decimal_of (38, 0), type_of (PL_FLOAT), "float"},
      {decimal_of (18, 2), decimal_of (10, 4), "decimal(20,4)"},
      {decimal_of (38, 0), decimal_of (10, 4), "float"},
      {type_of (PL_FLOAT), type_of (PL_STRING), "string"},
      {type_of (PL_DATE), type_of (PL_TIMESTAMP), "timestamp"},
      {type_of (PL_DATE), type_of (PL_INT), "string"},
      {type_of (PL_TIMESTAMP), zoned_timestamp (), "string"},
      {type_of (PL_DATE), zoned_timestamp (), "string"},
  };
  for (const auto &c : cases)
    EXPECT_STREQ (pl_type_name (pl_type_join (c.a, c.b)), c.name) << pl_type_name (c.a) << " " << pl_type_name (c.b);
}

static const char *
promoted (PlType a, PlType b)
{
  PlType common = {};
  return pl_type_promote (a, b, &common) ? pl_type_name (common) : "none";
}

TEST (TypePromote, MeetsNumbersAndTimes)
{
  EXPECT_STREQ (promoted (type_of (PL_INT), type_of (PL_FLOAT)), "float");
  EXPECT_STREQ (promoted (type_of (PL_INT), decimal_of (18, 2)), "decimal(21,2)");
  EXPECT_STREQ (promoted (decimal_of (18, 2), type_of (PL_FLOAT)), "float");
  EXPECT_STREQ (promoted (type_of (PL_NULL), type_of (PL_STRING)), "string");
  EXPECT_STREQ (promoted (type_of (PL_STRING), type_of (PL_STRING)), "string");
  EXPECT_STREQ (promoted (type_of (PL_DATE), type_of (PL_TIMESTAMP)), "timestamp");
  EXPECT_STREQ (promoted (zoned_timestamp (), type_of (PL_TIMESTAMP)), "timestamp with zone");
  EXPECT_STREQ (promoted (type_of (PL_INT), type_of (PL_STRING)), "none");
  EXPECT_STREQ (promoted (type_of (PL_BOOL), type_of (PL_INT)), "none");
  EXPECT_STREQ (promoted (type_of (PL_DATE), type_of (PL_STRING)), "none");
}

TEST (Schema, KeepsFieldsInOrder)
{
  g_autoptr (PlSchema) schema = pl_schema_new ();
  for (guint i = 0; i < 100; i++)
    EXPECT_EQ (pl_schema_add (schema, ("c" + std::to_string (i)).c_str (), type_of (i % 2 != 0 ? PL_INT : PL_STRING)),
               i);
  EXPECT_EQ (schema->n_fields, 100u);
  EXPECT_EQ (pl_schema_find (schema, "c0"), 0);
  EXPECT_EQ (pl_schema_find (schema, "c99"), 99);
  EXPECT_EQ (pl_schema_find (schema, "C0"), -1);
  EXPECT_EQ (pl_schema_find (schema, ""), -1);
  EXPECT_EQ (schema->fields[33].type.kind, PL_INT);
}

TEST (Schema, FindsTheFirstOfManyFields)
{
  g_autoptr (PlSchema) schema = pl_schema_new ();
  for (int i = 0; i < 1000; i++)
    pl_schema_add (schema, ("c" + std::to_string (i % 500)).c_str (), PlType{});
  for (int i = 0; i < 500; i++)
    ASSERT_EQ (pl_schema_find (schema, ("c" + std::to_string (i)).c_str ()), i);
  EXPECT_EQ (pl_schema_find (schema, "c500"), -1);
}

TEST (Schema, NamesEndInNull)
{
  g_autoptr (PlSchema) schema = pl_schema_new ();
  pl_schema_add (schema, "a", type_of (PL_INT));
  pl_schema_add (schema, "b", type_of (PL_INT));
  g_autofree const char **names = pl_schema_names (schema);
  EXPECT_STREQ (names[0], "a");
  EXPECT_STREQ (names[1], "b");
  EXPECT_EQ (names[2], nullptr);
}

TEST (Schema, LivesAsLongAsItsReferences)
{
  PlSchema *schema = pl_schema_new ();
  pl_schema_add (schema, "a", type_of (PL_INT));
  EXPECT_EQ (pl_schema_ref (schema), schema);
  pl_schema_unref (schema);
  EXPECT_STREQ (schema->fields[0].name, "a");
  pl_schema_unref (schema);
  pl_schema_unref (nullptr);
}
