/* Errors as bytes: see error-bytes.h. A domain travels by its name, because quarks are numbers of a process. */
#include "error-bytes.h"

void
pl_error_put (PlBuffer *buffer, const GError *error)
{
  pl_buffer_put_u8 (buffer, error != NULL);
  if (error == NULL)
    return;
  pl_buffer_put_string (buffer, g_quark_to_string (error->domain));
  pl_buffer_put_u32 (buffer, (guint32) error->code);
  pl_buffer_put_string (buffer, error->message);
}

GError *
pl_error_get (PlCursor *cursor)
{
  if (pl_cursor_get_u8 (cursor) == 0)
    return NULL;
  g_autofree char *domain = pl_cursor_get_string (cursor);
  int code = (int) pl_cursor_get_u32 (cursor);
  g_autofree char *message = pl_cursor_get_string (cursor);
  return g_error_new_literal (g_quark_from_string (domain != NULL ? domain : "pipeline"), code,
                              message != NULL ? message : "");
}
