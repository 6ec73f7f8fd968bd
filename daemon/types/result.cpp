// SPDX-License-Identifier: Apache-2.0
#include "types/result.h"

#include <stdexcept>

#include "types/result_code.h"

namespace bindhss {

void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
    throw std::runtime_error(std::string(result_code(failure.cause).name) + ": " + failure.detail);
}

}  // namespace bindhss
