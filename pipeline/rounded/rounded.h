/* Exponentials, logarithms and powers, rounded correctly: each result is the double that is nearest to the true value.
 * So every machine gives the same, whatever its C library and its processor can do. */
#pragma once
#include "loops.h"

G_BEGIN_DECLS

/** pl_rounded_map: @function of each of @n numbers @x. @out: (out caller-allocates): apart from @x. Special values are
 * C's: infinity beyond the range, NaN of negative numbers, -infinity for the logarithm of 0. Any thread. */
void pl_rounded_map (PlRoundedFunction function, const double *x, double *out, gsize n);
/** pl_rounded_power: each @x to the power of its @y, as C's pow() has it. @one_x, @one_y: the first one serves all
 * rows. */
void pl_rounded_power (const double *x, gboolean one_x, const double *y, gboolean one_y, double *out, gsize n);
/** pl_rounded_logarithm: ln @x / ln @base, rounded once; NaN where one is not above 0, or the base is 1. */
void pl_rounded_logarithm (const double *x, const double *base, double *out, gsize n);

G_END_DECLS
