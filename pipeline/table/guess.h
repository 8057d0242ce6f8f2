/* What the texts of a column have been so far, and the type that follows from it.
 *
 * A guess is a set: joining two of them is commutative, associative and idempotent, so that neither workers nor the
 * order of blocks matter. A guessed type holds every text exactly as far as equality, order and printing go:
 *
 *   9007199254740993, 0.5     decimal(38,1): as doubles, 9007199254740992 would be the same
 *   0.12345678901234567890    decimal(38,19); string, where a column needs more than 38 digits
 *   0E1                       string: a zero with an exponent is a code
 *   12E3 beside 12000         string, too, and 1E5 beside 10E4 or 1e5; unless others have a point or a signed exponent,
 *                             so that all of them are numbers
 *   …30.123456789             string: a timestamp has microseconds
 *
 * A quoted empty text says nothing beside values; where there are no values, it is what the column holds. */
#pragma once
#include "type.h"

G_BEGIN_DECLS

typedef enum
{
  PL_SEEN_EMPTY,      /* a quoted empty text */
  PL_SEEN_BOOL,       /* true, false */
  PL_SEEN_INT,        /* a whole number of 64 bits */
  PL_SEEN_BIG,        /* one of up to 38 digits */
  PL_SEEN_FLOAT,      /* a number with a point or a signed exponent */
  PL_SEEN_CODE,       /* digits, e, digits: a number, unless another text is the same one */
  PL_SEEN_CODE_UPPER, /* the same with E */
  PL_SEEN_CODE_ODD,   /* the same in a way no program prints: 10e4, 1E05 */
  PL_SEEN_SPECIAL,    /* nan, inf */
  PL_SEEN_LONG,       /* besides one of the above: a number whose double is written with other digits */
  PL_SEEN_DATE,       /* in ISO's form, as the next ones */
  PL_SEEN_TIMESTAMP,  /* without a zone */
  PL_SEEN_ZONED,
  PL_SEEN_FINE, /* besides: finer than a microsecond */
  PL_SEEN_TEXT, /* none of these */
  /* Of columns with date formats, true-values or false-values, one of these besides: what the first of them that reads
   * the text says it is, or ISO. */
  PL_SEEN_UNREAD, /* none of them, nor ISO */
  PL_SEEN_FORMATTED_DATE,
  PL_SEEN_FORMATTED_TIMESTAMP,
  PL_SEEN_FORMATTED_ZONED,
  PL_SEEN_FORMATTED_BOOL,
  PL_SEEN_HUGE,      /* besides PL_SEEN_TEXT: a number that no type holds */
  PL_SEEN_CODE_ZERO, /* besides PL_SEEN_TEXT: a zero with an exponent, 0E1 */
  PL_N_SEEN
} PlSeen;

/* So many date formats can be told apart; the bit behind theirs in `misread` is of true-values and false-values. */
#define PL_MAX_FORMATS 15
#define PL_FORMAT_OF_BOOLS (1u << PL_MAX_FORMATS)

typedef struct
{
  guint32 seen;           /* bit i: PlSeen i */
  guint16 misread;        /* bit i: date format i does not read all texts */
  guint8 whole, fraction; /* most digits before and behind the point of a number; up to 255 */
  guint8 zeros;           /* most zeros that a whole number ends in */
  guint8 power;           /* 255 - the least exponent of a code */
} PlGuess;

/* How the texts of a column may be read, beside the forms of parse.h. */
typedef struct
{
  guint16 formats; /* bit i: date format i; PL_FORMAT_OF_BOOLS: there are true-values or false-values */
  guint16 timed;   /* bit i: format i gives timestamps, */
  guint16 zoned;   /* bit i: with a zone */
} PlGuessStyle;

static inline gboolean
pl_guess_has (PlGuess guess, PlSeen seen)
{
  return (guess.seen >> seen & 1) != 0;
}

/** pl_guess_is_number: of one text */
static inline gboolean
pl_guess_is_number (PlGuess guess)
{
  return (guess.seen >> PL_SEEN_INT & 127) != 0;
}

/** pl_guess_has_codes: Returns: whether it holds digits, e, digits, and no number beyond doubt: then any number may be
 * the same one as another. */
static inline gboolean
pl_guess_has_codes (PlGuess guess)
{
  return (guess.seen >> PL_SEEN_CODE & 7) != 0 && !pl_guess_has (guess, PL_SEEN_FLOAT);
}

/** pl_guess_formatted: the PlSeen bit of a text that no date format reads, in a column that has some. */
static inline guint32
pl_guess_formatted (PlGuess guess)
{
  return 1u << (pl_guess_has (guess, PL_SEEN_DATE)        ? PL_SEEN_FORMATTED_DATE
                : pl_guess_has (guess, PL_SEEN_TIMESTAMP) ? PL_SEEN_FORMATTED_TIMESTAMP
                : pl_guess_has (guess, PL_SEEN_ZONED)     ? PL_SEEN_FORMATTED_ZONED
                                                          : PL_SEEN_UNREAD);
}

static inline PlGuess
pl_guess_join (PlGuess a, PlGuess b)
{
  a.seen |= b.seen;
  a.misread |= b.misread;
  a.whole = MAX (a.whole, b.whole);
  a.fraction = MAX (a.fraction, b.fraction);
  a.zeros = MAX (a.zeros, b.zeros);
  a.power = MAX (a.power, b.power);
  return a;
}

/** pl_guess_text: what @data is, when nobody has said; its one bit of PlSeen, and those that stand besides. */
PlGuess pl_guess_text (const char *data, gsize length);
/** pl_guess_type: the narrowest type that holds all texts of @guess; %PL_NULL of none.
 * @reads: (optional) (out): the formats that read a date or timestamp, in their order, ISO behind them; 0: ISO alone
 */
PlType pl_guess_type (PlGuess guess, const PlGuessStyle *style, guint16 *reads);
/** pl_guess_without: the type without the texts of kind @seen, which pl_guess_reason() has given. */
PlType pl_guess_without (PlGuess guess, const PlGuessStyle *style, PlSeen seen);
/** pl_guess_is_open: Returns: whether its type is a string, and texts to come could make it a narrower one. */
gboolean pl_guess_is_open (PlGuess guess, const PlGuessStyle *style);
/** pl_guess_reason: what made pl_guess_type() choose a string or a decimal in place of a narrower type.
 * @counts: PL_N_SEEN numbers of values
 * Returns: the PlSeen whose first value decided, or -1: nothing did. */
gint pl_guess_reason (PlGuess guess, const PlGuessStyle *style, const guint64 *counts);

G_END_DECLS
