/* Bringing one output to its place, and back. */
#pragma once
#include "output-private.h"

G_BEGIN_DECLS

/** pl_output_place_all: moves all temporaries of @set to their targets, or none. */
gboolean pl_output_place_all (PlOutputSet *set, GError **error);

G_END_DECLS
