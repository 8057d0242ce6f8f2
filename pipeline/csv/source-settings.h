/* The keys of a source. */
#pragma once
#include "source-private.h"
#include "source.h"

G_BEGIN_DECLS

/** pl_source_read_settings: fills @source (but schema and files) and @options; mistakes go to options->issues. */
void pl_source_read_settings (PlSource *source, PlSourceOptions *options);
void pl_source_options_clear (PlSourceOptions *options);
/** pl_source_keys: Returns: (transfer none): the documented keys of [source], ended by a NULL name. */
const PlSettingKey *pl_source_keys (void);

G_END_DECLS
