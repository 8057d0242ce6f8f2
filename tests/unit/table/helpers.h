/* What the tests of this folder share: types and columns without C's compound literals. */
#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "../../../pipeline/table/batch.h"

static inline PlType
type_of (PlTypeKind kind)
{
  PlType type = {};
  type.kind = kind;
  return type;
}

static inline PlType
decimal_of (guint precision, guint scale)
{
  PlType type = type_of (PL_DECIMAL);
  type.precision = static_cast<guint8> (precision);
  type.scale = static_cast<guint8> (scale);
  return type;
}

static inline PlType
zoned_timestamp ()
{
  PlType type = type_of (PL_TIMESTAMP);
  type.zoned = 1;
  return type;
}

static inline PlText
text_of (const char *string)
{
  PlText text = {string, static_cast<guint32> (strlen (string)), 0};
  return text;
}

/* Asserts the error word for word and frees it. */
static inline void
expect_error (GError **error, GQuark domain, int code, const char *message)
{
  ASSERT_NE (*error, nullptr) << message;
  EXPECT_TRUE (g_error_matches (*error, domain, code));
  EXPECT_STREQ ((*error)->message, message);
  g_clear_error (error);
}
