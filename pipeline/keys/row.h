/* Rows of key words, one by one. */
#pragma once
#include "layout.h"

G_BEGIN_DECLS

/** pl_key_keep: makes the long texts of @row copies in @heap. */
void pl_key_keep (const PlKeyLayout *layout, guint64 *row, PlArena *heap);
/* The wire form of one row. pl_key_load() takes long texts into @heap. */
void pl_key_save (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer);
gboolean pl_key_load (const PlKeyLayout *layout, guint64 *row, PlArena *heap, PlCursor *cursor);

/** pl_key_order: Returns: <0, 0, >0: an order of the keys themselves, of no meaning but the same wherever they
 * stand. */
int pl_key_order (const PlKeyLayout *layout, const guint64 *a, const guint64 *b);
/** pl_key_put_order: appends bytes that compare, with memcmp(), as pl_key_order() does. */
void pl_key_put_order (const PlKeyLayout *layout, const guint64 *row, PlBuffer *buffer);
/** pl_key_equal_slow: for rows whose words differ. */
gboolean pl_key_equal_slow (const PlKeyLayout *layout, const guint64 *a, const guint64 *b);

G_END_DECLS
