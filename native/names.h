// Words for the kernel's numbers, as the records of JavaScript have them.
#pragma once

#include <cstdint>
#include <span>

namespace netprim {

struct NamedNumber {
  const char* name;
  uint32_t number;
};
using Names = std::span<const NamedNumber>;

}  // namespace netprim
