/* What map stages ask (PlStage.build), on its way to worker processes: each index as bytes in a sealed memfd, whose
 * descriptor is sent, and of which every process makes a copy for itself. */
#pragma once
#include "../base/buffer.h"
#include "../flow/segment.h"

G_BEGIN_DECLS

typedef struct PlIndices PlIndices;

/** pl_indices_new: Returns: (transfer full): those that steps of @segment ask; none, for most. */
PlIndices *pl_indices_new (const PlSegment *segment, GError **error);
void pl_indices_free (PlIndices *indices);
/** pl_indices_send: @indices: (nullable). Returns: %FALSE when the other end is gone. */
gboolean pl_indices_send (const PlIndices *indices, int socket);
/** pl_indices_take: in the worker process. Gives the index of @message to its step, which keeps one it has.
 * @indices: (element-type PlRows): who owns it, until @segments are gone
 * @fd: its bytes; stays the caller's
 *
 * Returns: whether it is one. */
gboolean pl_indices_take (PlSegments *segments, GPtrArray *indices, const PlBuffer *message, int fd);

G_END_DECLS
