#include "apps/quicket/command.hpp"

namespace quicket::cli {

Checked<> run_id(Context& context) {
  const auto identity = identity_of(context);
  if (!identity) return identity.error();
  const std::string id = identity->id().to_string();
  context.output.result(id, {{"id", id}});
  return {};
}

}  // namespace quicket::cli
