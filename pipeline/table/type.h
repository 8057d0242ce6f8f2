/* The types a column can have, their names, and the lattice that inference climbs. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* 128-bit integers are a GNU extension, which -Wpedantic is told here, once. */
__extension__ typedef __int128 PlInt128;
__extension__ typedef unsigned __int128 PlUint128;
/* The same where only 8 bytes of alignment are sure. */
typedef PlInt128 PlLooseInt128 __attribute__ ((aligned (8)));
typedef PlUint128 PlLooseUint128 __attribute__ ((aligned (8)));

typedef enum
{
  PL_NULL,      /* nothing but nulls seen; fits everywhere a value may be null */
  PL_BOOL,      /* guint8 0 or 1 */
  PL_INT,       /* gint64 */
  PL_FLOAT,     /* double, and where its text allows, an exact decimal beside it */
  PL_DECIMAL,   /* PlInt128 mantissa, precision <= 38 digits, scale fixed by the type */
  PL_STRING,    /* PlText: UTF-8 bytes */
  PL_DATE,      /* gint32 days since 1970-01-01, proleptic Gregorian, years 0001 to 9999 */
  PL_TIMESTAMP, /* gint64 microseconds since 1970-01-01 00:00:00, UTC where zoned */
} PlTypeKind;

typedef struct
{
  guint8 kind;      /* PlTypeKind */
  guint8 precision; /* decimal: 1 to 38 */
  guint8 scale;     /* decimal: 0 to precision */
  guint8 zoned;     /* timestamp: written with an offset */
} PlType;

#ifdef __cplusplus
/* The tests are C++, which has no compound literals. */
#define PL_TYPE(k) (PlType{static_cast<guint8> (k), 0, 0, 0})
#define PL_TYPE_DECIMAL(p, s) (PlType{PL_DECIMAL, static_cast<guint8> (p), static_cast<guint8> (s), 0})
#else
#define PL_TYPE(k) ((PlType){.kind = (k)})
#define PL_TYPE_DECIMAL(p, s) ((PlType){.kind = PL_DECIMAL, .precision = (p), .scale = (s)})
#endif

static inline gboolean
pl_type_equal (PlType a, PlType b)
{
  return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale && a.zoned == b.zoned;
}

static inline gboolean
pl_type_is_numeric (PlType type)
{
  return type.kind == PL_INT || type.kind == PL_FLOAT || type.kind == PL_DECIMAL;
}

/** pl_type_width: Returns: bytes of one value in PlColumn.values: 1, 4, 8 or 16; 0 for PL_NULL. */
gsize pl_type_width (PlType type);
/** pl_type_name: Returns: (transfer none): "int", "decimal(18,2)", "timestamp", "timestamp with zone" …; interned, any
 * thread. */
const char *pl_type_name (PlType type);
/** pl_type_parse: the names above, and the usual others (integer, bigint, double, real, text, varchar, numeric,
 * boolean, datetime).
 * Returns: %FALSE with PL_JOB_ERROR_BAD_VALUE naming the nearest type. */
gboolean pl_type_parse (const char *text, PlType *type, GError **error);

/** pl_type_join: the narrowest type that holds every text the two hold:
 * null < bool < string; null < int < decimal(38,0) < float < string; null < date < timestamp < string. Commutative,
 * associative, idempotent. */
PlType pl_type_join (PlType a, PlType b);
/** pl_type_promote: the type two operands of `=`, `<`, case, coalesce … meet in, or %FALSE when there is none (int with
 * string). */
gboolean pl_type_promote (PlType a, PlType b, PlType *common);

G_END_DECLS
