/* Guesses of types: see guess.h. */
#include "guess.h"
#include "parse.h"

#include <string.h>

#define MAX_DECIMAL_DIGITS 38

#define BIT(seen) (1u << (seen))
#define CODES (BIT (PL_SEEN_CODE) | BIT (PL_SEEN_CODE_UPPER) | BIT (PL_SEEN_CODE_ODD))
#define NUMBERS (BIT (PL_SEEN_INT) | BIT (PL_SEEN_BIG) | BIT (PL_SEEN_FLOAT) | CODES | BIT (PL_SEEN_SPECIAL))
#define TIMES (BIT (PL_SEEN_DATE) | BIT (PL_SEEN_TIMESTAMP) | BIT (PL_SEEN_ZONED))
#define FORMATTED_TIMES                                                                                                \
  (BIT (PL_SEEN_FORMATTED_DATE) | BIT (PL_SEEN_FORMATTED_TIMESTAMP) | BIT (PL_SEEN_FORMATTED_ZONED))
#define VALUES (BIT (PL_SEEN_BOOL) | NUMBERS | TIMES | BIT (PL_SEEN_TEXT))

static PlGuess
guess_of (PlSeen seen)
{
  return (PlGuess){.seen = BIT (seen)};
}

/* A text of a kind. */
static PlGuess
guess_text (PlSeen kind)
{
  return (PlGuess){.seen = BIT (PL_SEEN_TEXT) | BIT (kind)};
}

/* What no other type begins with, which most texts do, is told by its first byte: digits, signs and points begin
 * numbers and dates, the letters are those of true, false, nan and inf. */
static gboolean
may_be_value (char first)
{
  switch (first)
    {
    case '+':
    case '-':
    case '.':
    case 'T':
    case 't':
    case 'F':
    case 'f':
    case 'N':
    case 'n':
    case 'I':
    case 'i':
      return TRUE;
    default:
      return g_ascii_isdigit (first);
    }
}

/* Zeros that @data ends in. */
static guint8
count_zeros (const char *data, gsize length)
{
  gsize n = 0;
  while (n < length && data[length - 1 - n] == '0')
    n++;
  return (guint8) MIN (n, 254);
}

/* Digits, e, digits. What programs print has no zero at the end of its digits, and none before those of the exponent,
 * so that no two of their texts are one number. */
static PlGuess
guess_code (const char *data, gsize length, const PlNumberShape *shape)
{
  const char *e = memchr (data, 'e', length);
  gboolean is_upper = e == NULL;
  e = is_upper ? memchr (data, 'E', length) : e;
  const char *exponent = e + 1, *end = data + length;
  if (shape->significant == 0 && shape->exponent != 0)
    return guess_text (PL_SEEN_CODE_ZERO);
  gboolean is_odd = (shape->significant > 0 && e[-1] == '0') || (end - exponent > 1 && *exponent == '0');
  PlGuess guess = guess_of (is_odd ? PL_SEEN_CODE_ODD : is_upper ? PL_SEEN_CODE_UPPER : PL_SEEN_CODE);
  guess.power = (guint8) (255 - MIN (shape->exponent, 254));
  return guess;
}

static PlGuess
guess_number (const char *data, gsize length)
{
  PlNumberShape shape;
  double number;
  gint64 whole;
  PlGuess guess = {0};
  if (!pl_number_shape (data, length, &shape))
    return guess_of (pl_parse_float (data, length, &number) ? PL_SEEN_SPECIAL : PL_SEEN_TEXT);
  if (!shape.has_point && !shape.has_exponent)
    {
      gboolean is_int = pl_parse_int (data, length, &whole);
      if (!is_int && shape.written > MAX_DECIMAL_DIGITS)
        return guess_text (PL_SEEN_HUGE);
      guess = guess_of (is_int ? PL_SEEN_INT : PL_SEEN_BIG);
      guess.zeros = count_zeros (data, length);
    }
  else if (shape.has_exponent && !shape.has_point && !shape.signed_exponent)
    guess = guess_code (data, length, &shape);
  else
    guess = guess_of (PL_SEEN_FLOAT);
  guess.whole = (guint8) MIN (shape.whole, 255);
  guess.fraction = (guint8) MIN (shape.fraction, 255);
  if (pl_number_is_short (&shape))
    return guess;
  if (!pl_parse_float (data, length, &number))
    return guess_text (PL_SEEN_HUGE);
  if (!pl_number_is_double (&shape, number))
    guess.seen |= BIT (PL_SEEN_LONG);
  return guess;
}

PlGuess
pl_guess_text (const char *data, gsize length)
{
  guint8 truth;
  gint32 days;
  gint64 microseconds;
  gboolean zoned;
  if (length == 0)
    return guess_of (PL_SEEN_EMPTY);
  if (!may_be_value (*data))
    return guess_of (PL_SEEN_TEXT);
  /* No other type has a dash or a slash in the fifth place of ten and more, but for an exponent's. */
  if (length >= 10 && (data[4] == '-' || data[4] == '/'))
    {
      if (pl_parse_date (data, length, &days))
        return guess_of (PL_SEEN_DATE);
      if (pl_parse_timestamp (data, length, &microseconds, &zoned))
        {
          PlGuess guess = guess_of (zoned ? PL_SEEN_ZONED : PL_SEEN_TIMESTAMP);
          if (pl_timestamp_is_fine (data, length))
            guess.seen |= BIT (PL_SEEN_FINE);
          return guess;
        }
    }
  if (pl_parse_bool (data, length, &truth))
    return guess_of (PL_SEEN_BOOL);
  return guess_number (data, length);
}

/* Whether two texts of a column may be one number, of which one has an exponent and none is surely a number. */
static gboolean
are_codes (PlGuess guess)
{
  guint32 seen = guess.seen;
  if (!pl_guess_has_codes (guess))
    return FALSE;
  gboolean is_whole = (seen & (BIT (PL_SEEN_INT) | BIT (PL_SEEN_BIG))) != 0;
  return (seen & BIT (PL_SEEN_CODE_ODD)) != 0 || (seen & CODES) == (BIT (PL_SEEN_CODE) | BIT (PL_SEEN_CODE_UPPER))
         || (is_whole && guess.zeros + guess.power >= 255);
}

/* A column of numbers only. */
static PlType
type_of_numbers (PlGuess guess)
{
  guint32 seen = guess.seen;
  gboolean is_whole = (seen & NUMBERS & ~(BIT (PL_SEEN_INT) | BIT (PL_SEEN_BIG))) == 0;
  if (is_whole)
    return (seen & BIT (PL_SEEN_BIG)) == 0 ? PL_TYPE (PL_INT) : PL_TYPE_DECIMAL (MAX_DECIMAL_DIGITS, 0);
  if (are_codes (guess))
    return PL_TYPE (PL_STRING);
  if ((seen & BIT (PL_SEEN_LONG)) == 0)
    return PL_TYPE (PL_FLOAT);
  if ((seen & BIT (PL_SEEN_SPECIAL)) != 0 || guess.whole + guess.fraction > MAX_DECIMAL_DIGITS)
    return PL_TYPE (PL_STRING);
  return PL_TYPE_DECIMAL (MAX_DECIMAL_DIGITS, guess.fraction);
}

/* A column of ISO's dates and timestamps. A time without an offset does not say when it was: beside zoned ones, both
 * stay text. */
static PlType
type_of_times (guint32 seen, PlSeen date, PlSeen timestamp, PlSeen zoned)
{
  gboolean is_zoned = (seen & BIT (zoned)) != 0;
  if ((seen & BIT (PL_SEEN_FINE)) != 0 || (is_zoned && (seen & (BIT (date) | BIT (timestamp))) != 0))
    return PL_TYPE (PL_STRING);
  if (is_zoned)
    return (PlType){.kind = PL_TIMESTAMP, .zoned = 1};
  return PL_TYPE ((seen & BIT (timestamp)) != 0 ? PL_TIMESTAMP : PL_DATE);
}

static guint
n_groups (guint32 seen)
{
  return ((seen & BIT (PL_SEEN_BOOL)) != 0) + ((seen & NUMBERS) != 0) + ((seen & TIMES) != 0);
}

/* Without formats. */
static PlType
type_of_seen (PlGuess guess)
{
  guint32 seen = guess.seen;
  if ((seen & VALUES) == 0)
    return PL_TYPE ((seen & BIT (PL_SEEN_EMPTY)) != 0 ? PL_STRING : PL_NULL);
  if ((seen & BIT (PL_SEEN_TEXT)) != 0 || n_groups (seen) > 1)
    return PL_TYPE (PL_STRING);
  if ((seen & BIT (PL_SEEN_BOOL)) != 0)
    return PL_TYPE (PL_BOOL);
  if ((seen & NUMBERS) != 0)
    return type_of_numbers (guess);
  return type_of_times (seen, PL_SEEN_DATE, PL_SEEN_TIMESTAMP, PL_SEEN_ZONED);
}

PlType
pl_guess_type (PlGuess guess, const PlGuessStyle *style, guint16 *reads)
{
  guint16 none;
  reads = reads != NULL ? reads : &none;
  *reads = 0;
  PlType type = type_of_seen (guess);
  if (style->formats == 0 || (guess.seen & VALUES) == 0)
    return type;
  guint fitting = style->formats & ~(guint) guess.misread;
  if ((fitting & PL_FORMAT_OF_BOOLS) != 0)
    return PL_TYPE (PL_BOOL);
  /* The first format that reads all of them. */
  if (fitting != 0)
    {
      guint first = fitting & (0 - fitting);
      *reads = (guint16) first;
      if (pl_guess_has (guess, PL_SEEN_FINE))
        return PL_TYPE (PL_STRING);
      return (PlType){.kind = (style->timed & first) != 0 ? PL_TIMESTAMP : PL_DATE,
                      .zoned = (style->zoned & first) != 0};
    }
  const guint32 others = BIT (PL_SEEN_UNREAD) | BIT (PL_SEEN_FORMATTED_BOOL);
  if (type.kind != PL_STRING || (guess.seen & others) != 0 || (guess.seen & FORMATTED_TIMES) == 0)
    return type;
  *reads = style->formats & (guint16) ~PL_FORMAT_OF_BOOLS;
  return type_of_times (guess.seen, PL_SEEN_FORMATTED_DATE, PL_SEEN_FORMATTED_TIMESTAMP, PL_SEEN_FORMATTED_ZONED);
}

PlType
pl_guess_without (PlGuess guess, const PlGuessStyle *style, PlSeen seen)
{
  guess.seen &= ~(BIT (seen) | BIT (PL_SEEN_UNREAD));
  if (seen == PL_SEEN_HUGE || seen == PL_SEEN_CODE_ZERO)
    guess.seen &= ~BIT (PL_SEEN_TEXT);
  /* Of which texts those are that true-values and false-values do not name, `misread` does not say. */
  if (seen == PL_SEEN_UNREAD && pl_guess_has (guess, PL_SEEN_FORMATTED_BOOL) && (guess.seen & FORMATTED_TIMES) == 0)
    return PL_TYPE (PL_BOOL);
  return pl_guess_type (guess, style, NULL);
}

gboolean
pl_guess_is_open (PlGuess guess, const PlGuessStyle *style)
{
  for (guint i = 0; i < PL_N_SEEN; i++)
    {
      /* A number of no digits takes no room. */
      PlGuess more = pl_guess_join (guess, guess_of (i));
      if (pl_guess_type (guess, style, NULL).kind == PL_STRING && pl_guess_type (more, style, NULL).kind != PL_STRING)
        return TRUE;
    }
  return FALSE;
}

/* Of several groups of values, one of the smallest. */
static gint
rarest_group (guint32 seen, const guint64 *counts)
{
  static const guint32 groups[] = {BIT (PL_SEEN_BOOL), NUMBERS, TIMES};
  guint64 fewest = G_MAXUINT64;
  gint rarest = -1;
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      guint64 n = 0;
      gint most = -1;
      for (gint j = 0; j < PL_N_SEEN; j++)
        if ((seen & groups[i] & BIT (j)) != 0)
          {
            n += counts[j];
            most = most < 0 || counts[j] > counts[most] ? j : most;
          }
      if (most < 0 || n >= fewest)
        continue;
      fewest = n;
      rarest = most;
    }
  return rarest;
}

/* In a column of dates or bools as the source writes them: what kept it from being one, or -1. */
static gint
reason_of_style (guint32 seen, const guint64 *counts)
{
  guint64 times
      = counts[PL_SEEN_FORMATTED_DATE] + counts[PL_SEEN_FORMATTED_TIMESTAMP] + counts[PL_SEEN_FORMATTED_ZONED];
  guint64 bools = counts[PL_SEEN_FORMATTED_BOOL], unread = counts[PL_SEEN_UNREAD];
  if (unread > times + bools || times + bools == 0)
    return -1;
  if (unread > 0)
    return PL_SEEN_UNREAD;
  if (bools > 0)
    return bools <= times                               ? PL_SEEN_FORMATTED_BOOL
           : (seen & BIT (PL_SEEN_FORMATTED_DATE)) != 0 ? PL_SEEN_FORMATTED_DATE
                                                        : PL_SEEN_FORMATTED_TIMESTAMP;
  return counts[PL_SEEN_FORMATTED_ZONED] * 2 <= times      ? PL_SEEN_FORMATTED_ZONED
         : (seen & BIT (PL_SEEN_FORMATTED_TIMESTAMP)) != 0 ? PL_SEEN_FORMATTED_TIMESTAMP
                                                           : PL_SEEN_FORMATTED_DATE;
}

gint
pl_guess_reason (PlGuess guess, const PlGuessStyle *style, const guint64 *counts)
{
  PlType type = pl_guess_type (guess, style, NULL);
  if (type.kind == PL_DECIMAL && (guess.seen & (BIT (PL_SEEN_FLOAT) | CODES)) != 0)
    return PL_SEEN_LONG;
  if (type.kind != PL_STRING || (guess.seen & VALUES) == 0)
    return -1;
  if (pl_guess_has (guess, PL_SEEN_FINE))
    return PL_SEEN_FINE;
  gint reason = style->formats == 0 ? -1 : reason_of_style (guess.seen, counts);
  if (reason >= 0)
    return reason;
  for (guint kind = PL_SEEN_HUGE; kind <= PL_SEEN_CODE_ZERO; kind++)
    if (pl_guess_has (guess, (PlSeen) kind) && counts[kind] == counts[PL_SEEN_TEXT])
      return (gint) kind;
  if (pl_guess_has (guess, PL_SEEN_TEXT))
    return PL_SEEN_TEXT;
  if (n_groups (guess.seen) > 1)
    return rarest_group (guess.seen, counts);
  if ((guess.seen & TIMES) != 0)
    return counts[PL_SEEN_ZONED] * 2 > counts[PL_SEEN_ZONED] + counts[PL_SEEN_TIMESTAMP] + counts[PL_SEEN_DATE]
               ? (pl_guess_has (guess, PL_SEEN_TIMESTAMP) ? PL_SEEN_TIMESTAMP : PL_SEEN_DATE)
               : PL_SEEN_ZONED;
  if (!are_codes (guess))
    return PL_SEEN_LONG;
  return pl_guess_has (guess, PL_SEEN_CODE_ODD)     ? PL_SEEN_CODE_ODD
         : pl_guess_has (guess, PL_SEEN_CODE_UPPER) ? PL_SEEN_CODE_UPPER
                                                    : PL_SEEN_CODE;
}
