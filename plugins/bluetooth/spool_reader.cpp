#include "plugins/bluetooth/spool_reader.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <system_error>

#include "plugins/bluetooth/spool_file.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxComplaints = 5;  // log lines about junk, of one reader

}  // namespace

std::optional<Octets> SpoolReader::take() {
  for (const Spool::File& file : spool_.list(spool_.waiting())) {
    if (!is_spool_file_name(file.name)) continue;
    if (auto offer = take(file.name)) return offer;
  }
  return std::nullopt;
}

std::optional<Octets> SpoolReader::take(const std::string& name) {
  auto offer = read(name);
  if (!offer) return std::nullopt;
  const std::string claim = Spool::name_of(*offer);
  if (::renameat2(spool_.waiting(), name.c_str(), spool_.claimed(), claim.c_str(), RENAME_NOREPLACE) == 0) return offer;
  if (errno == EEXIST) {  // claimed before
    ::unlinkat(spool_.waiting(), name.c_str(), 0);
  } else if (errno != ENOENT) {  // else another reader was quicker
    throw failed_with_errno(spool_.name());
  }
  return std::nullopt;
}

std::optional<Octets> SpoolReader::read(const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const Descriptor file = Descriptor::owned(::openat(spool_.waiting(), name.c_str(), kFlags));
  struct stat facts {};
  if (file.fd() < 0 || ::fstat(file.fd(), &facts) != 0) {
    if (errno == ELOOP) complain(name, "is a link, skipped");
    if (errno != ELOOP && errno != ENOENT) complain(name, std::generic_category().message(errno) + ", skipped");
    return std::nullopt;
  }
  if (!S_ISREG(facts.st_mode)) {
    complain(name, "is not a file, skipped");
    return std::nullopt;
  }
  Octets content(kMaxSpoolFile + 1);
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.fd(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failed_with_errno(spool_.name());
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  auto offer = size <= kMaxSpoolFile ? offer_of_file(OctetView(content).first(size), host_) : std::nullopt;
  if (!offer) put_aside(name, size > kMaxSpoolFile ? "is too large, put aside" : "holds no offer, put aside");
  return offer;
}

void SpoolReader::put_aside(const std::string& name, const std::string& why) {
  if (::renameat(spool_.waiting(), name.c_str(), spool_.claimed(), name.c_str()) == 0) complain(name, why);
}

void SpoolReader::complain(const std::string& name, const std::string& why) {
  if (++complaints_ > kMaxComplaints) return;
  host_.log(QUICKET_LOG_WARNING, spool_.name() + "/new/" + name + ' ' + why +
                                     (complaints_ == kMaxComplaints ? "; further ones are not reported" : ""));
}

void SpoolReader::forget(OctetView offer) const noexcept {
  ::unlinkat(spool_.claimed(), Spool::name_of(offer).c_str(), 0);
}

}  // namespace quicket::plugin
