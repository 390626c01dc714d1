#include "apps/quicket/command.hpp"

namespace quicket::cli {

Checked<> run_version(Context& context) {
  context.output.result("quicket " QUICKET_VERSION, {{"version", QUICKET_VERSION}});
  return {};
}

}  // namespace quicket::cli
