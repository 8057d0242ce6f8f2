/* Words from outside that the user should see while a run goes on, such as what child processes write to stderr.
 *
 * Library code does not print; the program says once what is to be done with them. Until then they are dropped. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** pl_notice_handle: @handler: (nullable): gets every notice, from any thread. Before any thread is started. */
void pl_notice_handle (void (*handler) (const char *text));
void pl_notice (const char *format, ...) G_GNUC_PRINTF (1, 2);

G_END_DECLS
