#include "apps/quicket/relay_list.hpp"

#include <algorithm>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"

namespace quicket::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 256 * 1'024;  // bytes
constexpr mode_t kOwnerOnly = 0600;
constexpr std::string_view kBlank = " \t\r";

// url_part gives the line without its comment and the blanks around. A URL's own '#' has no blank in front.
std::string_view url_part(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  if (line.starts_with('#')) return {};
  return line.substr(0, line.find_first_of(kBlank));
}

bool has_comment_only(std::string_view rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
  return rest.empty() || rest.starts_with('#');
}

// change runs `edit` on the list in the file, and keeps what became of it.
template <class Edit>
Checked<bool> change(const fs::path& file, Edit edit) {
  if (const auto made = make_private_folders(file.parent_path()); !made)
    return problem_of(made.error(), file.parent_path().string());
  const auto lock = FileLock::acquire(file);
  if (!lock) return problem_of(lock.error(), file.string());
  auto list = load_relays(file);
  if (!list) return list.error();
  Checked<bool> edited = edit(*list);
  if (!edited) return edited;
  const auto written = write_file_atomically(file, as_bytes(list->to_text()), kOwnerOnly);
  if (!written) return problem_of(written.error(), file.string());
  return edited;
}

}  // namespace

Checked<RelayList> RelayList::parse(std::string_view text, std::string_view file) {
  RelayList list;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    Line& entry = list.lines_.emplace_back(Line{std::string(line), {}});
    const std::string_view part = url_part(line);
    if (part.empty()) continue;
    const auto url = RelayUrl::parse(part);
    const auto behind = static_cast<std::size_t>(part.data() + part.size() - line.data());
    if (!url || !has_comment_only(line.substr(behind)) || list.urls().size() == kMaxRelays) {
      const std::string why =
          url ? "one relay a line, and at most " + std::to_string(kMaxRelays) : url.error().message();
      return Problem{Exit::kConfig, std::string(file) + ", line " + std::to_string(number) + ": " + why};
    }
    entry.url.push_back(*url);
  }
  return list;
}

std::string RelayList::to_text() const {
  std::string text;
  for (const Line& line : lines_) text += line.text + '\n';
  return text;
}

std::vector<RelayUrl> RelayList::urls() const {
  std::vector<RelayUrl> urls;
  for (const Line& line : lines_) urls.insert(urls.end(), line.url.begin(), line.url.end());
  return urls;
}

Checked<bool> RelayList::add(const RelayUrl& url) {
  const auto same = std::ranges::find_if(lines_, [&url](const Line& line) {
    return !line.url.empty() && line.url[0].host == url.host && line.url[0].port == url.port;
  });
  Line line{url.to_string(), {url}};
  if (same != lines_.end()) {
    if (same->url != line.url) *same = std::move(line);
    return true;
  }
  if (urls().size() == kMaxRelays) {
    return Problem{Exit::kTemporary,
                   std::to_string(kMaxRelays) + " relays are there already: remove one with: quicket relay remove URL"};
  }
  lines_.push_back(std::move(line));
  return false;
}

bool RelayList::remove(std::string_view relay) {
  const auto parsed = RelayUrl::parse(relay);
  const auto meant = [&](const Line& line) {
    if (line.url.empty()) return false;
    const RelayUrl& url = line.url[0];
    if (parsed) return parsed->authority() == url.authority() && (parsed->pins.empty() || parsed->pins == url.pins);
    return url.authority() == relay || url.host == relay;
  };
  return std::erase_if(lines_, meant) > 0;
}

Checked<RelayList> load_relays(const fs::path& file) {
  const auto content = read_file(file, kMaxFile);
  if (!content && content.error() == boost::system::errc::no_such_file_or_directory) return RelayList();
  if (!content) return own_file_problem(content.error(), file.string());
  return RelayList::parse(as_text(*content), file.string());
}

Checked<bool> add_relay(const fs::path& file, const RelayUrl& url) {
  return change(file, [&url](RelayList& list) { return list.add(url); });
}

Checked<bool> remove_relay(const fs::path& file, std::string_view relay) {
  return change(file, [relay](RelayList& list) { return Checked<bool>(list.remove(relay)); });
}

}  // namespace quicket::cli
