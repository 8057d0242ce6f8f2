/* Logarithms of 512 numbers between 1/1.375 and 1/0.6875. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define PL_LOG_PIECES 512

/* Of piece i: c, of at most 17 bits, with |m c - 1| < 0.00098 for every mantissa m of the piece. Around 1 it is 1. */
extern const double pl_log_inverse[PL_LOG_PIECES];
/* -ln c as a multiple of 2^-42, and what is missing. */
extern const double pl_log_high[PL_LOG_PIECES], pl_log_low[PL_LOG_PIECES];

G_END_DECLS
