/*
 * Preloaded into a program: counts the calls that change files below one folder, and lets one of them fail, or
 * ends the process there. Processes that share INJECT_COUNT, as a program and what it starts do, count together.
 *
 *   INJECT_BELOW  the folder
 *   INJECT_COUNT  a file of 8 bytes: how many calls there were, or bytes for ROOM
 *   INJECT_LOG    a file: a line for each call, or for the one that was hit
 *   INJECT_AT     which call is hit, from 1; none where it is 0
 *   INJECT_HOW    EIO, ENOSPC, EDQUOT, EROFS: that call fails; FULL: it and all after it that need space; GONE: it and all
 *                 after it, with EIO; KILL: a write is done by half, and the process is killed; ROOM: no call is counted but
 *                 the bytes that are written, INJECT_AT of which there is room for
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum how { FAILS_EIO, FAILS_ENOSPC, FAILS_EDQUOT, FAILS_EROFS, FULL, READ_ONLY, GONE, KILLS, ROOM };
enum need { NEEDS_SPACE, NEEDS_NONE };
enum verdict { GOES_ON, FAILS, IS_CUT };

static _Atomic int64_t *count;
static int64_t at;
static enum how how;
static const char *below;
static size_t below_length;
static int log_fd = -1;
/** How much of a write that is cut is done. */
static _Thread_local size_t fits;

#define NEXT(name) ((typeof(&name))next_of(#name))

/** What the program would have called without us. */
static void *next_of(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

static int open_raw(const char *path, int flags) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
  if (fd < 0) return fd;
  /* Out of the way of programs that expect their first files to get low numbers. */
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, 600);
  if (moved < 0) return fd;
  syscall(SYS_close, fd);
  return moved;
}

static enum how how_of(const char *word) {
  if (!strcmp(word, "ENOSPC")) return FAILS_ENOSPC;
  if (!strcmp(word, "EDQUOT")) return FAILS_EDQUOT;
  if (!strcmp(word, "EROFS")) return FAILS_EROFS;
  if (!strcmp(word, "FULL")) return FULL;
  if (!strcmp(word, "READONLY")) return READ_ONLY;
  if (!strcmp(word, "GONE")) return GONE;
  if (!strcmp(word, "KILL")) return KILLS;
  if (!strcmp(word, "ROOM")) return ROOM;
  return FAILS_EIO;
}

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("INJECT_COUNT"), *folder = getenv("INJECT_BELOW");
  if (!file || !folder) return;
  int fd = open_raw(file, O_RDWR);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (mapped == MAP_FAILED) return;
  const char *number = getenv("INJECT_AT"), *word = getenv("INJECT_HOW"), *log = getenv("INJECT_LOG");
  at = number ? atoll(number) : 0;
  how = how_of(word ? word : "");
  if (log) log_fd = open_raw(log, O_WRONLY | O_APPEND | O_CREAT);
  below = folder;
  below_length = strlen(folder);
  count = mapped;
}

static int is_below(const char *path) {
  if (strncmp(path, below, below_length) != 0 || strstr(path + below_length, "/../")) return 0;
  return path[below_length] == '/' || path[below_length] == 0;
}

/** Where an open file lies; 0 where it has no path. */
static int path_of(int fd, char *path) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return path[0] == '/';
}

/** The absolute path of a name that is relative to an open folder. */
static int absolute(int folder, const char *name, char *path) {
  if (!name || !name[0]) return 0;
  if (name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
  char above[PATH_MAX];
  if (folder == AT_FDCWD ? !getcwd(above, sizeof above) : !path_of(folder, above)) return 0;
  return snprintf(path, PATH_MAX, "%s/%s", above, name) < PATH_MAX;
}

static void note(int64_t number, const char *call, const char *path) {
  if (log_fd < 0) return;
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%lld %s %s\n", (long long)number, call, path + below_length);
  if (length > 0) syscall(SYS_write, log_fd, line, (size_t)length);
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

static int error_of(enum how how) {
  switch (how) {
    case FAILS_ENOSPC: case FULL: return ENOSPC;
    case FAILS_EDQUOT: return EDQUOT;
    case FAILS_EROFS: case READ_ONLY: return EROFS;
    default: return EIO;
  }
}

/** Counts what is written, which goes on until the disk is full, at whichever byte that is. */
static enum verdict judge_room(const char *path, size_t size) {
  int64_t before = atomic_fetch_add(count, (int64_t)size);
  if (before + (int64_t)size <= at) return GOES_ON;
  if (before < at) {
    note(at, "write", path);
    fits = (size_t)(at - before);
    return IS_CUT;
  }
  errno = ENOSPC;
  return FAILS;
}

/** Counts a call and says what becomes of it. */
static enum verdict judge(const char *call, const char *path, enum need need) {
  if (!is_below(path) || how == ROOM) return GOES_ON;
  int64_t number = atomic_fetch_add(count, 1) + 1;
  if (at == 0 || number == at) note(number, call, path);
  if (at == 0 || number < at) return GOES_ON;
  if (number > at && !(how == GONE || how == READ_ONLY || (how == FULL && need == NEEDS_SPACE))) return GOES_ON;
  int writes = !strcmp(call, "write");
  if (how == KILLS) {
    if (writes) return IS_CUT;
    die();
  }
  /* What still fits on the disk is written. */
  if (how == FULL && number == at && writes) return IS_CUT;
  errno = error_of(how);
  return FAILS;
}

static enum verdict judge_fd(const char *call, int fd, enum need need) {
  char path[PATH_MAX];
  if (!count || !path_of(fd, path)) return GOES_ON;
  return judge(call, path, need);
}

static enum verdict judge_write(int fd, size_t size) {
  char path[PATH_MAX];
  if (!count || !path_of(fd, path)) return GOES_ON;
  fits = size > 1 ? size / 2 : size;
  if (how == ROOM) return is_below(path) ? judge_room(path, size) : GOES_ON;
  return judge("write", path, NEEDS_SPACE);
}

static enum verdict judge_at(const char *call, int folder, const char *name, enum need need) {
  char path[PATH_MAX];
  if (!count || !absolute(folder, name, path)) return GOES_ON;
  return judge(call, path, need);
}

/** A name that leads from below the folder to below it counts once. */
static enum verdict judge_two(const char *call, int f1, const char *from, int f2, const char *to) {
  char path[PATH_MAX];
  if (!count) return GOES_ON;
  if (absolute(f2, to, path) && is_below(path)) return judge(call, path, NEEDS_SPACE);
  return judge_at(call, f1, from, NEEDS_SPACE);
}

static size_t size_of(const struct iovec *parts, int many) {
  size_t size = 0;
  for (int i = 0; i < many; i++) size += parts[i].iov_len;
  return size;
}

/** Of several parts as many as fit, or the beginning of the first. */
static struct iovec *parts_that_fit(const struct iovec *parts, int *many) {
  static _Thread_local struct iovec cut_parts[IOV_MAX];
  size_t left = fits;
  int kept = 0;
  for (; kept < *many && kept < IOV_MAX && left > 0; kept++) {
    cut_parts[kept] = parts[kept];
    if (cut_parts[kept].iov_len > left) cut_parts[kept].iov_len = left;
    left -= cut_parts[kept].iov_len;
  }
  *many = kept;
  return cut_parts;
}

static ssize_t cut(ssize_t written) {
  if (how == KILLS) die();
  return written;
}

/* Opening ------------------------------------------------------------------------------------------------- */

static int changes(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
}

static enum verdict judge_open(int folder, const char *name, int flags) {
  return changes(flags) ? judge_at("open", folder, name, NEEDS_SPACE) : GOES_ON;
}

#define MODE_OF(flags, last)                        \
  ({                                                \
    mode_t mode_ = 0;                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {          \
      va_list list_;                                \
      va_start(list_, last);                        \
      mode_ = va_arg(list_, mode_t);                \
      va_end(list_);                                \
    }                                               \
    mode_;                                          \
  })

int open(const char *name, int flags, ...) {
  mode_t mode = MODE_OF(flags, flags);
  return judge_open(AT_FDCWD, name, flags) == FAILS ? -1 : NEXT(open)(name, flags, mode);
}
int open64(const char *name, int flags, ...) {
  mode_t mode = MODE_OF(flags, flags);
  return judge_open(AT_FDCWD, name, flags) == FAILS ? -1 : NEXT(open64)(name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...) {
  mode_t mode = MODE_OF(flags, flags);
  return judge_open(folder, name, flags) == FAILS ? -1 : NEXT(openat)(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
  mode_t mode = MODE_OF(flags, flags);
  return judge_open(folder, name, flags) == FAILS ? -1 : NEXT(openat64)(folder, name, flags, mode);
}
int creat(const char *name, mode_t mode) {
  return judge_open(AT_FDCWD, name, O_CREAT) == FAILS ? -1 : NEXT(creat)(name, mode);
}
int creat64(const char *name, mode_t mode) {
  return judge_open(AT_FDCWD, name, O_CREAT) == FAILS ? -1 : NEXT(creat64)(name, mode);
}
int mkstemp(char *name) {
  return judge_open(AT_FDCWD, name, O_CREAT) == FAILS ? -1 : NEXT(mkstemp)(name);
}
int mkstemp64(char *name) {
  return judge_open(AT_FDCWD, name, O_CREAT) == FAILS ? -1 : NEXT(mkstemp64)(name);
}

/* Writing ------------------------------------------------------------------------------------------------- */

ssize_t write(int fd, const void *bytes, size_t size) {
  switch (judge_write(fd, size)) {
    case FAILS: return -1;
    case IS_CUT: return cut(NEXT(write)(fd, bytes, fits));
    default: return NEXT(write)(fd, bytes, size);
  }
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
  switch (judge_write(fd, size)) {
    case FAILS: return -1;
    case IS_CUT: return cut(NEXT(pwrite)(fd, bytes, fits, offset));
    default: return NEXT(pwrite)(fd, bytes, size, offset);
  }
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  switch (judge_write(fd, size)) {
    case FAILS: return -1;
    case IS_CUT: return cut(NEXT(pwrite64)(fd, bytes, fits, offset));
    default: return NEXT(pwrite64)(fd, bytes, size, offset);
  }
}
ssize_t writev(int fd, const struct iovec *parts, int many) {
  switch (judge_write(fd, size_of(parts, many))) {
    case FAILS: return -1;
    case IS_CUT: parts = parts_that_fit(parts, &many); return cut(NEXT(writev)(fd, parts, many));
    default: return NEXT(writev)(fd, parts, many);
  }
}
ssize_t pwritev(int fd, const struct iovec *parts, int many, off_t offset) {
  switch (judge_write(fd, size_of(parts, many))) {
    case FAILS: return -1;
    case IS_CUT: parts = parts_that_fit(parts, &many); return cut(NEXT(pwritev)(fd, parts, many, offset));
    default: return NEXT(pwritev)(fd, parts, many, offset);
  }
}
ssize_t pwritev64(int fd, const struct iovec *parts, int many, off64_t offset) {
  switch (judge_write(fd, size_of(parts, many))) {
    case FAILS: return -1;
    case IS_CUT: parts = parts_that_fit(parts, &many); return cut(NEXT(pwritev64)(fd, parts, many, offset));
    default: return NEXT(pwritev64)(fd, parts, many, offset);
  }
}
ssize_t sendfile(int to, int from, off_t *offset, size_t size) {
  switch (judge_write(to, size)) {
    case FAILS: return -1;
    case IS_CUT: return cut(NEXT(sendfile)(to, from, offset, fits));
    default: return NEXT(sendfile)(to, from, offset, size);
  }
}
ssize_t sendfile64(int to, int from, off64_t *offset, size_t size) {
  switch (judge_write(to, size)) {
    case FAILS: return -1;
    case IS_CUT: return cut(NEXT(sendfile64)(to, from, offset, fits));
    default: return NEXT(sendfile64)(to, from, offset, size);
  }
}
ssize_t copy_file_range(int from, off64_t *at_from, int to, off64_t *at_to, size_t size, unsigned flags) {
  switch (judge_write(to, size)) {
    case FAILS: return -1;
    case IS_CUT: return cut(NEXT(copy_file_range)(from, at_from, to, at_to, fits, flags));
    default: return NEXT(copy_file_range)(from, at_from, to, at_to, size, flags);
  }
}

/* libuv asks for a copy by the number of the call. */
long syscall(long number, ...) {
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
#define CALL(size) NEXT(syscall)(number, a[0], a[1], a[2], a[3], size, a[5])
  if (number == SYS_copy_file_range)
    switch (judge_write((int)a[2], (size_t)a[4])) {
      case FAILS: return -1;
      case IS_CUT: return cut(CALL((long)fits));
      default: break;
    }
  return CALL(a[4]);
}

/* Of an open file ----------------------------------------------------------------------------------------- */

#define ON_FD(call, need, name, fd, ...) \
  return judge_fd(call, fd, need) == FAILS ? -1 : NEXT(name)(fd, ##__VA_ARGS__)

int fsync(int fd) { ON_FD("sync", NEEDS_SPACE, fsync, fd); }
int fdatasync(int fd) { ON_FD("sync", NEEDS_SPACE, fdatasync, fd); }
int ftruncate(int fd, off_t size) { ON_FD("truncate", NEEDS_SPACE, ftruncate, fd, size); }
int ftruncate64(int fd, off64_t size) { ON_FD("truncate", NEEDS_SPACE, ftruncate64, fd, size); }
int fallocate(int fd, int mode, off_t from, off_t size) {
  ON_FD("truncate", NEEDS_SPACE, fallocate, fd, mode, from, size);
}
int fallocate64(int fd, int mode, off64_t from, off64_t size) {
  ON_FD("truncate", NEEDS_SPACE, fallocate64, fd, mode, from, size);
}
int fchmod(int fd, mode_t mode) { ON_FD("chmod", NEEDS_NONE, fchmod, fd, mode); }

/* Of names ------------------------------------------------------------------------------------------------ */

#define ON_NAME(call, need, name, path, ...) \
  return judge_at(call, AT_FDCWD, path, need) == FAILS ? -1 : NEXT(name)(path, ##__VA_ARGS__)
#define ON_NAME_AT(call, need, name, folder, path, ...) \
  return judge_at(call, folder, path, need) == FAILS ? -1 : NEXT(name)(folder, path, ##__VA_ARGS__)

int truncate(const char *path, off_t size) { ON_NAME("truncate", NEEDS_SPACE, truncate, path, size); }
int truncate64(const char *path, off64_t size) { ON_NAME("truncate", NEEDS_SPACE, truncate64, path, size); }
int mkdir(const char *path, mode_t mode) { ON_NAME("mkdir", NEEDS_SPACE, mkdir, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) {
  ON_NAME_AT("mkdir", NEEDS_SPACE, mkdirat, folder, path, mode);
}
char *mkdtemp(char *name) {
  return judge_at("mkdir", AT_FDCWD, name, NEEDS_SPACE) == FAILS ? NULL : NEXT(mkdtemp)(name);
}
int unlink(const char *path) { ON_NAME("unlink", NEEDS_NONE, unlink, path); }
int unlinkat(int folder, const char *path, int flags) {
  ON_NAME_AT("unlink", NEEDS_NONE, unlinkat, folder, path, flags);
}
int rmdir(const char *path) { ON_NAME("unlink", NEEDS_NONE, rmdir, path); }
int remove(const char *path) { ON_NAME("unlink", NEEDS_NONE, remove, path); }
int chmod(const char *path, mode_t mode) { ON_NAME("chmod", NEEDS_NONE, chmod, path, mode); }
int fchmodat(int folder, const char *path, mode_t mode, int flags) {
  ON_NAME_AT("chmod", NEEDS_NONE, fchmodat, folder, path, mode, flags);
}
int symlink(const char *target, const char *path) {
  return judge_at("link", AT_FDCWD, path, NEEDS_SPACE) == FAILS ? -1 : NEXT(symlink)(target, path);
}
int symlinkat(const char *target, int folder, const char *path) {
  return judge_at("link", folder, path, NEEDS_SPACE) == FAILS ? -1 : NEXT(symlinkat)(target, folder, path);
}

#define ON_TWO(call, f1, from, f2, to, next) \
  return judge_two(call, f1, from, f2, to) == FAILS ? -1 : next

int link(const char *from, const char *to) {
  ON_TWO("link", AT_FDCWD, from, AT_FDCWD, to, NEXT(link)(from, to));
}
int linkat(int f1, const char *from, int f2, const char *to, int flags) {
  ON_TWO("link", f1, from, f2, to, NEXT(linkat)(f1, from, f2, to, flags));
}
int rename(const char *from, const char *to) {
  ON_TWO("rename", AT_FDCWD, from, AT_FDCWD, to, NEXT(rename)(from, to));
}
int renameat(int f1, const char *from, int f2, const char *to) {
  ON_TWO("rename", f1, from, f2, to, NEXT(renameat)(f1, from, f2, to));
}
int renameat2(int f1, const char *from, int f2, const char *to, unsigned flags) {
  ON_TWO("rename", f1, from, f2, to, NEXT(renameat2)(f1, from, f2, to, flags));
}
