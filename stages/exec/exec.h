/* What the files of the exec stage know together.
 *
 *   batch ──► question (CSV or JSON lines) ──► children of the pool ──► answers, a record a row ──► columns
 *             run.c                       pool.c, talk.c              answer.c, json.c
 */
#pragma once
#include "../../pipeline/format/format.h"
#include "pool.h"
#include "talk.h"

G_BEGIN_DECLS

/* What is found out while a run goes on, by any worker. */
typedef struct
{
  gint answers_at_end; /* atomic: it has been seen to answer only when its input had ended */
  gint comes_up;       /* atomic: it has been seen to start and end without a row */
} PlExecFindings;

typedef struct
{
  PlChildCommand command;
  PlChildPool *pool;
  PlExecFindings *findings;
  PlTalkRules rules;
  char *timeout_said;
  PlAnswers answers;
  guint retries;
  guint n_processes; /* in all; 0: one a worker */
  guint share;       /* children a worker asks at once */
  PlFormatOptions format;
  PlBuffer header;             /* of questions */
  guint *sent;                 /* the columns of the input that are sent */
  PlSchema *question;          /* they */
  PlSchema *answer;            /* what comes back */
  gboolean answer_is_question; /* neither columns nor append is said */
  guint8 *answer_uses;         /* PlUse, from require() */
  PlSchema *output;
  gint *fields; /* per column of the output: a column of the input, or -1 - a column of the answer */
} PlExecConfig;

G_END_DECLS
