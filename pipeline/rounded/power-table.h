/* Powers of 2 with exponents from 0 to 511/512. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PL_POWER_PIECES 512

/* 2^(i/512) as a multiple of 2^-25, which has 26 bits, and what is missing. */
extern const double pl_power_high[PL_POWER_PIECES], pl_power_low[PL_POWER_PIECES];

G_END_DECLS
