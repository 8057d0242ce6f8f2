/* Records of which only some fields are wanted, or none. Private to csv/. */
#pragma once
#include "records-shape.h"

G_BEGIN_DECLS

/** pl_records_want: from now on only fields with @wanted[field] are asked for. Called behind pl_records_open(), before
 * the next round. */
void pl_records_want (PlRecords *records, const gboolean *wanted);
/** pl_records_survey: pl_csv_survey(), which finds records on its way: those of the span that is opened next, when it
 * begins where a block without quotes says. What is wanted has been said, of a file with as many fields.
 * @ahead: bytes of the file behind @length, for the end of the last record; 64 readable ones stand behind them */
void pl_records_survey (PlRecords *records, const char *data, gsize length, gsize ahead, gint before, PlSurvey *survey);
/** pl_records_find: looks for the wanted entries of a round, or counts all records that are left.
 * Returns: %FALSE when nothing could be had this way. */
gboolean pl_records_find (PlRecords *records);
/** pl_records_give: a round of the rows that have been found. */
void pl_records_give (PlRecords *records);

G_END_DECLS
