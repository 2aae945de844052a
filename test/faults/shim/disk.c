/*
 * A disk that fails on demand, for the process that preloads this library. It stands between the process and the files
 * in the folder DATA_DIR and lets everything else pass. What happens, and when, the environment says:
 *
 *   POWER_LOSS_AT=n   The n-th call that writes, truncates or flushes is the last one: of everything that was not
 *                     flushed, a part that SEED decides is lost, and the process is killed.
 *   SHORT_AT=n        The n-th such call, if it writes, writes only half of what it was given, and says so,
 *                     to the caller and on stderr.
 *   ENOSPC_WHILE=path While a file is at this path, a write that would make a file longer fails with ENOSPC.
 *   EIO_AT=n          The n-th flush of a file whose path ends in EIO_IN fails with EIO. As on a real disk, what that
 *                     flush should have kept may be gone when the process has ended, and a later flush would say
 *                     nothing of it; therefore a later write or flush of the same file is told on stderr.
 *
 * How much is lost is drawn as disks lose it: nothing that was not flushed survives; or everything up to a moment, the
 * write at that moment torn; or each sector of 512 bytes stands as it was at some moment since the last flush. A new
 * file whose folder was not flushed may be gone altogether.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR 512

/* One write or truncation that was not flushed yet, with what it replaced. */
struct change {
  struct change *before;
  long number;
  off_t at;
  size_t length;
  off_t size_before;
  unsigned char old[];
};

struct file {
  struct file *next;
  char path[PATH_MAX];
  struct change *newest; /* Back to the oldest one that was not flushed. */
  int is_new;            /* Its folder was not flushed since it was made. */
  int failed;            /* A flush of it has failed. */
};

enum loss { EVERYTHING, SINCE_A_MOMENT, BY_SECTOR };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static char folder[PATH_MAX];
static const char *full_sign, *eio_in;
static long calls, changes, flushes, power_loss_at, short_at, eio_at;
static uint64_t seed;

static long number_in(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *data = getenv("DATA_DIR");
  if (!data || !realpath(data, folder)) folder[0] = 0;
  power_loss_at = number_in("POWER_LOSS_AT");
  short_at = number_in("SHORT_AT");
  eio_at = number_in("EIO_AT");
  seed = (uint64_t)number_in("SEED");
  full_sign = getenv("ENOSPC_WHILE");
  eio_in = getenv("EIO_IN") ? getenv("EIO_IN") : "";
}

/* A number below `end` that depends on the seed, the name and the place alone. */
static long chance(const char *name, long place, long end) {
  uint64_t mixed = seed * 0x9e3779b97f4a7c15u + (uint64_t)place;
  for (; *name; name++) mixed = (mixed ^ (unsigned char)*name) * 0x100000001b3u;
  for (int round = 0; round < 3; round++) mixed = (mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9u;
  return (long)((mixed >> 17) % (uint64_t)end);
}

/* Calls go to the kernel, past the functions below that stand in their place. */
static ssize_t kernel_pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return syscall(SYS_pwrite64, fd, bytes, length, at);
}

/* What is known of the file behind a descriptor when it lies in the folder, or is the folder itself; else nothing. */
static struct file *file_of(int fd) {
  char link[32], path[PATH_MAX];
  if (!folder[0]) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  size_t prefix = strlen(folder);
  if (length < (ssize_t)prefix || memcmp(path, folder, prefix) != 0) return NULL;
  path[length] = 0;
  if (path[prefix] != '/' && path[prefix] != 0) return NULL;
  for (struct file *one = files; one; one = one->next) if (strcmp(one->path, path) == 0) return one;
  struct file *made = calloc(1, sizeof *made);
  struct stat now;
  strcpy(made->path, path);
  made->is_new = fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && now.st_size == 0;
  made->next = files;
  return files = made;
}

/* The path within the folder: what is drawn by it does not depend on where the folder is. */
static const char *name_of(const struct file *file) {
  return file->path + strlen(folder);
}

static int is_folder(const struct file *file) {
  return strcmp(file->path, folder) == 0;
}

static off_t size_of(int fd) {
  struct stat now;
  return fstat(fd, &now) == 0 ? now.st_size : 0;
}

/* Remembers what stands where something is about to be written or cut off. */
static void remember(struct file *file, int fd, off_t at, size_t length) {
  if (!power_loss_at && !eio_at) return; /* Nothing will be lost, and the process may run for long. */
  struct change *change = calloc(1, sizeof *change + length);
  *change = (struct change){.before = file->newest, .number = ++changes, .at = at, .length = length, .size_before = size_of(fd)};
  /* The same descriptor where it can read: closing another one would let go of the process's locks on the file. */
  if (pread(fd, change->old, length, at) < 0) {
    int reading = open(file->path, O_RDONLY);
    if (reading >= 0 && pread(reading, change->old, length, at) < 0) memset(change->old, 0, length);
    close(reading);
  }
  file->newest = change;
}

static void forget(struct file *file) {
  while (file->newest) {
    struct change *before = file->newest->before;
    free(file->newest);
    file->newest = before;
  }
}

/* The last change that a sector kept; every later one is lost to it. */
static long kept_until(const struct file *file, long sector, enum loss loss, long first) {
  if (loss == EVERYTHING) return 0;
  if (loss == SINCE_A_MOMENT) return first + chance("moment", 0, changes - first + 1);
  return first + chance(name_of(file), sector, changes - first + 1);
}

/* Puts back what the sectors of a file held before the changes that are lost, newest first. */
static void lose(struct file *file, enum loss loss, long first) {
  int fd = open(file->path, O_RDWR);
  if (fd < 0) return;
  off_t size = size_of(fd);
  for (struct change *change = file->newest; change; change = change->before) {
    off_t end = change->at + (off_t)change->length;
    for (off_t at = change->at; at < end;) {
      off_t next = (at / SECTOR + 1) * SECTOR < end ? (at / SECTOR + 1) * SECTOR : end;
      long kept = kept_until(file, at / SECTOR, loss, first);
      /* The first lost write is torn: its front may have reached the disk. */
      int torn = loss == SINCE_A_MOMENT && change->number == kept + 1;
      int front = torn && at < change->at + chance("tear", 0, (long)change->length + 1);
      if (change->number > kept && !front) kernel_pwrite(fd, change->old + (at - change->at), (size_t)(next - at), at);
      at = next;
    }
    if (loss != BY_SECTOR && change->number > kept_until(file, 0, loss, first) + (loss == SINCE_A_MOMENT)) size = change->size_before;
    else if (loss == BY_SECTOR && !change->before && chance(name_of(file), -1, 2)) size = change->size_before;
  }
  if (size != size_of(fd)) syscall(SYS_ftruncate, fd, size);
  close(fd);
  int gone = loss == EVERYTHING || (loss == BY_SECTOR && chance(name_of(file), -2, 2));
  if (file->is_new && gone) unlink(file->path);
}

static void lose_what_was_not_flushed(int only_failed) {
  long first = changes;
  for (struct file *file = files; file; file = file->next)
    for (struct change *one = file->newest; one; one = one->before) if (one->number <= first) first = one->number - 1;
  enum loss loss = (enum loss)chance("loss", 0, 3);
  for (struct file *file = files; file; file = file->next)
    if (!is_folder(file) && (!only_failed || file->failed)) lose(file, loss, first);
}

/* Counts a call on the folder. The last one before the power fails does not return. */
static void count(void) {
  calls++;
  if (calls != power_loss_at) return;
  lose_what_was_not_flushed(0);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void told(const struct file *file, const char *what) {
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "disk: %s %s\n", name_of(file) + 1, what);
  syscall(SYS_write, STDERR_FILENO, line, length);
}

static ssize_t write_at(struct file *file, int fd, const void *bytes, size_t length, off_t at) {
  if (file->failed) told(file, "is written after its flush failed");
  if (full_sign && at + (off_t)length > size_of(fd) && access(full_sign, F_OK) == 0) {
    errno = ENOSPC;
    return -1;
  }
  if (calls + 1 == short_at && length > 1) {
    told(file, "writes only half");
    length /= 2;
  }
  remember(file, fd, at, length);
  ssize_t written = kernel_pwrite(fd, bytes, length, at);
  count();
  return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
  pthread_mutex_lock(&lock);
  struct file *file = file_of(fd);
  ssize_t written = file ? write_at(file, fd, bytes, length, at) : kernel_pwrite(fd, bytes, length, at);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct stat now;
  /* Without the lock: a pipe that is full would hold up every thread, and the handler of a signal writes to a pipe while its own thread may hold it. */
  if (fstat(fd, &now) != 0 || !S_ISREG(now.st_mode)) return syscall(SYS_write, fd, bytes, length);
  pthread_mutex_lock(&lock);
  struct file *file = file_of(fd);
  ssize_t written;
  if (file) {
    off_t at = fcntl(fd, F_GETFL) & O_APPEND ? size_of(fd) : lseek(fd, 0, SEEK_CUR);
    written = write_at(file, fd, bytes, length, at);
    if (written > 0) lseek(fd, at + written, SEEK_SET);
  } else {
    written = syscall(SYS_write, fd, bytes, length);
  }
  pthread_mutex_unlock(&lock);
  return written;
}

int ftruncate64(int fd, off_t size) {
  pthread_mutex_lock(&lock);
  struct file *file = file_of(fd);
  if (file) remember(file, fd, size, size < size_of(fd) ? (size_t)(size_of(fd) - size) : 0);
  int done = (int)syscall(SYS_ftruncate, fd, size);
  if (file) count();
  pthread_mutex_unlock(&lock);
  return done;
}

static int flush(int fd, long kernel_flush) {
  pthread_mutex_lock(&lock);
  struct file *file = file_of(fd);
  int done = 0;
  if (file) count();
  if (file && file->failed) told(file, "is flushed again after its flush failed");
  size_t length = file ? strlen(file->path) : 0, ending = eio_in ? strlen(eio_in) : 0;
  if (file && eio_at && length >= ending && strcmp(file->path + length - ending, eio_in) == 0 && ++flushes == eio_at) {
    told(file, "fails to flush");
    file->failed = 1;
    errno = EIO;
    done = -1;
  } else {
    done = (int)syscall(kernel_flush, fd);
    if (file && !file->failed) forget(file);
    if (file && is_folder(file)) for (struct file *one = files; one; one = one->next) one->is_new = 0;
  }
  pthread_mutex_unlock(&lock);
  return done;
}

int fsync(int fd) {
  return flush(fd, SYS_fsync);
}

int fdatasync(int fd) {
  return flush(fd, SYS_fdatasync);
}

__attribute__((destructor)) static void end(void) {
  for (struct file *file = files; file; file = file->next) if (file->failed) return lose_what_was_not_flushed(1);
}
