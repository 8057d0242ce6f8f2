/* Sinks of a plan. */
#pragma once
#include "../table/schema.h"
#include "../base/settings.h"
#include "plan.h"

G_BEGIN_DECLS

/** pl_sink_check: reports what the sink of @settings cannot write of rows of @schema. */
void pl_sink_check (const PlSink *sink, const PlSettings *settings, const PlSchema *schema, PlIssues *issues);
/** pl_sink_follow: what the job does not say of @sink follows its sources: where they all have decimal commas, and the
 * delimiter is none, numbers are written with one.
 * @settings: (nullable) */
void pl_sink_follow (PlSink *sink, const PlSettings *settings, gboolean decimal_commas);
/** pl_sink_new: @settings: (nullable): NULL for the implied sink.
 * Returns: (transfer full) (nullable): NULL when something was reported. */
PlSink *pl_sink_new (const PlSettings *settings, const char *folder, gboolean to_terminal, PlIssues *issues);
void pl_sink_free (PlSink *sink);

G_END_DECLS
