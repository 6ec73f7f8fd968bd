// SPDX-License-Identifier: Apache-2.0
#include "management/api.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>

#include "crypto/hash.h"
#include "management/answers.h"
#include "management/router.h"
#include "management/work_queue.h"
#include "store/overdue.h"

namespace bindhss::management {

namespace asio = boost::asio;

namespace {

bool is_reading(const http::Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// Of what is asked for: the same key for something else is a mistake of the client.
Octets<32> fingerprint_of(const http::Request& request) {
    std::string text = request.method + "\n" + request.path + "\n" + request.query + "\n" + request.body;
    const auto fingerprint = crypto::sha256(as_octets(text));
    explicit_bzero(text.data(), text.size());
    return fingerprint;
}

std::optional<store::Once> once_of(const http::Request& request, const Caller& caller) {
    const auto key = request.field("idempotency-key");
    if (key.empty()) return std::nullopt;
    if (key.size() > limits::api_idempotency_key_octets_max || !is_printable(key)) {
        throw Problem(bad_request, "The Idempotency-Key is not 1 to " +
                                       std::to_string(limits::api_idempotency_key_octets_max) +
                                       " printable characters.");
    }
    return store::Once{caller.name + ":" + std::string(key), fingerprint_of(request)};
}

std::size_t length_told(const http::Request& head) {
    const auto text = head.field("content-length");
    std::size_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length;
}

/// Resumes its coroutine on the executor of that, once.
template <class Handler>
class Resume {
  public:
    explicit Resume(Handler&& handler)
        : handler_(std::move(handler)), work_(asio::get_associated_executor(handler_)) {}
    void operator()(http::Response response) {
        asio::post(work_.get_executor(),
                   [handler = std::move(handler_), answer = std::move(response)]() mutable {
                       std::move(handler)(std::move(answer));
                   });
    }

  private:
    Handler handler_;
    asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
};

/// What waited too long for others may go well the next time; what takes too long by itself will not.
Problem problem_of(const store::Overdue& error) {
    switch (error.why()) {
        case store::Overdue::Why::statement:
            return {took_too_long, error.what()};
        case store::Overdue::Why::lock:
            return {database_busy, error.what()};
        case store::Overdue::Why::stopped:
            break;
    }
    return {database_away, error.what()};
}

void refuse_match(const http::Request& request) {
    if (!request.field("if-match").empty() || !request.field("if-none-match").empty()) {
        throw Problem(bad_request,
                      "If-Match and If-None-Match are for one subscriber, profile, device or terms.");
    }
}

struct Outcome {
    http::Response response;
    bool stores_are_good = true;
};

}  // namespace

struct Api::Impl {
    Impl(ApiSettings settings, const std::function<Stores()>& open, Running* its_running,
         log::Logger& its_log)
        : router(all_routes()),
          running(its_running),
          log(its_log),
          users(std::move(settings.user_name)),
          quick_queue(std::min(settings.workers, 1U), limits::api_queue_max, open),
          queue(settings.workers, limits::api_queue_max, open) {}

    /// Finds the operation, and whether the caller may; without a look at the body.
    [[nodiscard]] Router::Found find(const http::Request& head, const Caller& caller) const;
    [[nodiscard]] Outcome perform(const http::Request& request, const Caller& caller,
                                  const WorkQueue::Open& open);
    http::Response operate(const http::Request& request, const Caller& caller, const WorkQueue::Open& open);
    /// Calls `work` and makes an answer of whatever it throws.
    template <class Work>
    [[nodiscard]] Outcome answer_of(const http::Request& request, const Caller& caller, Work work);
    /// Where a request waits for its turn.
    [[nodiscard]] WorkQueue& queue_of(const http::Request& request);
    /// The last of a request: names it, tells of it.
    void finish(http::Response& response, const http::Request& request, const Caller& caller,
                std::chrono::steady_clock::time_point began);

    const Router router;
    Running* const running;
    log::Logger& log;
    LocalUsers users;
    WorkQueue quick_queue;
    WorkQueue queue;
};

Router::Found Api::Impl::find(const http::Request& head, const Caller& caller) const {
    auto found = router.find(head.method, head.path);
    const auto& route = *found.route;
    if (!caller.roles.may(route.role)) {
        throw Problem(role_missing, "This needs the role " + std::string(name_of(route.role)) + ", which " +
                                        caller.name + " does not have.");
    }
    const auto length = std::max(length_told(head), head.body.size());
    if (length > route.body_octets_max) {
        throw Problem(too_large,
                      "The body may have " + std::to_string(route.body_octets_max) + " octets here.");
    }
    return found;
}

WorkQueue& Api::Impl::queue_of(const http::Request& request) {
    try {
        if (router.find(request.method, request.path).route->nature == Nature::quick) return quick_queue;
    } catch (const std::exception&) {  // answered in its turn
    }
    return queue;
}

http::Response Api::Impl::operate(const http::Request& request, const Caller& caller,
                                  const WorkQueue::Open& open) {
    auto found = find(request, caller);
    auto query = read_query(request.query, found.route->query);
    Call call{request, caller, std::move(found.parts), std::move(query), {}};
    call.options.request = caller.request;
    call.options.dry_run = query_flag(call, "dry_run");
    if (!is_reading(request)) {
        if (found.route->nature != Nature::guarded) refuse_match(request);
        call.options.once = once_of(request, caller);
    }
    auto& stores = open();
    stores.provisioning->act_as(caller.name);
    stores.device_keys->act_as(caller.name);
    if (stores.by_request) stores.by_request(caller.request);
    Desk desk{*stores.provisioning, *stores.device_keys, running};
    return found.route->operation(call, desk);
}

template <class Work>
Outcome Api::Impl::answer_of(const http::Request& request, const Caller& caller, Work work) {
    try {
        return {work(), true};
    } catch (const Problem& problem) {
        return {problem.response(), true};
    } catch (const MethodUnknown& unknown) {
        return {unknown.response(), true};
    } catch (const store::Overdue& error) {
        return {problem_of(error).response(), true};
    } catch (const store::Unavailable& error) {
        return {Problem(database_away, error.what()).response(), false};
    } catch (const std::exception& error) {
        log.error("api_fault", {{"who", caller.name},
                                {"method", request.method},
                                {"path", request.path},
                                {"request", caller.request},
                                {"detail", error.what()}});
    }
    return {Problem(fault, "The server failed; its log tells of it.").response(), false};
}

Outcome Api::Impl::perform(const http::Request& request, const Caller& caller, const WorkQueue::Open& open) {
    return answer_of(request, caller, [&] { return operate(request, caller, open); });
}

void Api::Impl::finish(http::Response& response, const http::Request& request, const Caller& caller,
                       std::chrono::steady_clock::time_point began) {
    using std::chrono::microseconds;
    if (!caller.request.empty()) response.fields.emplace_back("x-request-id", caller.request);
    const auto took = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - began);
    const auto level = is_reading(request) ? log::Level::debug : log::Level::info;
    // No query: what it asks for may be more than the log should know.
    log.event(level, "api_request",
              {{"who", caller.name},
               {"method", request.method},
               {"path", request.path},
               {"status", response.status},
               {"microseconds", took.count()},
               {"request", caller.request}});
}

Api::Api(ApiSettings settings, const std::function<Stores()>& open, Running* running, log::Logger& log)
    : impl_(std::make_unique<Impl>(std::move(settings), open, running, log)) {}

Api::~Api() = default;

std::optional<http::Response> Api::refusal_of(const http::Request& head, const Caller& shown) {
    const auto began = std::chrono::steady_clock::now();
    auto caller = shown;
    if (caller.local_user) caller.name = impl_->users.known_name_of(*caller.local_user);
    bool good = false;
    auto outcome = impl_->answer_of(head, caller, [&] {
        (void)impl_->find(head, caller);
        good = true;
        return http::Response{};
    });
    if (good) return std::nullopt;
    impl_->finish(outcome.response, head, caller, began);
    return std::move(outcome.response);
}

asio::awaitable<http::Response> Api::serve(http::Request request, Caller caller) {
    const auto began = std::chrono::steady_clock::now();
    // The frame of this coroutine keeps them until the job is done with them.
    const auto* const what = &request;
    auto* const who = &caller;
    auto* const impl = impl_.get();
    auto start = [impl, what, who](auto handler) {
        auto resume = std::make_shared<Resume<decltype(handler)>>(std::move(handler));
        auto job = [impl, what, who, resume](const WorkQueue::Open& open) {
            if (who->local_user) who->name = impl->users.name_of(*who->local_user);
            auto outcome = impl->perform(*what, *who, open);
            (*resume)(std::move(outcome.response));
            return outcome.stores_are_good;
        };
        if (!impl->queue_of(*what).push(std::move(job)))
            (*resume)(Problem(too_busy, "Too many requests wait already.").response());
    };
    auto response = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(http::Response)>(
        std::move(start), asio::use_awaitable);
    explicit_bzero(request.body.data(), request.body.size());
    impl->finish(response, request, caller, began);
    co_return response;
}

http::Response Api::serve_here(const http::Request& request, const Caller& caller, Stores& stores) {
    const auto began = std::chrono::steady_clock::now();
    auto outcome = impl_->perform(request, caller, [&stores]() -> Stores& { return stores; });
    impl_->finish(outcome.response, request, caller, began);
    return std::move(outcome.response);
}

}  // namespace bindhss::management
