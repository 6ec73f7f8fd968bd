// SPDX-License-Identifier: Apache-2.0
// An API over the store in memory that loses what it is told to lose.
#pragma once

#include <atomic>
#include <functional>

#include "unit/ctl_session.h"

namespace bindhss::test {

/// What becomes of a request: it is answered, it does not arrive, or its answer is lost.
enum class Fate { answered, lost, answer_lost };

/// Shared by all its clients, as a daemon is.
struct LossyWorld {
    store::MemoryStore store;
    std::mutex mutex;  ///< of the store as one daemon's worker has it
    std::function<Fate(std::uint64_t number, const http::Request&)> fate;
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> changes{0};  ///< that were done or had been before
};

class LossyApi final : public ctl::ApiClient {
  public:
    explicit LossyApi(LossyWorld& world) : world_(world) {
        const std::shared_ptr<store::MemoryStore> lent(&world.store, [](store::MemoryStore*) {});
        inner_ = ctl::answer_here([lent] { return management::Stores{lent, lent}; }, "tester@here", "lossy");
    }
    http::Response ask(const http::Request& request) override {
        const std::lock_guard lock(world_.mutex);
        const auto fate = world_.fate ? world_.fate(world_.requests.fetch_add(1), request) : Fate::answered;
        if (fate == Fate::lost) throw store::Unavailable("the API is away");
        auto response = inner_->ask(request);
        if (request.path == "/v1/changes" && response.status == 200) ++world_.changes;
        if (fate == Fate::answer_lost) throw store::Unavailable("the answer is lost");
        return response;
    }
    std::shared_ptr<ApiClient> another() const override { return std::make_shared<LossyApi>(world_); }
    std::string where() const override { return "lossy"; }

  private:
    LossyWorld& world_;
    std::shared_ptr<ctl::ApiClient> inner_;
};

inline ctl::Open lend_lossy(LossyWorld& world) {
    return [&world](const ctl::Target&) {
        const auto api = std::make_shared<LossyApi>(world);
        return ctl::Stores{std::make_shared<ctl::ApiProvisioning>(api),
                           std::make_shared<ctl::ApiDeviceKeys>(api), api};
    };
}

}  // namespace bindhss::test
