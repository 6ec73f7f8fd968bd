// SPDX-License-Identifier: Apache-2.0
#include "ctl/here_api.h"

#include "crypto/random.h"
#include "types/octets.h"

namespace bindhss::ctl {

namespace {

class HereApi final : public ApiClient {
  public:
    HereApi(std::function<management::Stores()> open, std::string who, std::string where)
        : open_(std::move(open)),
          who_(std::move(who)),
          where_(std::move(where)),
          stores_(open_()),
          log_(log::Settings{log::Level::error, log::Format::text, {}}),
          api_(management::ApiSettings{0}, open_, nullptr, log_) {}

    http::Response ask(const http::Request& request) override {
        management::Caller caller;
        caller.name = who_;
        caller.roles = management::Roles(management::Role::admin);
        Octets<8> name{};
        random_.fill(name);
        caller.request = "ctl-" + to_hex(name);
        return api_.serve_here(request, caller, stores_);
    }
    std::shared_ptr<ApiClient> another() const override {
        return std::make_shared<HereApi>(open_, who_, where_);
    }
    std::string where() const override { return where_; }

  private:
    std::function<management::Stores()> open_;
    std::string who_;
    std::string where_;
    management::Stores stores_;
    log::Logger log_;
    crypto::SystemRandom random_;
    management::Api api_;
};

}  // namespace

std::shared_ptr<ApiClient> answer_here(std::function<management::Stores()> open, std::string who,
                                       std::string where) {
    return std::make_shared<HereApi>(std::move(open), std::move(who), std::move(where));
}

}  // namespace bindhss::ctl
