/* See powers.h. Each width has its own table, as widening on the way would cost what a table is there to save. */
#include "powers.h"

#define TO_18(TEN)                                                                                                     \
  TEN (), TEN (0), TEN (00), TEN (000), TEN (0000), TEN (00000), TEN (000000), TEN (0000000), TEN (00000000),          \
      TEN (000000000), TEN (0000000000), TEN (00000000000), TEN (000000000000), TEN (0000000000000),                   \
      TEN (00000000000000), TEN (000000000000000), TEN (0000000000000000), TEN (00000000000000000),                    \
      TEN (000000000000000000)

#define SHORT(zeros) G_GINT64_CONSTANT (1##zeros)
#define TIMES_10_19(zeros) ((PlInt128) G_GUINT64_CONSTANT (10000000000000000000) * SHORT (zeros))

const gint64 pl_short_powers_of_10[19] = {TO_18 (SHORT)};

const PlInt128 pl_powers_of_10[39] = {TO_18 (SHORT), TO_18 (TIMES_10_19), TIMES_10_19 (000000000000000000) * 10};

const double pl_double_powers_of_10[23] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};
