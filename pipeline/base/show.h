/* Text of others (values, names, paths, what programs say) as it may stand in a message or on a terminal. */
#pragma once
#include "buffer.h"

G_BEGIN_DECLS

typedef enum
{
  PL_SHOW_LINE, /* in a message: everything that is not seen as itself is escaped */
  PL_SHOW_CELL, /* in a table for people: the joiners of scripts and emoji stay */
} PlShow;

/** pl_show_append: appends @length bytes of @data, with what could end a line, steer a terminal or turn the order of
 * what is read written as an escape: `\n`, `\r`, `\t`; `\x1b` for other ASCII controls, DEL and bytes that are not
 * UTF-8; `\u202e` for C1 controls, marks of direction, line separators and characters without a width, and in a message
 * for blanks other than that of the space bar. What is escaped already stays as it is. */
void pl_show_append (PlBuffer *out, const char *data, gsize length, PlShow how);
/** pl_show_hides: Returns: whether pl_show_append() escapes @c. */
gboolean pl_show_hides (gunichar c, PlShow how);
/** pl_show: Returns: (transfer full): @text as a message shows it. */
char *pl_show (const char *text);
/** pl_show_some: Returns: (transfer full): the first @most bytes of @data, or a few less, so that no character is cut;
 * with "…" behind them when there is more. */
char *pl_show_some (const char *data, gsize length, gsize most);
/** pl_show_cut: Returns: the greatest length up to @most at which no character of @data, of more than @most bytes, is
 * cut. */
gsize pl_show_cut (const char *data, gsize most);

G_END_DECLS
