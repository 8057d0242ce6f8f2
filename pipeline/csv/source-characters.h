/* The characters of a dialect: delimiter, quote, escape, comment, thousands. Private to source-*.c. */
#pragma once
#include "source-private.h"

G_BEGIN_DECLS

/** pl_source_read_characters: what [source] says of them; mistakes become issues. */
void pl_source_read_characters (PlDialect *dialect, const PlSourceOptions *options);
/** pl_source_check_characters: reports those of the whole dialect that mean two things at once. */
void pl_source_check_characters (const PlDialect *dialect, const PlSourceOptions *options);

G_END_DECLS
