/* A source as bytes, for worker processes. */
#pragma once
#include "source.h"

G_BEGIN_DECLS

/* The wire form: what a process worker needs to read blocks without opening anything but the files. */
void pl_source_save (const PlSource *source, PlBuffer *buffer);
PlSource *pl_source_load (PlCursor *cursor);

G_END_DECLS
