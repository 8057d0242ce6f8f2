/* One exchange with a child: rows go in, as many rows come out.
 *
 *   question   header? row row row …      written while
 *   answers    header? row row row …      are read: neither side ever waits for the other to make room
 *
 * The exchange is over when as many rows as were asked have been answered; that is how both sides know where a block
 * ends, so nothing marks its end. A child that writes its answers only when its input has ended (most filters, and
 * whatever buffers its stdout) is found out: it has read everything, uses no processor, and stays silent. Then its
 * input is closed, which does no harm to one that was only slow; it answers, ends, and the next block gets another. */
#pragma once
#include "../../pipeline/base/child.h"

G_BEGIN_DECLS

typedef enum
{
  PL_ANSWERS_AUTO,   /* found out */
  PL_ANSWERS_BY_ROW, /* while it reads */
  PL_ANSWERS_AT_END, /* when its input has ended */
} PlAnswers;

typedef struct
{
  gboolean is_json;    /* a record ends at a line end; else also not inside quotes */
  gboolean has_header; /* the first record of each child is a header */
  guint64 timeout;     /* microseconds for an exchange; 0: any */
  const char *said;    /* what the timeout is called: "30s" */
  gsize max_record_size;
} PlTalkRules;

typedef enum
{
  PL_TALK_ON,
  PL_TALK_DONE,   /* every row is answered, and the child waits for more */
  PL_TALK_ENDED,  /* every row is answered, and the child has ended well */
  PL_TALK_FAILED, /* see fault; the child is of no use any more */
} PlTalkResult;

typedef struct
{
  /* In. */
  const PlTalkRules *rules;
  PlChild *child;
  const char *header; /* of the question; sent to a child that has not had it */
  gsize header_length;
  const char *question;
  gsize length;
  gsize n_rows;
  PlAnswers answers_when;
  /* Out. */
  PlTalkResult result;
  PlBuffer answers;
  gsize first;  /* where the first row's answer begins in them: behind the header, which this exchange may have read */
  GArray *ends; /* of gsize: behind each whole row */
  gboolean found_out; /* the child answers when its input has ended */
  gboolean was_gone;  /* it had ended before the exchange, which therefore says nothing about these rows */
  gboolean is_late;   /* the fault may be that of an exchange before: its answers cannot be trusted */
  char *fault;        /* (nullable): a clause, as if about a single row: "gave no answer to this row within 30s" */
  /* Private. */
  gsize sent_header, sent, scanned;
  guint8 state; /* within the record that is being read */
  gboolean after_cr, header_is_due;
  gint64 start, last_move, input_ended;
  guint64 processor_time;
} PlTalk;

/** pl_talks_run: carries on @talks, whose in parts are filled (the rest is zero, or left from an earlier exchange), all
 * at once, until every one is over. */
void pl_talks_run (PlTalk *talks, guint n);
void pl_talk_clear (PlTalk *talk);

G_END_DECLS
