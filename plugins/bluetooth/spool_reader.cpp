#include "plugins/bluetooth/spool_reader.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <system_error>
#include <utility>

#include "plugins/bluetooth/spool_file.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxComplaints = 5;  // log lines about junk, of one reader

// Turn is the lock of a spool: while it lives, no other reader has it. The system takes it back from the dead.
class Turn {
 public:
  explicit Turn(const Spool& spool) : fd_(spool.noted()), mine_(::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
    if (!mine_ && errno != EWOULDBLOCK) throw failed_with_errno(spool.name());
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (mine_) ::flock(fd_, LOCK_UN);
  }
  bool mine() const noexcept { return mine_; }

 private:
  int fd_;
  bool mine_;
};

}  // namespace

struct SpoolReader::File {
  std::string name;
  Descriptor descriptor;
  struct stat facts;
};

SpoolReader::Outcome SpoolReader::hand_on(const OnOffer& on_offer) {
  const Turn turn(spool_);
  if (!turn.mine()) return Outcome::kOthersTurn;
  for (const Spool::File& waiting : spool_.list(spool_.waiting())) {
    if (!is_spool_file_name(waiting.name)) continue;
    const auto file = open(waiting.name);
    const auto offer = file ? read(*file) : std::nullopt;
    if (!offer) continue;
    const std::string name = Spool::name_of(*offer);
    const bool before = is_noted(name);
    if (!before && on_offer(*offer) != QUICKET_OFFER_REFUSED) note(name);
    remove(*file);
    if (!before) return Outcome::kHandedOn;
  }
  return Outcome::kNothingWaits;
}

std::optional<SpoolReader::File> SpoolReader::open(const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  File file{name, Descriptor::owned(::openat(spool_.waiting(), name.c_str(), kFlags)), {}};
  if (file.descriptor.fd() < 0 || ::fstat(file.descriptor.fd(), &file.facts) != 0) {
    if (errno == ELOOP) complain(name, "is a link, skipped");
    if (errno != ELOOP && errno != ENOENT) complain(name, std::generic_category().message(errno) + ", skipped");
    return std::nullopt;
  }
  if (!S_ISREG(file.facts.st_mode)) {
    complain(name, "is not a file, skipped");
    return std::nullopt;
  }
  return file;
}

std::optional<Octets> SpoolReader::read(const File& file) {
  Octets content(kMaxSpoolFile + 1);
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.descriptor.fd(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failed_with_errno(spool_.name());
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  auto offer = size <= kMaxSpoolFile ? offer_of_file(OctetView(content).first(size), host_) : std::nullopt;
  if (!offer) put_aside(file.name, size > kMaxSpoolFile ? "is too large, put aside" : "holds no offer, put aside");
  return offer;
}

bool SpoolReader::is_noted(const std::string& note) const noexcept {
  return ::faccessat(spool_.noted(), note.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void SpoolReader::note(const std::string& note) const {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  const Descriptor empty = Descriptor::owned(::openat(spool_.noted(), note.c_str(), kFlags, S_IRUSR | S_IWUSR));
  if (empty.fd() < 0) throw failed_with_errno(spool_.name());
}

// remove leaves a file alone that got this name meanwhile.
void SpoolReader::remove(const File& file) const noexcept {
  struct stat now {};
  if (::fstatat(spool_.waiting(), file.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (now.st_ino == file.facts.st_ino) ::unlinkat(spool_.waiting(), file.name.c_str(), 0);
}

void SpoolReader::put_aside(const std::string& name, const std::string& why) {
  if (::renameat(spool_.waiting(), name.c_str(), spool_.noted(), name.c_str()) == 0) complain(name, why);
}

void SpoolReader::complain(const std::string& name, const std::string& why) {
  if (++complaints_ > kMaxComplaints) return;
  host_.log(QUICKET_LOG_WARNING, spool_.name() + "/new/" + name + ' ' + why +
                                     (complaints_ == kMaxComplaints ? "; further ones are not reported" : ""));
}

}  // namespace quicket::plugin
