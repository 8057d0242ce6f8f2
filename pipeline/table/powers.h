/* Powers of ten in each width that scaled numbers are computed in: the one place where they are written down. */
#pragma once
#include "type.h"

G_BEGIN_DECLS

/* 10^0 … 10^38: all that 128 bits hold. */
extern const PlInt128 pl_powers_of_10[39];
/* 10^0 … 10^18: all that 64 bits hold. */
extern const gint64 pl_short_powers_of_10[19];
/* 10^0 … 10^22: all that doubles hold exactly, so that one multiplication or division by them rounds once. */
extern const double pl_double_powers_of_10[23];

G_END_DECLS
