// A file system of type proc keeps an entry for each namespace in which a file of /proc/sys/net was looked for, all of
// the same name, and the next lookup goes through all of them: in the thousandth namespace it takes ten times as long
// as in the first. So we have one of our own, seen by nobody else, and now and then another.
#include "proc.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <utility>

#include "descriptor.h"

namespace netprim {

namespace {

constexpr char kProc[] = "/proc/";

// To make another takes 0.1 ms, and as much for each hundred entries of the old one.
constexpr int kLookups = 64;

// By number: the C library may be older than these calls (Linux 5.2). Nothing if the kernel does not allow it.
SharedDescriptor mountProc() {
  const int context = static_cast<int>(syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC));
  if (context < 0) return {};
  const Descriptor owned(context);
  if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  const int directory = static_cast<int>(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0));
  return directory < 0 ? SharedDescriptor() : std::make_shared<Descriptor>(directory);
}

// Whose lookup is the next; nothing means /proc itself, which serves who has few.
SharedDescriptor nextDirectory() {
  static std::mutex mutex;
  static SharedDescriptor& directory = *new SharedDescriptor;  // for ever: exit() does not wait for threads
  static int lookups = 0;
  SharedDescriptor old;  // closed when others may go on
  const std::lock_guard lock(mutex);
  if (++lookups > kLookups) {
    lookups = 1;
    old = std::exchange(directory, mountProc());
  }
  return directory;
}

}  // namespace

int openBelowProc(const std::string& path, int flags) {
  const SharedDescriptor directory = nextDirectory();
  if (directory == nullptr) return open(path.c_str(), flags);
  return openat(directory->fd(), path.c_str() + sizeof kProc - 1, flags);
}

}  // namespace netprim
