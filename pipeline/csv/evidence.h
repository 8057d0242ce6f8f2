/* What inference has seen of a column: how many values of each kind, and the first of each, by which a type explains
 * itself. Evidence of several workers, of other rows each, adds up. */
#pragma once
#include "../table/column.h"
#include "../table/guess.h"

G_BEGIN_DECLS

/* The first value of a kind. */
typedef struct
{
  guint seen;   /* PlSeen */
  guint file;   /* index into source->files */
  guint64 line; /* 0: the value is of the file's path */
  gboolean is_quoted;
  char *text; /* as it stands; a little more of it than a message shows */
} PlWitness;

typedef struct
{
  PlGuess guess;
  gboolean is_closed;        /* nobody looks at the column (any more) */
  gboolean is_sample;        /* of a few rows, in their order */
  guint64 counts[PL_N_SEEN]; /* values */
  GArray *first;             /* (nullable): of PlWitness */
} PlEvidence;

/* Longest part of a value, or of a name, shown in a message. */
#define PL_WITNESS_SHOWN 64

/** pl_evidence_new: Returns: (transfer full): of @n columns, for pl_evidence_free() */
PlEvidence *pl_evidence_new (guint n);
void pl_evidence_free (PlEvidence *evidence, guint n);
/** pl_evidence_add: a value; they come in their order.
 * Returns: whether it is the first of a kind: then pl_evidence_witness() is to follow. */
gboolean pl_evidence_add (PlEvidence *evidence, PlGuess guess);
void pl_evidence_witness (PlEvidence *evidence, PlGuess guess, guint file, guint64 line, PlText text,
                          gboolean is_quoted);
/** pl_evidence_join: adds @more, of other rows. */
void pl_evidence_join (PlEvidence *evidence, const PlEvidence *more);
/** pl_witness_show: Returns: (transfer full): its text as a message shows it. */
char *pl_witness_show (const PlWitness *witness);
/** pl_evidence_first: Returns: (transfer none) (nullable): the first value of a kind. */
const PlWitness *pl_evidence_first (const PlEvidence *evidence, PlSeen seen);

/** pl_evidence_add_int: a short whole number, not the first one. */
static inline void
pl_evidence_add_int (PlEvidence *evidence, const char *data, gsize length)
{
  guint8 zeros = 0;
  while (zeros < length && G_UNLIKELY (data[length - 1 - zeros] == '0'))
    zeros++;
  evidence->guess.zeros = MAX (evidence->guess.zeros, zeros);
  evidence->guess.whole = (guint8) MAX (evidence->guess.whole, length);
  evidence->counts[PL_SEEN_INT]++;
}

/** pl_evidence_add_float: a short number with a point, not the first one; @whole, @fraction: as in #PlNumberShape */
static inline void
pl_evidence_add_float (PlEvidence *evidence, gsize whole, guint8 fraction)
{
  evidence->guess.whole = (guint8) MAX (evidence->guess.whole, whole);
  evidence->guess.fraction = MAX (evidence->guess.fraction, fraction);
  evidence->counts[PL_SEEN_FLOAT]++;
}

G_END_DECLS
