// SPDX-License-Identifier: Apache-2.0
// The API answered by this process itself, beside a database without a daemon.
#pragma once

#include <functional>

#include "ctl/api_client.h"
#include "management/api.h"

namespace bindhss::ctl {

/// `open` opens the stores: at once, and again for each another(). `who` is named in the audit and may do
/// everything; `where` names the database without its password.
[[nodiscard]] std::shared_ptr<ApiClient> answer_here(std::function<management::Stores()> open,
                                                     std::string who, std::string where);

}  // namespace bindhss::ctl
