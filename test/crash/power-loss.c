/*
 * What a power loss leaves of a folder. Preloaded into a program, this library keeps a second folder beside the one
 * that POWER_LOSS_FROM names, in POWER_LOSS_TO: a write reaches the copy when fsync or fdatasync has returned for
 * its file, and not before. Names are in the copy at once (made, linked, renamed, taken away), contents are not: a
 * file whose contents were never synced is an empty one, as a journalling file system may leave it.
 * With POWER_LOSS_STRAY=n every n-th write or so reaches the copy at once as well, as disks may have it: out of order.
 * Memory maps are not looked at: SQLite maps its -shm file alone, which nobody needs after a crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A write that was not synced yet; `data` is NULL where the file was cut to the length `at`. */
struct change { struct change *next; char *path, *data; off_t at; size_t size; };

static struct change *first, **last = &first;
/* One at a time: what was written while a sync ran is not part of it. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

/* Where a path lies in the copy: 0 where it lies in none. */
static int in_copy(const char *path, char *copy) {
  const char *from = getenv("POWER_LOSS_FROM"), *to = getenv("POWER_LOSS_TO");
  size_t length = from && to && path ? strlen(from) : 0;
  if (!length || strncmp(path, from, length) || path[length] != '/' || strstr(path, " (deleted)")) return 0;
  return snprintf(copy, 4096, "%s%s", to, path + length) < 4096;
}

static int copy_of(int file, char *copy) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return in_copy(path, copy);
}

static void apply(const struct change *change) {
  int file = REAL(open)(change->path, O_WRONLY | O_CREAT, 0600);
  if (file < 0) return perror("power-loss");
  if (!change->data) REAL(ftruncate)(file, change->at);
  else if (REAL(pwrite)(file, change->data, change->size, change->at) < 0) perror("power-loss");
  REAL(close)(file);
}

static void note(const char *copy, const void *data, size_t size, off_t at) {
  static unsigned count;
  const char *stray = getenv("POWER_LOSS_STRAY");
  struct change *change = calloc(1, sizeof *change);
  change->path = strdup(copy);
  change->at = at;
  change->size = size;
  if (data) change->data = memcpy(malloc(size + 1), data, size);
  if (stray && rand_r(&count) % atoi(stray) == 0) apply(change);
  *last = change;
  last = &change->next;
}

/* Takes the changes of a file out of the list; `kept` says whether they reached the disk. */
static void settle(const char *copy, int kept) {
  struct change **at = &first;
  while (*at) {
    struct change *change = *at;
    if (strcmp(change->path, copy)) { at = &change->next; continue; }
    if (kept) apply(change);
    *at = change->next;
    free(change->path); free(change->data); free(change);
  }
  last = at;
}

static void move(const char *copy, const char *copied) {
  settle(copied, 0);
  for (struct change *change = first; change; change = change->next)
    if (!strcmp(change->path, copy)) { free(change->path); change->path = strdup(copied); }
}

#define LOCKED(type, call, then) \
  pthread_mutex_lock(&turn); type result = call; then; pthread_mutex_unlock(&turn); return result;
#define NOTED(call, at) \
  char copy[4096]; if (!copy_of(file, copy)) return call; \
  LOCKED(ssize_t, call, if (result > 0) note(copy, data, result, at))
ssize_t pwrite(int file, const void *data, size_t size, off_t at) { NOTED(REAL(pwrite)(file, data, size, at), at) }
ssize_t pwrite64(int file, const void *data, size_t size, off_t at) { NOTED(REAL(pwrite)(file, data, size, at), at) }
ssize_t write(int file, const void *data, size_t size) { NOTED(REAL(write)(file, data, size), lseek(file, 0, SEEK_CUR) - result) }

#define CUT \
  char copy[4096]; if (!copy_of(file, copy)) return REAL(ftruncate)(file, size); \
  LOCKED(int, REAL(ftruncate)(file, size), if (!result) note(copy, NULL, 0, size))
int ftruncate(int file, off_t size) { CUT }
int ftruncate64(int file, off_t size) { CUT }

#define SYNCED(call) \
  char copy[4096]; if (!copy_of(file, copy)) return call; \
  LOCKED(int, call, if (!result) settle(copy, 1))
int fsync(int file) { SYNCED(REAL(fsync)(file)) }
int fdatasync(int file) { SYNCED(REAL(fdatasync)(file)) }

#define OPENED(call) \
  va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
  char copy[4096]; if (!(flags & (O_CREAT | O_TRUNC)) || !in_copy(path, copy)) return call; \
  LOCKED(int, call, if (result >= 0) { \
    if (flags & O_TRUNC) settle(copy, 0); \
    REAL(close)(REAL(open)(copy, O_WRONLY | O_CREAT | (flags & O_TRUNC), mode)); })
int open(const char *path, int flags, ...) { OPENED(REAL(open)(path, flags, mode)) }
int open64(const char *path, int flags, ...) { OPENED(REAL(open)(path, flags, mode)) }

int unlink(const char *path) {
  char copy[4096]; if (!in_copy(path, copy)) return REAL(unlink)(path);
  LOCKED(int, REAL(unlink)(path), if (!result) { settle(copy, 0); REAL(unlink)(copy); })
}
#define NAMED(name, then) \
  char copy[4096], copied[4096]; if (!in_copy(from, copy) || !in_copy(to, copied)) return REAL(name)(from, to); \
  LOCKED(int, REAL(name)(from, to), if (!result) { then; if (REAL(name)(copy, copied)) perror("power-loss"); })
int link(const char *from, const char *to) { NAMED(link, (void)0) }
int rename(const char *from, const char *to) { NAMED(rename, move(copy, copied)) }
