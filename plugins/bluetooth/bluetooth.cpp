#include <poll.h>

#include <chrono>
#include <iterator>

#include <quicket/carrier_plugin.hpp>
#include <quicket/plugin/options.hpp>
#include <quicket/plugin/waiter.hpp>

#include "plugins/bluetooth/folder_watch.hpp"
#include "plugins/bluetooth/spool.hpp"
#include "plugins/bluetooth/spool_reader.hpp"
#include "plugins/bluetooth/spool_writer.hpp"

namespace quicket::plugin {

// Bluetooth carries offers as files that one device pushes to another. It writes and reads the folders where these
// files lie; what moves them by radio, OBEX object push, is not part of it yet.
class Bluetooth {
 public:
  static constexpr quicket_option kOptions[] = {
      {"out", "the folder where offers are put for sending, in the manner of Maildir; made when it is not there"},
      {"in", "the folder where received offers lie, in the same manner"},
  };
  static constexpr quicket_carrier_info kInfo{
      .struct_size = sizeof(quicket_carrier_info),
      .name = "bluetooth",
      .summary = "offers as files in a spool folder (the radio part is to come)",
      .capabilities = QUICKET_CARRIER_CAN_DELIVER | QUICKET_CARRIER_CAN_RECEIVE,
      .max_offer = 65'536,
      .typical_latency_ms = 0,
      .options = kOptions,
      .option_count = std::size(kOptions)};

  Bluetooth(Host host, const Options& options) : host_(host), waiter_(host) {
    refuse_unknown_options(options, kInfo);
    out_ = text_option(options, "out");
    in_ = text_option(options, "in");
    if (!out_ && !in_) throw BadOption("option \"out\" or \"in\" must name a folder");
  }

  void deliver(const Delivery& delivery) {
    if (!out_) throw Failed("option \"out\" does not say where offers go");
    waiter_.pause(0, delivery.deadline_ms);
    write_offer(Spool(*out_), delivery.offer, waiter_, delivery.deadline_ms);
  }

  void receive(std::int64_t deadline, const OnOffer& on_offer) {
    if (!in_) throw Failed("option \"in\" does not say where offers lie");
    const Spool spool(*in_);
    const FolderWatch watch(*in_ + "/new");
    SpoolReader reader(spool, host_);
    for (;;) {
      spool.sweep(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
      waiter_.pause(0, deadline);
      SpoolReader::Outcome outcome;
      while ((outcome = reader.hand_on(on_offer)) == SpoolReader::Outcome::kHandedOn) waiter_.pause(0, deadline);
      const auto pause = outcome == SpoolReader::Outcome::kOthersTurn ? kOthersTurn : kLookAgain;
      if (waiter_.wait_at_most(watch.fd(), POLLIN, pause, deadline)) watch.drain();
    }
  }

  void cancel() noexcept { waiter_.cancel(); }

 private:
  // Milliseconds.
  static constexpr std::int64_t kLookAgain = 5'000;  // for folders that tell no news
  static constexpr std::int64_t kOthersTurn = 50;    // a host's verdict takes less

  Host host_;
  Waiter waiter_;
  std::optional<std::string> out_, in_;
};

}  // namespace quicket::plugin

QUICKET_CARRIER_PLUGIN(quicket::plugin::Bluetooth)
