/* Framing of messages: see wire.h. */
#include "wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAGIC 0x506c5731u
/* Of a payload, in bytes: most are shorter. */
#define FIRST_PIECE ((gsize) 4 << 20)

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

/* Who receives, and who decides how long. */
typedef struct
{
  int socket;
  gboolean (*wait) (gpointer data); /* (nullable): for as long as it takes */
  gpointer data;
} Receiver;

/* recvmsg() that does not wait longer than it may. */
static gssize
receive_some (const Receiver *receiver, struct msghdr *message)
{
  int flags = MSG_CMSG_CLOEXEC | (receiver->wait != NULL ? MSG_DONTWAIT : 0);
  for (;;)
    {
      gssize n = recvmsg (receiver->socket, message, flags);
      if (n >= 0)
        return n;
      if (errno != EINTR && (receiver->wait == NULL || errno != EAGAIN || !receiver->wait (receiver->data)))
        return -1;
    }
}

static gboolean
receive_all (const Receiver *receiver, char *data, gsize length)
{
  while (length > 0)
    {
      struct iovec part = {data, length};
      struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
      gssize n = receive_some (receiver, &message);
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* In pieces, each at most as long as what has come already: a length that is only claimed costs no memory. */
static gboolean
receive_payload (const Receiver *receiver, PlBuffer *payload, guint64 length)
{
  payload->length = 0;
  pl_buffer_reserve (payload, 1);
  while (payload->length < length)
    {
      gsize piece = MIN (length - payload->length, MAX (payload->length, FIRST_PIECE));
      if (!receive_all (receiver, pl_buffer_reserve (payload, piece), piece))
        return FALSE;
      payload->length += piece;
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
pl_wire_receive_while (int socket, PlMessageKind *kind, PlBuffer *payload, int *passed_fd,
                       gboolean (*wait) (gpointer data), gpointer data)
{
  const Receiver receiver = {socket, wait, data};
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
  gssize n = receive_some (&receiver, &message);
  if (n <= 0)
    return FALSE;
  const struct cmsghdr *rights = CMSG_FIRSTHDR (&message);
  if (rights != NULL && rights->cmsg_type == SCM_RIGHTS)
    memcpy (&received, CMSG_DATA (rights), sizeof received);
  gboolean ok = receive_all (&receiver, (char *) &header + n, sizeof header - (gsize) n) && header.magic == MAGIC
                && receive_payload (&receiver, payload, header.length);
  if (!ok || passed_fd == NULL)
    {
      if (received >= 0)
        close (received);
      received = -1;
    }
  if (ok)
    {
      *kind = header.kind;
      if (passed_fd != NULL)
        *passed_fd = received;
    }
  return ok;
}

gboolean
pl_wire_receive (int socket, PlMessageKind *kind, PlBuffer *payload, int *passed_fd)
{
  return pl_wire_receive_while (socket, kind, payload, passed_fd, NULL, NULL);
}
