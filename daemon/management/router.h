// SPDX-License-Identifier: Apache-2.0
// Finds the operation of a request. Not for other layers.
#pragma once

#include "management/route.h"

namespace bindhss::management {

/// Every route of the tables in route.h.
[[nodiscard]] std::vector<Route> all_routes();

/// What %XX stands for. Nothing: a percent sign without two hexadecimal digits, or an octet that is a control
/// character or NUL.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);
/// "a=1&b=2", with '+' for a blank. Throws Problem bad_request: a name that is not among `known` (blanks
/// between them), that is there twice, or that cannot be decoded.
[[nodiscard]] std::map<std::string, std::string, std::less<>> read_query(std::string_view query,
                                                                         std::string_view known);

/// Immutable: any thread may use it.
class Router {
  public:
    /// Throws std::logic_error when two routes are the same.
    explicit Router(std::vector<Route> routes);

    struct Found {
        const Route* route = nullptr;
        std::vector<std::string> parts;
    };
    /// Throws Problem not_found or bad_request; where the path is known but the method is not, MethodUnknown.
    /// HEAD finds GET. Templates with fewer "{..}" come first: "/v1/devices/models" before
    /// "/v1/devices/{range}".
    [[nodiscard]] Found find(std::string_view method, std::string_view path) const;
    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

  private:
    std::vector<Route> routes_;
    std::vector<std::vector<std::string_view>> segments_;  // of each
};

/// 405.
class MethodUnknown : public std::exception {
  public:
    explicit MethodUnknown(std::string allowed) : allowed_(std::move(allowed)) {}
    [[nodiscard]] const char* what() const noexcept override { return "method not allowed"; }
    [[nodiscard]] http::Response response() const;

  private:
    std::string allowed_;  ///< "GET, HEAD, PUT"
};

}  // namespace bindhss::management
