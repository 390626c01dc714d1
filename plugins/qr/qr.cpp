#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/input.hpp>
#include <quicket/plugin/options.hpp>
#include <quicket/plugin/output.hpp>
#include <quicket/plugin/place.hpp>
#include <quicket/plugin/turn.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/qr/drawing.hpp"
#include "plugins/qr/scanner.hpp"
#include "plugins/qr/terminal.hpp"
#include "plugins/qr/watched_folder.hpp"

namespace quicket::plugin {

namespace {

constexpr int kScale = 8, kMaxScale = 32;   // pixels a module
constexpr std::size_t kMostComplaints = 5;  // log lines about pictures in a folder

enum class Form { kPng, kSvg, kTerminal };
constexpr std::array<std::string_view, 3> kForms{"png", "svg", "terminal"};  // in the order of Form

// type_of gives what S_ISREG and the like take; 0 when there is nothing.
mode_t type_of(const Place& place) {
  struct stat status {};
  const int known = place.path.empty() ? ::fstat(place.fd, &status) : ::stat(place.path.c_str(), &status);
  return known == 0 ? status.st_mode : 0;
}

// why_nothing says why no offer came from a place, and what to do.
std::string why_nothing(const Scanner& scanner, const std::string& name) {
  if (scanner.codes() > 0) return name + " shows no offer: its QR codes hold something else";
  if (scanner.pictures() > 0) {
    return "no QR code can be read in " + name +
           ": go nearer, hold still, show the whole code with white around it, flat and without glare";
  }
  if (!scanner.why().empty()) return name + " cannot be read: " + scanner.why();
  return name + " holds no picture: PNG, JPEG, PNM (P4, P5, P6) and Y4M (of 8 bits) are read";
}

}  // namespace

// Qr carries offers as QR codes: drawn on the terminal or written as pictures, read from pictures and cameras.
class Qr {
 public:
  static constexpr quicket_option kOptions[] = {
      {"out", "where a code goes: a path, - (standard output) or fd:N; left out: drawn on the terminal"},
      {"form", "png, svg or terminal: how it is drawn; left out: as the path's end or the terminal says"},
      {"scale", "pixels for each of the code's squares in png and svg, 1 to 32; left out: 8"},
      {"in", "where pictures come from: a file, a folder to watch, - (standard input) or fd:N; a stream of frames too"},
  };
  static constexpr quicket_carrier_info kInfo{
      .struct_size = sizeof(quicket_carrier_info),
      .name = "qr",
      .summary = "offers as QR codes on the terminal, in pictures and before cameras",
      .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE | QUICKET_CARRIER_BY_HAND,
      .max_offer = Symbol::kMaxOffer,
      .typical_latency_ms = 10'000,  // a person aims a camera
      .options = kOptions,
      .option_count = std::size(kOptions)};

  Qr(Host host, const Options& options) : host_(host), waiter_(host) {
    refuse_unknown_options(options, kInfo);
    if (const auto out = text_option(options, "out")) out_ = parse_place("out", *out, STDOUT_FILENO);
    if (const auto in = text_option(options, "in")) in_ = parse_place("in", *in, STDIN_FILENO);
    form_ = form_of(options);
    scale_ = static_cast<int>(number_option(options, "scale", kScale, 1, kMaxScale));
    if (form_ == Form::kTerminal && options.contains("scale")) {
      throw bad_option("scale", "is for png and svg: on a terminal the letters' size counts");
    }
  }

  void deliver(const Delivery& delivery) {
    const auto text = host_.to_text(QUICKET_TEXT_DIGITS, delivery.offer);
    if (!text) throw Failed("the host cannot write this offer as text");
    const auto symbol = Symbol::encode(*text);
    if (!symbol) throw TooLarge("the offer is larger than 2910 bytes, the most that a QR code holds");
    const Place place = out_ ? *out_ : find_terminal();
    if (form_ == Form::kTerminal) {
      if (const auto size = size_of_terminal(place)) refuse_small_terminal(*size, terminal_size_of(*symbol));
    }
    const std::string drawing = form_ == Form::kPng   ? png_drawing(*symbol, scale_)
                                : form_ == Form::kSvg ? svg_drawing(*symbol, scale_)
                                                      : terminal_drawing(*symbol);
    const OctetView bytes(reinterpret_cast<const std::uint8_t*>(drawing.data()), drawing.size());
    write_output(place, bytes, waiter_, out_turn_, delivery.deadline_ms);
  }

  void receive(std::int64_t deadline, const OnOffer& on_offer) {
    if (!in_) throw bad_option("in", "says where pictures come from: in=FILE, in=FOLDER, or in=- for a stream");
    const Turn::Taken taken(in_turn_, waiter_, deadline);
    const mode_t type = type_of(*in_);
    if (S_ISDIR(type)) watch(deadline, on_offer);
    Scanner scanner(host_, waiter_, deadline, on_offer);
    read(*in_, S_ISREG(type) ? Scanner::Effort::kAll : Scanner::Effort::kLittle, scanner, deadline);
    if (scanner.offers() == 0) throw Failed(why_nothing(scanner, in_->name()));
  }

  void cancel() noexcept { waiter_.cancel(); }

 private:
  Form form_of(const Options& options) const {
    if (options.contains("form")) return static_cast<Form>(choice_option(options, "form", 0, kForms));
    if (!out_ || is_terminal(*out_)) return Form::kTerminal;
    if (out_->path.ends_with(".png")) return Form::kPng;
    if (out_->path.ends_with(".svg")) return Form::kSvg;
    throw bad_option("form", "is missing: png, svg or terminal? The end of " + out_->name() + " does not say");
  }

  void read(const Place& place, Scanner::Effort effort, Scanner& scanner, std::int64_t deadline) const {
    Input input(place);
    FrameReader frames;
    for (bool more = true; more;) {
      const std::string_view piece = input.read(waiter_, deadline);
      more = !piece.empty();
      frames.feed({reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()});
      if (!more) frames.finish();
      while (const auto frame = frames.next()) scanner.scan(*frame, effort);
    }
    scanner.finish();
  }

  // watch never returns: pictures may always come.
  [[noreturn]] void watch(std::int64_t deadline, const OnOffer& on_offer) const {
    WatchedFolder folder(in_->path);
    Scanner scanner(host_, waiter_, deadline, on_offer);
    for (std::size_t complaints = 0;;) {
      const WatchedFolder::File file = folder.next(waiter_, deadline);
      scanner.begin();
      read({.path = {}, .fd = file.descriptor.fd()}, Scanner::Effort::kAll, scanner, deadline);
      if (scanner.offers() > 0 || !file.is_new || ++complaints > kMostComplaints) continue;
      host_.log(QUICKET_LOG_WARNING, why_nothing(scanner, file.name) +
                                         (complaints == kMostComplaints ? "; further ones are not reported" : ""));
    }
  }

  Host host_;
  Waiter waiter_;
  Turn out_turn_, in_turn_;
  std::optional<Place> out_, in_;
  Form form_ = Form::kTerminal;
  int scale_ = kScale;
};

}  // namespace quicket::plugin

QUICKET_CARRIER_PLUGIN(quicket::plugin::Qr)
