// SPDX-License-Identifier: Apache-2.0
#include "registry/https_key_registry.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <map>
#include <mutex>

#include "http/client.h"
#include "log/event_budget.h"
#include "registry/registry_record.h"

namespace bindhss::registry {

namespace asio = boost::asio;
using asio::awaitable;
using Key = std::optional<store::DeviceKey>;
using Found = Result<Key>;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

/// The answers that are still good. Any thread may call it.
class Cache {
  public:
    explicit Cache(std::size_t most) : most_(most) {}

    std::optional<Key> find(Imei imei, WallTime now) {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(imei);
        if (found == entries_.end()) return std::nullopt;
        // A clock that was set back makes nothing good for longer.
        if (now >= found->second.until || now < found->second.since) {
            order_.erase(found->second.place);
            entries_.erase(found);
            return std::nullopt;
        }
        order_.splice(order_.end(), order_, found->second.place);
        return found->second.key;
    }

    void put(Imei imei, const Key& key, WallTime now, std::chrono::milliseconds time) {
        if (time.count() == 0) return;
        const std::lock_guard lock(mutex_);
        if (const auto old = entries_.find(imei); old != entries_.end()) {
            order_.erase(old->second.place);
            entries_.erase(old);
        } else if (entries_.size() >= most_) {
            entries_.erase(order_.front());
            order_.pop_front();
        }
        entries_.emplace(imei, Entry{key, now, now + time, order_.insert(order_.end(), imei)});
    }

  private:
    struct Entry {
        Key key;
        WallTime since;
        WallTime until;
        std::list<Imei>::iterator place;
    };
    const std::size_t most_;
    std::mutex mutex_;
    std::map<Imei, Entry> entries_;
    std::list<Imei> order_;  // the one that was asked for longest ago first
};

/// A look-up under way, and those who wait for it.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor)
        : done(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer done;  ///< cancelled when it is
    std::optional<Found> found;
};

}  // namespace

class HttpsKeyRegistry::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::io_context& io, HttpsKeyRegistrySettings settings, const Clock& clock, log::Logger& log)
        : executor_(io.get_executor()),
          strand_(asio::make_strand(io)),
          settings_(std::move(settings)),
          clock_(clock),
          log_(log),
          cache_(settings_.cached_max) {}

    awaitable<Found> find(Imei imei) {
        const auto self = shared_from_this();
        if (const auto known = cache_.find(imei, clock_.now())) co_return *known;
        co_return co_await asio::co_spawn(strand_, join(imei), asio::use_awaitable);
    }

  private:
    /// On the strand.
    awaitable<Found> join(Imei imei) {
        const auto self = shared_from_this();
        if (const auto known = cache_.find(imei, clock_.now())) co_return *known;
        auto under_way = lookups_.find(imei);
        if (under_way != lookups_.end()) {
            const auto lookup = under_way->second;
            if (waiting_ >= settings_.waiting_max) co_return too_many();
            ++waiting_;
            co_await lookup->done.async_wait(with_error);
            --waiting_;
            co_return *lookup->found;
        }
        if (lookups_.size() >= settings_.lookups_max) co_return too_many();
        const auto lookup = std::make_shared<Lookup>(strand_);
        lookups_.emplace(imei, lookup);
        lookup->found = fail(Cause::unable_to_deliver, "the look-up was broken off");
        try {
            lookup->found = co_await fetch(imei);
        } catch (const std::exception& error) {
            lookup->found = failed(error.what());
        }
        lookups_.erase(imei);
        lookup->done.cancel();
        co_return *lookup->found;
    }

    awaitable<Found> fetch(Imei imei) {
        const auto& url = settings_.url;
        http::Asking where{url.host, url.port, url.authority(), settings_.tls, settings_.timeout};
        where.answer_octets_max = limits::registry_answer_octets_max;
        auto question = request(imei);
        auto answered = co_await http::ask(executor_, std::move(where), std::move(question));
        if (const auto* problem = std::get_if<std::string>(&answered)) co_return failed(*problem);
        const auto& response = std::get<http::Response>(answered);
        if (response.status == 404) co_return remember(imei, std::nullopt);
        if (response.status != 200)
            co_return failed(url.authority() + " answers " + std::to_string(response.status));
        auto record = read_record(response.body, imei);
        if (auto* key = std::get_if<store::DeviceKey>(&record)) co_return remember(imei, std::move(*key));
        tell("key_registry_record", imei.str() + ": " + std::get<std::string>(record));
        co_return remember(imei, std::nullopt);
    }

    http::Request request(Imei imei) const {
        http::Request request;
        request.method = "GET";
        const auto& target = settings_.url.target;
        request.path = target + (target.ends_with('/') ? "" : "/") + imei.str();
        request.fields.emplace_back("accept", "application/json");
        if (!settings_.token.empty()) {
            const auto token = settings_.token.view();
            request.fields.emplace_back("authorization", "Bearer " + std::string(token.begin(), token.end()));
        }
        return request;
    }

    Key remember(Imei imei, Key key) {
        const bool good = key && !key->revoked_at;
        cache_.put(imei, key, clock_.now(), good ? settings_.cache_for : settings_.cache_negative_for);
        return key;
    }
    Failure failed(const std::string& why) {
        tell("key_registry_failed", why);
        return fail(Cause::unable_to_deliver, "the registry of public keys cannot be asked: " + why);
    }
    static Failure too_many() {
        return fail(Cause::unable_to_deliver, "too many look-ups in the registry of public keys");
    }
    void tell(std::string_view event, const std::string& detail) {
        const auto kept_back = told_.take(std::chrono::steady_clock::now());
        if (kept_back) log_.warning(event, {{"detail", detail}, {"not_told_before", *kept_back}});
    }

    const asio::io_context::executor_type executor_;
    const asio::any_io_executor strand_;
    const HttpsKeyRegistrySettings settings_;
    const Clock& clock_;
    log::Logger& log_;
    log::EventBudget told_{limits::failure_events_per_second_max};
    Cache cache_;
    // Of the strand alone:
    std::map<Imei, std::shared_ptr<Lookup>> lookups_;
    std::size_t waiting_ = 0;
};

HttpsKeyRegistry::HttpsKeyRegistry(asio::io_context& io, HttpsKeyRegistrySettings settings,
                                   const Clock& clock, log::Logger& log)
    : impl_(std::make_shared<Impl>(io, std::move(settings), clock, log)) {}

HttpsKeyRegistry::~HttpsKeyRegistry() = default;

awaitable<Found> HttpsKeyRegistry::find(Imei imei) {
    return impl_->find(imei);
}

}  // namespace bindhss::registry
