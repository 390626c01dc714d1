#include "plugins/bluetooth/spool_writer.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <array>

namespace quicket::plugin {

namespace {

// unique_name is one that no other writer takes.
std::string unique_name() {
  std::array<unsigned char, 16> random;
  ::randombytes_buf(random.data(), random.size());
  std::array<char, 2 * random.size() + 1> text;
  ::sodium_bin2hex(text.data(), text.size(), random.data(), random.size());
  return text.data() + std::string(Spool::kSuffix);
}

void write_all(int fd, OctetView bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw failed_with_errno(name);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write_offer(const Spool& spool, OctetView offer, const Waiter& waiter, std::int64_t deadline) {
  if (spool.list(spool.waiting()).size() >= Spool::kMaxFiles) {
    throw Failed(spool.name() + " is full: " + std::to_string(Spool::kMaxFiles) + " files wait there unread");
  }
  const std::string unfinished = unique_name();
  Descriptor file = Descriptor::owned(::openat(
      spool.unfinished(), unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.fd() < 0) throw failed_with_errno(spool.name());
  try {
    write_all(file.fd(), offer, spool.name());
    if (::fsync(file.fd()) != 0 || !file.close()) throw failed_with_errno(spool.name());
    waiter.pause(0, deadline);
    if (::renameat(spool.unfinished(), unfinished.c_str(), spool.waiting(), Spool::name_of(offer).c_str()) != 0) {
      throw failed_with_errno(spool.name());
    }
  } catch (const Failed&) {
    ::unlinkat(spool.unfinished(), unfinished.c_str(), 0);
    throw;
  }
  if (::fsync(spool.waiting()) != 0) throw failed_with_errno(spool.name());
}

}  // namespace quicket::plugin
