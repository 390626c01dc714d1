#pragma once

#include <quicket/carrier.hpp>
#include <quicket/identity.hpp>
#include <quicket/relay_url.hpp>
#include <quicket/trust.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "apps/options/environment.hpp"
#include "apps/options/settings.hpp"
#include "apps/quicket/errors.hpp"
#include "apps/quicket/output.hpp"
#include "apps/quicket/places.hpp"

namespace quicket::cli {

// Context is what a command works with. All references are borrowed.
struct Context {
  const apps::Settings& settings;
  const std::vector<std::string>& arguments;  // behind the command's name
  const apps::Environment& environment;
  const Places& places;
  Output& output;
};

// What several commands read from the person's files. Problems name the file.

// identity_of loads this device's key, and makes one at the first use: it tells so.
Checked<Identity> identity_of(Context& context);
// trust_of loads the trusted peers; no file is nobody.
Checked<TrustStore> trust_of(const Context& context);
// relays_of gives the relays of --relay, else those of the relays file.
Checked<std::vector<RelayUrl>> relays_of(const Context& context);

// carrier_search: --carrier-path, QUICKET_PLUGIN_PATH, the configuration, then beside this program (as in a build
// folder), then where carriers get installed.
CarrierSearch carrier_search(const Context& context);
// carriers_beside is the folder of those that came with this program where it is not installed; empty when the system
// does not tell.
std::filesystem::path carriers_beside();
// this_program is the running executable's path; empty when the system does not tell.
std::filesystem::path this_program();

}  // namespace quicket::cli
