#include <unistd.h>

#include <algorithm>
#include <array>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/input.hpp>
#include <quicket/plugin/options.hpp>
#include <quicket/plugin/output.hpp>
#include <quicket/plugin/place.hpp>
#include <quicket/plugin/turn.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/stdio/line_reader.hpp"

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxOffer = 65'536;      // bytes
constexpr std::size_t kMaxLine = 192 * 1'024;  // bytes: 64 KiB take about 160 KiB of digits
constexpr std::size_t kMaxComplaints = 5;      // log lines about junk, of one receive

enum class Form { kJson, kUri, kDigits, kBinary };

constexpr std::array<std::string_view, 4> kForms{"json", "uri", "digits", "binary"};  // in the order of Form

// An offer's bytes begin with its version, 1, and its kind, 0 to 2 (docs/protocol.md "The offer"); no line of text
// does.
constexpr std::string_view kBinaryMark = "\x01";
bool begins_binary(std::string_view input) {
  return input.size() >= 2 && input.starts_with(kBinaryMark) && static_cast<unsigned char>(input[1]) <= 2;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos; }

}  // namespace

// Stdio carries offers over files, pipes and standard streams: one line of text each, or as a file's bytes.
class Stdio {
 public:
  static constexpr quicket_option kOptions[] = {
      {"out", "where offers go: a path, - (standard output, the default) or fd:N"},
      {"in", "where offers come from: a path, - (standard input, the default) or fd:N"},
      {"form",
       "what is written: json (the default), uri or digits, a line each, or binary, a whole file; all are read"},
  };
  static constexpr quicket_carrier_info kInfo{
      .struct_size = sizeof(quicket_carrier_info),
      .name = "stdio",
      .summary = "offers as lines of text in files, pipes and standard streams",
      .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE | QUICKET_CARRIER_BY_HAND,
      .max_offer = kMaxOffer,
      .typical_latency_ms = 0,
      .options = kOptions,
      .option_count = std::size(kOptions)};

  Stdio(Host host, const Options& options) : host_(host), waiter_(host) {
    refuse_unknown_options(options, kInfo);
    if (const auto out = text_option(options, "out")) out_ = parse_place("out", *out, STDOUT_FILENO);
    if (const auto in = text_option(options, "in")) in_ = parse_place("in", *in, STDIN_FILENO);
    form_ = static_cast<Form>(choice_option(options, "form", 0, kForms));
  }

  void deliver(const Delivery& delivery) {
    const Octets content =
        form_ == Form::kBinary ? Octets(delivery.offer.begin(), delivery.offer.end()) : line(delivery.offer);
    write_output(out_, content, waiter_, out_turn_, delivery.deadline_ms);
  }

  void receive(std::int64_t deadline, const OnOffer& on_offer) {
    const Turn::Taken taken(in_turn_, waiter_, deadline);
    Input input(in_);
    std::string start;  // as much as tells binary from text
    while (start.empty() || start == kBinaryMark) {
      const std::string_view piece = input.read(waiter_, deadline);
      if (piece.empty()) break;
      start += piece;
    }
    if (begins_binary(start)) {
      receive_file(input, start, deadline, on_offer);
    } else {
      receive_lines(input, start, deadline, on_offer);
    }
  }

  void cancel() noexcept { waiter_.cancel(); }

 private:
  Octets line(OctetView offer) const {
    const auto form = form_ == Form::kUri      ? QUICKET_TEXT_URI
                      : form_ == Form::kDigits ? QUICKET_TEXT_DIGITS
                                               : QUICKET_TEXT_JSON;
    const auto text = host_.to_text(form, offer);
    if (!text) throw Failed("the host cannot write this offer as text");
    Octets result(text->begin(), text->end());
    result.push_back('\n');
    return result;
  }

  void receive_file(Input& input, std::string_view start, std::int64_t deadline, const OnOffer& on_offer) const {
    Octets offer;
    for (std::string_view piece = start; !piece.empty(); piece = input.read(waiter_, deadline)) {
      if (offer.size() + piece.size() > kMaxOffer) throw Failed(in_.name() + " is no offer: it is larger than 64 KiB");
      offer.insert(offer.end(), piece.begin(), piece.end());
    }
    on_offer(offer);
  }

  void receive_lines(Input& input, std::string_view start, std::int64_t deadline, const OnOffer& on_offer) const {
    LineReader reader(kMaxLine);
    std::size_t complaints = 0;
    for (std::string_view piece = start;; piece = input.read(waiter_, deadline)) {
      reader.feed(piece);
      if (piece.empty()) reader.finish();
      while (const auto line = reader.next()) {
        waiter_.pause(0, deadline);  // many lines may be here already
        if (is_blank(line->text) && !line->too_long) continue;
        const auto offer = line->too_long ? std::nullopt : host_.from_text(line->text);
        if (offer) {
          on_offer(*offer);
        } else if (++complaints <= kMaxComplaints) {
          complain(*line, complaints == kMaxComplaints);
        }
      }
      if (piece.empty()) return;
    }
  }

  void complain(const LineReader::Line& line, bool last) const {
    host_.log(QUICKET_LOG_WARNING, in_.name() + ", line " + std::to_string(line.number) +
                                       (line.too_long ? " is too long, skipped" : " is not an offer, skipped") +
                                       (last ? "; further ones are not reported" : ""));
  }

  Host host_;
  Waiter waiter_;
  Turn out_turn_, in_turn_;
  Place out_{.path = {}, .fd = STDOUT_FILENO}, in_{.path = {}, .fd = STDIN_FILENO};
  Form form_ = Form::kJson;
};

}  // namespace quicket::plugin

QUICKET_CARRIER_PLUGIN(quicket::plugin::Stdio)
