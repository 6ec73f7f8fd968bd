// SPDX-License-Identifier: Apache-2.0
// Sends chunks of an import, a few at once, each until it was answered.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "ctl/api_client.h"
#include "types/limits.h"

namespace bindhss::ctl {

struct Chunk {
    struct Place {
        std::uint32_t file;
        std::uint64_t line;
    };
    std::uint64_t number = 0;
    std::string body;           ///< lines of POST /v1/changes; it may hold keys
    std::vector<Place> places;  ///< of each line

    Chunk() = default;
    Chunk(Chunk&&) = default;
    Chunk& operator=(Chunk&&) = default;
    ~Chunk();
};

/// Why an import stopped: the first chunk that was refused, or that nobody answered.
struct ChunkFailure {
    std::uint64_t number = 0;
    std::vector<Chunk::Place> places;
    std::vector<store::LineError> errors;  ///< lines of the chunk
    std::string text;
    bool unavailable = false;
};

/// One thread gives, threads of its own send. What it calls back is called on the giving thread.
class ChunkSender {
  public:
    struct Settings {
        std::string run;  ///< of the idempotency keys; empty: none
        bool dry_run = false;
        unsigned requests = limits::ctl_import_requests_max;  ///< under way at once; 1: in the order given
        std::uint64_t done = 0;  ///< chunks before this number were acknowledged earlier
        std::function<void(std::uint64_t done)> acknowledged;  ///< all chunks before this number
        std::function<void(std::uint64_t records, bool waiting)> progress;
    };
    /// Connections are made from `api`.
    ChunkSender(const ApiClient& api, Settings settings);
    /// Waits for what is under way.
    ~ChunkSender();
    ChunkSender(const ChunkSender&) = delete;
    ChunkSender& operator=(const ChunkSender&) = delete;

    /// Waits while enough are under way. false: the import has stopped, see failure().
    bool give(Chunk chunk);
    /// Waits until all that was given is acknowledged; the same.
    bool drain();
    /// REQUIRES: drain() was called.
    [[nodiscard]] const std::optional<ChunkFailure>& failure() const { return failure_; }

    /// Sends one and waits. Returns whether it had been stored before. Throws ApiProblem, Unavailable.
    static bool send(ApiClient& api, const Chunk& chunk, const std::string& run, bool dry_run);

  private:
    void work(ApiClient& api);
    std::optional<ChunkFailure> try_to_send(ApiClient& api, const Chunk& chunk) const;
    std::optional<ChunkFailure> send_patiently(ApiClient& api, const Chunk& chunk);
    void wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& enough);
    void report(std::unique_lock<std::mutex>& lock);

    Settings settings_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Chunk> waiting_;
    std::size_t under_way_ = 0;
    std::set<std::uint64_t> ahead_;  ///< acknowledged behind one that is not
    std::uint64_t done_;
    std::uint64_t told_;
    std::uint64_t records_ = 0;
    std::size_t patient_ = 0;  ///< chunks that nobody answers for the moment
    bool stop_ = false;
    bool end_ = false;
    std::optional<ChunkFailure> failure_;
    std::vector<std::shared_ptr<ApiClient>> clients_;
    std::vector<std::thread> threads_;
};

}  // namespace bindhss::ctl
