/* See build.h. */
#include "build.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <xxhash.h>

#define ALIGN4(n) (((n) + 3u) & ~3u)

/* Looks for the build id among @length bytes of notes. */
static gboolean
find_id (const char *notes, gsize length, guint64 *hash)
{
  for (gsize at = 0; at + sizeof (ElfW (Nhdr)) <= length;)
    {
      ElfW (Nhdr) note;
      memcpy (&note, notes + at, sizeof note);
      const char *name = notes + at + sizeof note, *id = name + ALIGN4 (note.n_namesz);
      at += sizeof note + ALIGN4 (note.n_namesz) + ALIGN4 (note.n_descsz);
      if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof ELF_NOTE_GNU || at > length
          || memcmp (name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) != 0)
        continue;
      *hash = XXH3_64bits (id, note.n_descsz);
      return TRUE;
    }
  return FALSE;
}

/* The executable is the first object. */
static int
look_at_object (struct dl_phdr_info *info, G_GNUC_UNUSED size_t size, void *data)
{
  guint64 *hash = data;
  for (guint i = 0; i < info->dlpi_phnum; i++)
    {
      const ElfW (Phdr) *part = &info->dlpi_phdr[i];
      if (part->p_type == PT_NOTE && find_id ((const char *) (info->dlpi_addr + part->p_vaddr), part->p_memsz, hash))
        break;
    }
  return 1;
}

guint64
pl_build_hash (void)
{
  static guint64 found;
  guint64 hash = __atomic_load_n (&found, __ATOMIC_RELAXED);
  if (hash == 0)
    {
      hash = XXH3_64bits (PIPELINE_VERSION, strlen (PIPELINE_VERSION));
      dl_iterate_phdr (look_at_object, &hash);
      __atomic_store_n (&found, hash, __ATOMIC_RELAXED);
    }
  return hash;
}
