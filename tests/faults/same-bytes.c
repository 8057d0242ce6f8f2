/* Compresses small texts, each at some other place in memory, and says what the bytes are: tests/faults/same-bytes.py
 * starts it very often, at the addresses that the kernel picks (ASLR), and all must say the same.
 *
 * With an argument it starts itself that often, and says how many answers there were: "1 of 100000" is right. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "../../pipeline/io/encoder.h"

#define N_TEXTS 7
#define LONGER_THAN_A_PIECE (300 * 1024)

extern char **environ;

/* Text @index: a header and some rows, as small files have; the last one is longer than what the encoders take at
 * once. */
static void
write_text (guint index, PlBuffer *text)
{
  guint32 state = 12345 + index;
  pl_buffer_append_printf (text, "c8,a6_0,a6_1,a6_%u\n", index % 9);
  for (guint i = 0; i < 3 * index; i++)
    {
      state = state * 1664525 + 1013904223;
      pl_buffer_append_printf (text, "%u,%u,k%u,%u.%u\n", i, state >> 28, state >> 30, state >> 25 & 127,
                               state >> 20 & 7);
    }
  while (index == N_TEXTS - 1 && text->length < LONGER_THAN_A_PIECE)
    {
      pl_buffer_reserve (text, text->length);
      pl_buffer_append (text, text->data, text->length);
    }
}

static void
encode (PlCompression compression, guint index, PlBuffer *out)
{
  g_auto (PlBuffer) text = PL_BUFFER_INIT;
  /* Never given back: the next encoder lies elsewhere. */
  char *moved = g_malloc (1 + index * 16384);
  PlEncoder *encoder = pl_encoder_new (compression);
  write_text (index, &text);
  moved[0] = text.data[0];
  pl_encoder_write (encoder, text.data, text.length, out);
  pl_encoder_finish (encoder, out);
  pl_encoder_free (encoder);
}

static guint64
hash_all (void)
{
  g_auto (PlBuffer) out = PL_BUFFER_INIT;
  for (guint i = 0; i < N_TEXTS; i++)
    encode (PL_COMPRESSION_GZIP, i, &out);
  encode (PL_COMPRESSION_ZSTD, 1, &out);
  encode (PL_COMPRESSION_ZSTD, N_TEXTS - 1, &out);
  return XXH3_64bits (out.data, out.length);
}

/* What another process of this program says. */
static guint64
ask (char *program)
{
  char *arguments[] = {program, NULL};
  posix_spawn_file_actions_t actions;
  guint64 answer = 0;
  int ends[2];
  pid_t pid;
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return 0;
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, ends[1], STDOUT_FILENO);
  int code = posix_spawn (&pid, "/proc/self/exe", &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy (&actions);
  close (ends[1]);
  if (code == 0)
    {
      if (read (ends[0], &answer, sizeof answer) != sizeof answer)
        answer = 0;
      while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    }
  close (ends[0]);
  return answer;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    {
      guint64 hash = hash_all ();
      return write (STDOUT_FILENO, &hash, sizeof hash) == sizeof hash ? 0 : 1;
    }
  guint64 n = strtoull (argv[1], NULL, 10);
  g_autoptr (GHashTable) answers = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint64 i = 0; i < n; i++)
    {
      guint64 answer = ask (argv[0]);
      g_hash_table_add (answers, g_memdup2 (&answer, sizeof answer));
    }
  printf ("%u of %" G_GUINT64_FORMAT "%s\n", g_hash_table_size (answers), n,
          g_hash_table_contains (answers, &(gint64){0}) ? ", and some said nothing" : "");
  return 0;
}
