/* Puts beside each row of the left input what it finds, where the right input is on disk. */
#pragma once
#include "../../pipeline/base/parallel.h"
#include "disk.h"

G_BEGIN_DECLS

/** pl_join_disk_answer: @lefts: (element-type PlSpill): keys of all rows of a segment below @disk->bound, whose places
 * have PL_JOIN_BEHIND */
gboolean pl_join_disk_answer (PlJoinDisk *disk, GPtrArray *lefts, PlParallel *parallel, GError **error);

G_END_DECLS
