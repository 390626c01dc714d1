#pragma once

#include <exception>
#include <optional>
#include <string>

#include "core/carrier/printable.hpp"

namespace quicket {

// call_foreign runs a plugin's function. A plugin must not throw; one that does gives its exception's text here, or a
// placeholder, and not the end of the process.
template <class Function>
std::optional<std::string> call_foreign(Function&& function) {
  try {
    function();
    return std::nullopt;
  } catch (const std::exception& exception) {
    return "it threw an exception: " + printable_text(exception.what(), 200);
  } catch (...) {
    return "it threw an exception";
  }
}

}  // namespace quicket
