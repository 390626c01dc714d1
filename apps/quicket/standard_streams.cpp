#include "apps/quicket/standard_streams.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace quicket::cli {

namespace {

// is_stdio knows the carrier by its name, or by its file's.
bool is_stdio(const CarrierSpec& spec) {
  const std::string_view name = std::string_view(spec.name).substr(spec.name.rfind('/') + 1);
  return name == "stdio" || name == "quicket-carrier-stdio.so";
}

// uses: whether the option `key` names one of these, or is left out and stdio's.
bool uses(const CarrierSpec& spec, std::string_view key, std::span<const std::string_view> names) {
  const auto option = spec.options.find(key);
  if (option == spec.options.end()) return is_stdio(spec);
  return std::ranges::find(names, option->second) != names.end();
}

Problem both_only() { return usage_problem("--send-only and --receive-only together leave nothing to do"); }

}  // namespace

bool writes_standard_output(const CarrierSpec& spec) {
  constexpr std::array<std::string_view, 5> kNames{"-", "fd:1", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
  return uses(spec, "out", kNames);
}

bool reads_standard_input(const CarrierSpec& spec) {
  constexpr std::array<std::string_view, 5> kNames{"-", "fd:0", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};
  return uses(spec, "in", kNames);
}

std::string place_of(const CarrierSpec& spec) {
  if (writes_standard_output(spec)) return "standard output";
  const auto out = spec.options.find("out");
  return out != spec.options.end() ? out->second : spec.name;
}

void write_as_uri(std::span<CarrierSpec> carriers) {
  for (CarrierSpec& spec : carriers) {
    if (is_stdio(spec)) spec.options.try_emplace("form", "uri");
  }
}

Checked<Directions> directions_of_dial(std::span<const CarrierSpec> carriers, Wishes wishes, bool output_is_terminal) {
  if (wishes.send_only && wishes.receive_only) return both_only();
  const Directions directions{.send = !wishes.receive_only, .receive = !wishes.send_only};
  const bool offer_on_output = std::ranges::any_of(carriers, writes_standard_output);
  if (offer_on_output && directions.receive && !output_is_terminal) {
    return usage_problem(
        "the offer and what the peer sends would mix on standard output, which is no terminal. Send the offer "
        "elsewhere with "
        "--carrier stdio:out=FILE, or take nothing from the peer with --send-only");
  }
  return directions;
}

Checked<Directions> directions_of_accept(std::span<const CarrierSpec> carriers, Wishes wishes) {
  if (wishes.send_only && wishes.receive_only) return both_only();
  const bool offers_on_input = std::ranges::any_of(carriers, reads_standard_input);
  if (wishes.send_only && wishes.keep_open)
    return usage_problem("with --keep-open nothing is sent, and so --send-only leaves nothing to do");
  if (wishes.send_only && offers_on_input) {
    return usage_problem(
        "the offer comes from standard input, so that nothing is left there to be sent. Take the offer from elsewhere "
        "with "
        "--carrier stdio:in=FILE");
  }
  return Directions{.send = !wishes.receive_only && !wishes.keep_open && !offers_on_input,
                    .receive = !wishes.send_only,
                    .end_output = !wishes.keep_open};
}

Checked<> check_input(Directions directions) {
  struct stat facts {};
  if (!directions.send || ::fstat(STDIN_FILENO, &facts) != 0 || !S_ISDIR(facts.st_mode)) return {};
  return Problem{Exit::kInputOutput,
                 "standard input is a folder, which cannot be sent. Give a file, or send nothing with --receive-only"};
}

}  // namespace quicket::cli
