/* One number at a time: what the loops leave open. */
#pragma once
#include "loops.h"

G_BEGIN_DECLS

/** pl_hard_value: Returns: what C's exp(), log() … would give if they rounded correctly: of any number, of NaN too. */
double pl_hard_value (PlRoundedFunction function, double x);
/** pl_hard_power: as C's pow(). */
double pl_hard_power (double x, double y);
/** pl_hard_logarithm: ln @x / ln @base, rounded once. NaN where one of them is not above 0, or @base is 1. */
double pl_hard_logarithm (double x, double base);
/** pl_hard_leave: frees what those above have kept for the calling thread, which ends without knowing of it. */
void pl_hard_leave (void);

G_END_DECLS
