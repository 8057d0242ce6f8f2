/* What inference has seen: see evidence.h. */
#include "evidence.h"
#include "../base/show.h"

#include <string.h>

static void
clear_witness (gpointer witness)
{
  g_free (((PlWitness *) witness)->text);
}

PlEvidence *
pl_evidence_new (guint n)
{
  return g_new0 (PlEvidence, MAX (n, 1));
}

void
pl_evidence_free (PlEvidence *evidence, guint n)
{
  for (guint i = 0; evidence != NULL && i < n; i++)
    g_clear_pointer (&evidence[i].first, g_array_unref);
  g_free (evidence);
}

char *
pl_witness_show (const PlWitness *witness)
{
  return pl_show_some (witness->text, strlen (witness->text), PL_WITNESS_SHOWN);
}

const PlWitness *
pl_evidence_first (const PlEvidence *evidence, PlSeen seen)
{
  for (guint i = 0; evidence->first != NULL && i < evidence->first->len; i++)
    {
      const PlWitness *witness = &g_array_index (evidence->first, PlWitness, i);
      if (witness->seen == (guint) seen)
        return witness;
    }
  return NULL;
}

gboolean
pl_evidence_add (PlEvidence *evidence, PlGuess guess)
{
  guint32 added = guess.seen & ~evidence->guess.seen;
  for (guint32 rest = guess.seen; rest != 0; rest &= rest - 1)
    evidence->counts[__builtin_ctz (rest)]++;
  evidence->guess = pl_guess_join (evidence->guess, guess);
  return added != 0;
}

/* Takes over @witness, or frees it where there is an earlier one. */
static void
add_witness (PlEvidence *evidence, PlWitness witness)
{
  if (evidence->first == NULL)
    {
      evidence->first = g_array_new (FALSE, FALSE, sizeof (PlWitness));
      g_array_set_clear_func (evidence->first, clear_witness);
    }
  for (guint i = 0; i < evidence->first->len; i++)
    {
      PlWitness *known = &g_array_index (evidence->first, PlWitness, i);
      if (known->seen != witness.seen)
        continue;
      if (witness.file < known->file || (witness.file == known->file && witness.line < known->line))
        {
          g_free (known->text);
          *known = witness;
        }
      else
        g_free (witness.text);
      return;
    }
  g_array_append_val (evidence->first, witness);
}

void
pl_evidence_witness (PlEvidence *evidence, PlGuess guess, guint file, guint64 line, PlText text, gboolean is_quoted)
{
  for (guint32 rest = guess.seen; rest != 0; rest &= rest - 1)
    {
      guint seen = (guint) __builtin_ctz (rest);
      if (evidence->counts[seen] == 1)
        add_witness (evidence, (PlWitness){seen, file, line, is_quoted,
                                           g_strndup (text.data, MIN (text.length, PL_WITNESS_SHOWN + 4))});
    }
}

void
pl_evidence_join (PlEvidence *evidence, const PlEvidence *more)
{
  evidence->guess = pl_guess_join (evidence->guess, more->guess);
  for (guint i = 0; i < PL_N_SEEN; i++)
    evidence->counts[i] += more->counts[i];
  for (guint i = 0; more->first != NULL && i < more->first->len; i++)
    {
      PlWitness witness = g_array_index (more->first, PlWitness, i);
      witness.text = g_strdup (witness.text);
      add_witness (evidence, witness);
    }
}
