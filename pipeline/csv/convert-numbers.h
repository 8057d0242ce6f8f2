/* Columns of ints and floats. Private to csv/. */
#pragma once
#include "cells.h"

G_BEGIN_DECLS

/** pl_convert_ints: Returns: (transfer none): a value a row. */
gint64 *pl_convert_ints (PlCells *cells);
/** pl_convert_floats: fills in what @uses says of @column. */
void pl_convert_floats (PlCells *cells, PlColumn *column, guint uses);

G_END_DECLS
