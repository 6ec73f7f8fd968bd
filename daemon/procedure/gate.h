// SPDX-License-Identifier: Apache-2.0
// How many requests pass, before a key or the database is touched (R43, editor's note of seed 000).
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "alarm/alarm.h"
#include "crypto/sip_hash.h"
#include "procedure/refusal_report.h"
#include "procedure/token_buckets.h"
#include "types/s6a.h"

namespace bindhss::procedure {

/// Two things, both in bounded memory and without allocating for a request that passes:
///
/// Limits for each IMSI, device, visited network and node. What can be exhausted belongs to one node: a node
/// that asks too often for somebody's IMSI takes nothing from the node that serves it. Names of nodes are
/// what a request says; who invents one for each request is held by a looser limit of the IMSI over the
/// connection that the requests come in by, which is nobody else's. And one connection brings a limited
/// number of nodes that it has not brought before: the store keeps a row of each.
///
/// A fair share. UEs whose last access was refused or not answered have one bucket for all of them together:
/// a million unauthorised devices cost what that bucket lets through, and parsing. UEs that nobody knows yet
/// are limited by how many of them a node may have refused. An admitted Update-Location takes a UE out of
/// either. All this is forgotten at a restart.
///
/// Any thread may call it. REQUIRES: random, alarms and clock outlive it.
class Gate {
  public:
    Gate(const RequestLimits& limits, Random& random, alarm::Sink& alarms, const Clock& clock);

    /// Fingerprints of what a request is about.
    struct Keys {
        std::uint64_t node = 0;
        std::uint64_t imsi = 0;
        std::uint64_t visit = 0;  ///< the IMSI at this node
        std::uint64_t connection = 0;
        std::uint64_t crossing = 0;  ///< the IMSI over this connection
        std::uint64_t route = 0;     ///< the node, by host and realm, over this connection
        std::optional<std::uint64_t> device;
        std::optional<std::uint64_t> network;
    };
    /// What settle() needs of a request that passed.
    struct Pass {
        enum class Request : std::uint8_t { air, update_location, equipment, other };
        Request request = Request::other;
        bool resync = false;
        bool newcomer = false;  ///< nobody knows the UE yet
        Keys keys;
    };

    /// From now on these; what a UE, device or node has used up it has used up of the new limit too, and
    /// nobody is forgotten.
    void change(const RequestLimits& limits);
    /// `via`: the identity of the connected peer, which may be a relay of the node that asks.
    /// Errors: authentication_data_unavailable for an AIR, so that the phone waits (EMM cause #17) and tries
    /// again; rate_limited for others. Not TOO_BUSY, which would send the request to another HSS over the
    /// same database. The alarm is raised here.
    [[nodiscard]] Result<Pass> admit(const s6a::Request& request, std::string_view via);
    /// How a request that passed ended; absent: with success. To be called once.
    void settle(const Pass& pass, std::optional<Cause> failure);
    /// A vector that the node got for this UE was not answered (spec 4.7).
    void unanswered(const Imsi& imsi, const ServingNode& node);

    /// Requests refused since the start, by limit ("imsi.air"); those of limits that are off are 0.
    struct Count {
        std::string limit;
        std::uint64_t refused;
    };
    [[nodiscard]] std::vector<Count> refused() const;

  private:
    enum class Kind : std::uint8_t { air, resync, update };
    enum class Object : std::uint8_t { imsi, connection, device, network, node, refused, newcomer, new_node };
    static constexpr std::size_t kinds = 3;

    struct Description {
        Object object;
        std::string_view object_name;
        std::string_view kind_name;
        std::string_view requests;
        std::string_view of;
    };
    struct Limit {
        Limit(const Description& description, Rate rate, std::size_t slots);
        TokenBuckets buckets;
        Object object;
        std::string name;
        std::string of;  ///< what is limited, for people
        std::atomic<std::uint64_t> refused{0};
        [[nodiscard]] std::string text() const;
    };
    /// By kind of request.
    using Limits = std::array<Limit, kinds>;
    struct Slots {
        std::size_t usual;
        std::size_t resync;
    };
    struct Asked;
    class Tokens;

    static Limits make(Object object, const RequestRates& rates, Slots slots);
    /// An EIR is asked about cards of other networks too: it says nothing of a UE.
    static bool tracked(const Pass& pass) { return pass.request != Pass::Request::equipment; }
    [[nodiscard]] std::uint64_t hash(std::uint64_t scope, std::string_view text) const;
    [[nodiscard]] std::uint64_t hash_identity(std::string_view identity) const;
    [[nodiscard]] Keys keys_of(const Asked& asked) const;
    [[nodiscard]] bool counts_as_refused(std::uint64_t visit, WallTime now);
    void report(Limit& limit, std::uint64_t key, const Asked& asked);
    [[nodiscard]] Limit* take(Tokens& tokens, Limit& limit, std::uint64_t key, const Asked& asked);
    /// The limit whose bucket of `key` is empty; absent: none, and their tokens are taken.
    [[nodiscard]] Limit* empty_one(Tokens& tokens, Limits& limits, std::uint64_t key, const Asked& asked);
    [[nodiscard]] Limit* first_empty(Tokens& tokens, const Asked& asked, Pass& pass);

    static void change(Limits& limits, const RequestRates& rates);

    std::atomic<std::int64_t> remembered_ms_;
    const Clock& clock_;
    const crypto::SipHash hash_;
    Limits imsi_;
    Limits connection_;
    Limits device_;
    Limits network_;
    Limits node_;
    Limits refused_;
    Limits newcomers_;
    Limit new_nodes_;
    FingerprintTable known_at_;     // by route: when it was last here, to the minute
    FingerprintTable refused_at_;   // by visit: when it was refused
    FingerprintTable admitted_at_;  // by IMSI
    RefusalReport report_;
};

}  // namespace bindhss::procedure
