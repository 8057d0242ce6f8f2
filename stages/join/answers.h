/* One worker's place in the answers (disk.h), which it reads on in as its rows pass. */
#pragma once
#include "disk.h"
#include "output.h"

G_BEGIN_DECLS

typedef struct
{
  const PlJoinDisk *disk;
  const PlRecord *null;  /* what stands beside a row that finds nothing, where it goes on */
  PlSpillMerge *reading; /* (nullable): the answers: what is next belongs to rows from @from on */
  guint64 from;
  PlArena *arena; /* records that wait for the output */
  gsize bytes;    /* of them */
} PlJoinAnswers;

void pl_join_answers_init (PlJoinAnswers *answers, const PlJoinDisk *disk, const PlRecord *null);
void pl_join_answers_clear (PlJoinAnswers *answers);
/** pl_join_answers_check: Returns: %FALSE with @batch->failed_row set, where a row of it has not been answered. */
gboolean pl_join_answers_check (const PlJoinAnswers *answers, PlBatch *batch, GError **error);
/** pl_join_answers_give: gives what the rows of @output's batch become; it is empty. */
gboolean pl_join_answers_give (PlJoinAnswers *answers, PlJoinOutput *output, GError **error);

G_END_DECLS
