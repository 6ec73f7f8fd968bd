// SPDX-License-Identifier: Apache-2.0
#include "ctl/chunk_sender.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace bindhss::ctl {

using Clock = std::chrono::steady_clock;

Chunk::~Chunk() {
    explicit_bzero(body.data(), body.size());
}

ChunkSender::ChunkSender(const ApiClient& api, Settings settings)
    : settings_(std::move(settings)), done_(settings_.done), told_(done_) {
    for (unsigned i = 0; i < settings_.requests; ++i) clients_.push_back(api.another());
    for (const auto& client : clients_) threads_.emplace_back([this, &each = *client] { work(each); });
}

ChunkSender::~ChunkSender() {
    {
        const std::lock_guard lock(mutex_);
        end_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
}

bool ChunkSender::give(Chunk chunk) {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return waiting_.size() < settings_.requests; });
    if (stop_) return false;
    waiting_.push_back(std::move(chunk));
    changed_.notify_all();
    return true;
}

bool ChunkSender::drain() {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return waiting_.empty() && under_way_ == 0; });
    if (stop_) wait(lock, [&] { return under_way_ == 0; });
    return !stop_;
}

/// Until there is enough, or the import has stopped; tells of what happens meanwhile.
void ChunkSender::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& enough) {
    constexpr auto look_again = std::chrono::milliseconds(100);
    for (;;) {
        report(lock);
        if (enough() || (stop_ && under_way_ == 0)) return;
        changed_.wait_for(lock, look_again);
    }
}

void ChunkSender::report(std::unique_lock<std::mutex>& lock) {
    const auto done = done_;
    const auto records = records_;
    const bool patient = patient_ > 0;
    const bool news = done != told_;
    told_ = done;
    lock.unlock();
    if (news && settings_.acknowledged) settings_.acknowledged(done);
    if (settings_.progress) settings_.progress(records, patient);
    lock.lock();
}

bool ChunkSender::send(ApiClient& api, const Chunk& chunk, const std::string& run, bool dry_run) {
    http::Request request;
    request.method = "POST";
    request.path = path_of({"changes"});
    request.query = Query().flag("dry_run", dry_run).text();
    request.fields.emplace_back("content-type", "application/x-ndjson");
    if (!run.empty())
        request.fields.emplace_back("idempotency-key", "import-" + run + "-" + std::to_string(chunk.number));
    request.body = chunk.body;
    const auto response = done_by(api, request);
    explicit_bzero(request.body.data(), request.body.size());
    if (!object_from(response).contains("applied"))
        throw Refused("the answer of the API does not say that the changes were applied");
    return std::find(response.fields.begin(), response.fields.end(),
                     std::pair<std::string, std::string>("idempotency-replayed", "true")) !=
           response.fields.end();
}

/// Nothing: it was applied.
std::optional<ChunkFailure> ChunkSender::try_to_send(ApiClient& api, const Chunk& chunk) const {
    ChunkFailure failure;
    try {
        send(api, chunk, settings_.run, settings_.dry_run);
        return std::nullopt;
    } catch (const ApiProblem& problem) {
        failure.errors = problem.errors();
        failure.text = problem.what();
    } catch (const store::Unavailable& away) {
        failure.text = away.what();
        failure.unavailable = true;
    } catch (const std::exception& fault) {
        failure.text = fault.what();
    }
    return failure;
}

/// Asks until somebody answers, for as long as limits say: a daemon that starts again is no reason to stop.
std::optional<ChunkFailure> ChunkSender::send_patiently(ApiClient& api, const Chunk& chunk) {
    const auto give_up = Clock::now() + std::chrono::seconds(limits::ctl_import_patience_s);
    auto pause = std::chrono::milliseconds(100);
    for (bool first = true;; first = false) {
        auto failure = try_to_send(api, chunk);
        std::unique_lock lock(mutex_);
        const bool over = !failure || !failure->unavailable || stop_ || Clock::now() > give_up;
        if (first && !over) ++patient_;
        if (!first && over) --patient_;
        if (over) return failure;
        changed_.wait_for(lock, pause, [&] { return stop_; });
        pause = std::min(pause * 2, std::chrono::milliseconds(2'000));
    }
}

void ChunkSender::work(ApiClient& api) {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return end_ || (!stop_ && !waiting_.empty()); });
        if (end_) return;
        auto chunk = std::move(waiting_.front());
        waiting_.pop_front();
        ++under_way_;
        lock.unlock();
        auto failure = send_patiently(api, chunk);
        lock.lock();
        --under_way_;
        if (failure) {
            stop_ = true;
            // Of several the first: what stands behind it may be wrong because of it.
            if (!failure_ || chunk.number < failure_->number) {
                failure->number = chunk.number;
                failure->places = std::move(chunk.places);
                failure_ = std::move(failure);
            }
        } else {
            records_ += chunk.places.size();
            ahead_.insert(chunk.number);
            while (ahead_.erase(done_) == 1) ++done_;
        }
        changed_.notify_all();
    }
}

}  // namespace bindhss::ctl
