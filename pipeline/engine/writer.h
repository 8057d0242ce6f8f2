/* The writer: puts what blocks gave in their order into the outputs. One thread: the one that called pl_run(). */
#pragma once
#include "../io/output.h"
#include "../flow/pool.h"
#include "../flow/segment.h"

G_BEGIN_DECLS

typedef struct PlWriter PlWriter;

/** pl_writer_new: opens every output of @segments' sinks and sources and writes the headers; with %NULL for @segments
 * it only passes blocks on. @waits, @cancelled: as for pl_output_set_heed() */
PlWriter *pl_writer_new (const PlSegments *segments, PlPool *pool, gboolean waits, const gint *cancelled,
                         GError **error);
/** pl_writer_free: what has not been published is discarded. */
void pl_writer_free (PlWriter *writer);
void pl_writer_begin (PlWriter *writer, const PlSegment *segment);
/** pl_writer_take: takes a block in any order; those whose turn has come are written and released.
 * Returns: %FALSE when writing failed at *@position; blocks are still taken and released. */
gboolean pl_writer_take (PlWriter *writer, PlBlock *block, guint64 *position, GError **error);
/** pl_writer_end: @limit: of a source's records only those up to this position count. */
gboolean pl_writer_end (PlWriter *writer, guint64 limit, GError **error);
/** pl_writer_publish: checks max-bad-rows, lays tables out, and publishes all outputs. */
gboolean pl_writer_publish (PlWriter *writer, GError **error);

guint64 pl_writer_blocks (const PlWriter *writer); /* taken in this segment */
/** pl_writer_trace: pl_block_trace() of all blocks taken in this segment. */
guint64 pl_writer_trace (const PlWriter *writer);
guint64 pl_writer_bytes (const PlWriter *writer);         /* of inputs, in the run */
guint64 pl_writer_bytes_written (const PlWriter *writer); /* of outputs */
guint64 pl_writer_rows (const PlWriter *writer);          /* read from sources, in the run */
/** pl_writer_segment_rows: Returns: how many rows the current segment's input gave up to position @limit, G_MAXUINT64:
 * to its end. @n_before: blocks of the segments before. Of segments that may stop early only, where @limit is lower. */
guint64 pl_writer_segment_rows (const PlWriter *writer, guint64 limit, guint64 n_before);
/** pl_writer_source: what was read of the source of @segment. */
void pl_writer_source (const PlWriter *writer, const PlSegment *segment, guint64 *records, guint64 *rejected);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlWriter, pl_writer_free)

G_END_DECLS
