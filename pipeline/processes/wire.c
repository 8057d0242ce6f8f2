/* Framing of messages: see wire.h. */
#include "wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC 0x506c5731u

typedef struct
{
  guint32 magic;
  guint32 kind;
  guint64 length;
} Header;

static gboolean
send_all (int socket, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = send (socket, data, length, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
receive_all (int socket, char *data, gsize length)
{
  while (length > 0)
    {
      gssize n = recv (socket, data, length, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

gboolean
pl_wire_send (int socket, PlMessageKind kind, const PlBuffer *payload, int pass_fd)
{
  Header header = {MAGIC, kind, payload != NULL ? payload->length : 0};
  struct iovec parts[] = {{&header, sizeof header}, {header.length > 0 ? payload->data : NULL, header.length}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts)};
  union
  {
    char space[CMSG_SPACE (sizeof (int))];
    struct cmsghdr align;
  } control = {0};
  gssize n;
  if (pass_fd >= 0)
    {
      message.msg_control = control.space;
      message.msg_controllen = sizeof control.space;
      struct cmsghdr *rights = CMSG_FIRSTHDR (&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (rights), &pass_fd, sizeof (int));
    }
  do
    n = sendmsg (socket, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return FALSE;
  gsize sent = (gsize) n, of_header = MIN (sent, sizeof header), of_payload = sent - of_header;
  return send_all (socket, (const char *) &header + of_header, sizeof header - of_header)
         && send_all (socket, header.length > 0 ? payload->data + of_payload : NULL, header.length - of_payload);
}

gboolean
pl_wire_receive (int socket, PlMessageKind *kind, PlBuffer *payload, int *passed_fd)
{
  Header header;
  struct iovec part = {&header, sizeof header};
  union
  {
    char space[CMSG_SPACE (sizeof (int))];
    struct cmsghdr align;
  } control;
  struct msghdr message
      = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  int received = -1;
  gssize n;
  do
    n = recvmsg (socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return FALSE;
  const struct cmsghdr *rights = CMSG_FIRSTHDR (&message);
  if (rights != NULL && rights->cmsg_type == SCM_RIGHTS)
    memcpy (&received, CMSG_DATA (rights), sizeof received);
  gboolean ok = receive_all (socket, (char *) &header + n, sizeof header - (gsize) n) && header.magic == MAGIC;
  if (ok)
    {
      payload->length = 0;
      pl_buffer_reserve (payload, header.length + 1);
      ok = receive_all (socket, payload->data, header.length);
    }
  if (!ok || passed_fd == NULL)
    {
      if (received >= 0)
        close (received);
      received = -1;
    }
  if (ok)
    {
      payload->length = header.length;
      *kind = header.kind;
      if (passed_fd != NULL)
        *passed_fd = received;
    }
  return ok;
}

void
pl_wire_put_error (PlBuffer *buffer, const GError *error)
{
  pl_buffer_put_u8 (buffer, error != NULL);
  if (error == NULL)
    return;
  pl_buffer_put_string (buffer, g_quark_to_string (error->domain));
  pl_buffer_put_u32 (buffer, (guint32) error->code);
  pl_buffer_put_string (buffer, error->message);
}

GError *
pl_wire_get_error (PlCursor *cursor)
{
  if (pl_cursor_get_u8 (cursor) == 0)
    return NULL;
  g_autofree char *domain = pl_cursor_get_string (cursor);
  int code = (int) pl_cursor_get_u32 (cursor);
  g_autofree char *message = pl_cursor_get_string (cursor);
  return g_error_new_literal (g_quark_from_string (domain != NULL ? domain : "pipeline"), code,
                              message != NULL ? message : "");
}
