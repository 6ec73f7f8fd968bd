// SPDX-License-Identifier: Apache-2.0
// What any thread hands to a connection: octets to be written, and the account of requests in flight.
#pragma once

#include <mutex>
#include <vector>

#include "diameter/outstanding.h"

namespace bindhss::diameter {

/// Any thread may call it. Owns its lock and holds it for moments only.
class Outbox {
  public:
    enum class Put : std::uint8_t {
        queued,       ///< the writer will find it
        wake_writer,  ///< the caller has to start the writer
        overflow,     ///< limits::peer_output_octets_max: the peer does not read, and is to be closed
        closed,
    };

    /// A message of the base protocol.
    Put put(OctetView message);
    /// The answer to a request in flight. `room`: the reader awaits room, and has it now.
    Put put_answer(OctetView message, bool& room);
    /// Takes `request` when the result is `queued` or `wake_writer`.
    Put put_request(OctetView message, SentRequest& request);

    void request_in_flight();
    /// True: limits::peer_requests_in_flight_max or limits::peer_output_octets_pause is reached, and
    /// put_answer() or take() will tell when neither is any longer.
    [[nodiscard]] bool await_room();
    [[nodiscard]] std::size_t in_flight() const;

    /// For the writer: all that is queued, or false, and then the next put() wakes it again. `octets` is
    /// empty before. `room` as with put_answer().
    [[nodiscard]] bool take(OctetString& octets, std::vector<SentRequest>& requests, bool& room);
    /// Nothing is accepted any more, but what is queued may still be taken.
    void seal();
    /// Nothing is accepted and nothing is left.
    [[nodiscard]] std::vector<SentRequest> close();

  private:
    Put append(OctetView message);
    [[nodiscard]] bool full() const;
    [[nodiscard]] bool room_now();

    mutable std::mutex mutex_;
    // guarded by mutex_:
    OctetString octets_;
    std::vector<SentRequest> requests_;
    std::size_t in_flight_ = 0;
    bool room_awaited_ = false;
    bool writer_awake_ = false;
    bool sealed_ = false;
};

}  // namespace bindhss::diameter
