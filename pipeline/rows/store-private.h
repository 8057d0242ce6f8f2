/* How the records of a store are laid out, for the files that write and read them: store.c and gather.c.
 *
 * A text's length takes one byte, shared with its plain bit: length << 1 | plain. What is longer than that can say has
 * its length in front of the text, as a u32. Where values are kept beside texts, a row that has only its value says so
 * there. */
#pragma once
#include "../memory/chunks.h"
#include "store.h"

G_BEGIN_DECLS

/* Which parts of a column the records hold. */
enum
{
  PL_STORE_PRESENT = 1,
  PL_STORE_VALUES = 2,
  PL_STORE_TEXT = 4,
  PL_STORE_EXACT = 8
};

typedef struct
{
  guint8 parts;
  guint8 width;
  gboolean is_string;
  guint value;  /* offset in the record */
  guint exact;  /* of the mantissa; its scale is the byte behind it */
  guint length; /* of the text's length byte */
  guint null_bit;
} PlStoreSlot;

typedef struct
{
  PlStoreSlot *slots; /* per column */
  guint n_slots;
  gsize bits;    /* offset of the bits */
  gsize n_bits;  /* in bytes */
  gsize lengths; /* offset of the text lengths */
  gsize key;     /* offset of the key: the size of the fixed part */
} PlStoreLayout;

/* As a length byte's length: */
#define PL_STORE_LONG_TEXT 126 /* a u32 stands before the text */
#define PL_STORE_NO_TEXT 127   /* there is none: the value says it all */

struct PlStore
{
  PlSchema *schema;
  PlStoreLayout *layout;
  const PlRecord **records;
  guint64 *prefixes; /* of the keys; NULL: there are none */
  guint64 n_records;
  guint64 capacity;
  PlChunk *chunks; /* the one being filled first */
  PlChunk *spare;  /* emptied ones */
};

/** pl_store_record_size: Returns: bytes of a record of a store. */
static inline gsize
pl_store_record_size (const PlRecord *record)
{
  return (gsize) record->n_words * 8;
}

/** pl_store_reserve: makes room in the index for @n more records. */
void pl_store_reserve (PlStore *store, guint64 n, gboolean has_keys);
/** pl_store_copy_record: appends a record of another store of the same layout; there is room in the index. */
void pl_store_copy_record (PlStore *store, gconstpointer record, gsize size);

G_END_DECLS
