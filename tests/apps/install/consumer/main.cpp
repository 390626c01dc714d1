// Uses a little of several modules of the installed library: what links and runs here links and runs anywhere.
#include <quicket/error.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/relay_url.hpp>

#include <cstdio>

int main() {
  const quicket::PeerId id{quicket::PeerId::Key{}};
  const auto same = quicket::PeerId::parse(id.to_string());
  if (!same || *same != id) {
    std::fputs("a peer id does not survive its own text\n", stderr);
    return 1;
  }
  const auto url = quicket::RelayUrl::parse("https://relay.example:4433");
  if (!url || url->port != 4433) {
    std::fputs("a relay URL is not read\n", stderr);
    return 1;
  }
  const auto refused = quicket::RelayUrl::parse("ftp://relay.example");
  if (refused || refused.error().message().empty()) {
    std::fputs("an error has no message\n", stderr);
    return 1;
  }
  return 0;
}
