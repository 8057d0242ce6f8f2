/* Messages between the main process and worker processes, over a stream socket: a header, then the payload.
 *
 *   main ► worker   START (memfd)  SHARE (memfd)  CHANNEL (socket)*  PLAN      once a process, PLAN again when types
 *                   widened
 *   worker ► main                                     READY
 *   main ► worker   INDEX (memfd)*                                  for a segment that asks some, on every channel
 *   main ► worker   SEGMENT  BLOCK   BLOCK   …  FINISH              on every channel; SEGMENT always begins anew
 *   worker ► main            DONE    DONE    …  PARTIAL
 *
 * A BLOCK may ask for what the worker has gathered so far, which its DONE then carries.
 * Both ends are the same program on the same machine, so plain structs travel as they are. But what runs in a worker
 * may be foreign code, which may write into the socket, too: what cannot be a message ends the worker, and a length is
 * believed only as far as bytes have come. */
#pragma once
#include "../base/buffer.h"

G_BEGIN_DECLS

typedef enum
{
  PL_MESSAGE_START = 1, /* what is given */
  PL_MESSAGE_SHARE,     /* what is taken: pool.h */
  PL_MESSAGE_CHANNEL,
  PL_MESSAGE_PLAN,
  PL_MESSAGE_READY,
  PL_MESSAGE_INDEX,
  PL_MESSAGE_SEGMENT,
  PL_MESSAGE_BLOCK,
  PL_MESSAGE_DONE,
  PL_MESSAGE_FINISH,
  PL_MESSAGE_PARTIAL,
} PlMessageKind;

/** pl_wire_send: @payload: (nullable); @pass_fd: -1, or a descriptor the other end gets a copy of.
 * Returns: %FALSE when the other end is gone. */
gboolean pl_wire_send (int socket, PlMessageKind kind, const PlBuffer *payload, int pass_fd);
/** pl_wire_receive: replaces @payload; @passed_fd: (out) (optional): -1 or a descriptor, now the caller's.
 * Returns: %FALSE when the other end is gone, or speaks another language. */
gboolean pl_wire_receive (int socket, PlMessageKind *kind, PlBuffer *payload, int *passed_fd);
/** pl_wire_receive_while: the same, for as long as @wait, called with @data whenever nothing has come yet, returns
 * %TRUE. It waits until something has, or may have. */
gboolean pl_wire_receive_while (int socket, PlMessageKind *kind, PlBuffer *payload, int *passed_fd,
                                gboolean (*wait) (gpointer data), gpointer data);

G_END_DECLS
