// SPDX-License-Identifier: Apache-2.0
// The store in PostgreSQL 15 or later.
#pragma once

#include <memory>
#include <string>

#include "crypto/key_ring.h"
#include "log/log.h"
#include "store/postgres/lane_load.h"
#include "store/store.h"

namespace bindhss::store::postgres {

class Job;
template <class P>
class Lane;

struct Settings {
    std::string url;  ///< libpq keywords or postgresql:// URI; may name several hosts
    /// Connections for everything but AIR.
    unsigned connections = 4;
    /// Connections for AIR; a subscription always goes through the same one, so batches never wait for each
    /// other.
    unsigned batch_connections = 1;
    /// Of the threads for AIR and of their connections' processes, where these run on this machine; 0: none.
    /// One that is refused is logged, and served at ordinary priority.
    int real_time_priority = 0;
    std::string application_name = "bindhssd";
};

/// Any thread may call its verbs; see store.h. Owns its threads and connections; reconnects by itself, with a
/// back-off, and answers at once while the database is down. No verb takes longer than
/// limits::store_deadline_ms by much.
///
/// A reservation whose outcome is in doubt (connection lost before the answer) fails with
/// authentication_data_unavailable; its SEQ values are skipped, because the next UPDATE starts from what was
/// committed.
///
/// REQUIRES: the schema is up to date (migrations.h); keys, random and log outlive it, and it outlives every
/// awaited verb. Throws std::invalid_argument when the URL is none. A database that is down is no error: it
/// is tried again.
class PostgresStore final : public Store {
  public:
    PostgresStore(const Settings& settings, const crypto::KeyRing& keys, log::Logger& log);
    ~PostgresStore() override;
    PostgresStore(const PostgresStore&) = delete;
    PostgresStore& operator=(const PostgresStore&) = delete;

    Awaitable<AuthenticationSubscription> load_authentication(Imsi imsi, ServingNode node,
                                                              KeyGrace grace) override;
    Awaitable<VectorReservation> reserve_vectors(VectorReservationRequest request) override;
    Awaitable<SubscriberView> load_subscriber(Imsi imsi, ServingNode node,
                                              std::optional<TerminalInformation> reported) override;
    Awaitable<std::vector<NodeRequest>> register_node(Imsi imsi, RegisterNode request,
                                                      std::chrono::milliseconds lease) override;
    Awaitable<Done> record_refusal(Imsi imsi, Refusal refusal) override;
    Awaitable<binding::Change> record_sign(Imsi imsi, SignReport report) override;
    Awaitable<std::optional<std::int64_t>> find_kme(Imsi imsi, Imei imei) override;
    Awaitable<PurgedHalves> purge(Imsi imsi, PurgeNode request) override;
    Awaitable<std::vector<NodeRequest>> notify(Imsi imsi, NotifyNode request,
                                               std::chrono::milliseconds lease) override;
    Awaitable<std::vector<NodeRequest>> take_requests(Claim claim) override;
    Awaitable<Done> finish_request(NodeRequest request) override;
    Awaitable<Done> postpone_request(NodeRequest request, WallTime at) override;
    Awaitable<bool> hand_over_request(NodeRequest request, std::string daemon, WallTime now) override;
    Awaitable<Done> announce_reach(Reach reach, std::vector<std::string> come, WallTime now,
                                   WallTime until) override;
    Awaitable<std::vector<Untold>> take_untold(Claim claim) override;
    Awaitable<SweepPage> sweep_untold(std::optional<SweepPosition> after, Claim claim) override;
    Awaitable<Done> mark_told(Imsi imsi, Registration registration, SubscriptionVersion version,
                              WallTime now) override;
    Awaitable<Done> postpone_telling(Imsi imsi, Registration registration, WallTime at) override;
    Awaitable<bool> hand_over_telling(Imsi imsi, Registration registration, std::string daemon,
                                      WallTime now) override;
    Awaitable<Done> mark_detached(Imsi imsi, Registration registration) override;
    Awaitable<Done> store_location(Imsi imsi, ServingNode node, s6a::EpsLocationInformation location,
                                   WallTime now) override;
    Awaitable<std::uint64_t> profile_clock() override;
    Awaitable<std::optional<EquipmentEntry>> load_equipment(Imei imei,
                                                            std::optional<std::string> svn) override;
    Awaitable<Done> record_alarms(std::vector<alarm::Notice> notices) override;
    Awaitable<AlarmActs> alarm_acts(std::optional<std::int64_t> after, std::uint32_t limit) override;
    Awaitable<std::uint64_t> delete_old(OldRecords what, std::chrono::seconds keep,
                                        std::uint32_t limit) override;

    /// false: requests are being answered without the database, because it is down.
    [[nodiscard]] bool usable() const;

    /// "authentication", those for AIR together, and "general".
    [[nodiscard]] std::vector<LaneLoad> loads() const;

    /// The connections for everything but AIR: for the verbs of other interfaces (exchanges.h).
    [[nodiscard]] Lane<Job>& jobs();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::store::postgres
