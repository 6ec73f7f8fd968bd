// SPDX-License-Identifier: Apache-2.0
// One server that is asked for many things, one after the other, by a program that waits for each: over a
// Unix socket or over TCP, with or without TLS, on a connection that stays.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "crypto/tls_context.h"
#include "http/message.h"

namespace bindhss::http {

struct Destination {
    std::string socket;  ///< path of a Unix socket; empty: TCP
    std::string host;    ///< of TCP; with a context the server's certificate has to be made out to it
    std::uint16_t port = 0;
    std::shared_ptr<const crypto::TlsContext> tls;
    std::chrono::milliseconds connect{10'000};          ///< for a new connection and its handshake
    std::chrono::milliseconds deadline{120'000};        ///< from the request to the end of its answer
    std::size_t answer_octets_max = 256 * 1024 * 1024;  ///< of the body
};

/// Why there is no answer, in one sentence that tells what to do where that is known.
class NoAnswer : public std::runtime_error {
  public:
    NoAnswer(const std::string& text, bool sent) : std::runtime_error(text), sent_(sent) {}
    /// The request has left: whether it was done nobody knows.
    [[nodiscard]] bool sent() const { return sent_; }

  private:
    bool sent_;
};

/// One thread at a time; another thread may not be asking meanwhile. Connects when it is asked first.
class BlockingClient {
  public:
    explicit BlockingClient(Destination where);
    ~BlockingClient();
    BlockingClient(const BlockingClient&) = delete;
    BlockingClient& operator=(const BlockingClient&) = delete;

    /// Sends method, path, query, fields and body, and waits for the answer, whatever its status. A
    /// connection that the server has ended while it was idle is made anew; a request that is safe (RFC
    /// 9110 9.2.1), or has an idempotency key, is sent once more when the connection broke before an answer
    /// began. Throws NoAnswer.
    [[nodiscard]] Response ask(const Request& request);

  private:
    class Line;
    class Conversation;
    std::unique_ptr<Conversation> conversation_;
};

}  // namespace bindhss::http
