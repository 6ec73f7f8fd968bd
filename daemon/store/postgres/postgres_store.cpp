// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_store.h"

#include "scheduling/real_time.h"
#include "store/postgres/alarm_notices.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/backend_priority.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/equipment.h"
#include "store/postgres/jobs.h"
#include "store/postgres/load_subscribers.h"
#include "store/postgres/postgres_binding.h"
#include "store/postgres/postgres_registrations.h"
#include "store/postgres/reservation.h"
#include "store/postgres/statements.h"
#include "store/postgres/upkeep.h"
#include "store/refusals.h"

namespace bindhss::store::postgres {
namespace {

using namespace std::chrono_literals;

using ReservationLane = Lane<PendingReservation>;

/// The calling thread and the server's process behind its connection, or why not in the log.
void run_in_real_time(Session& session, int priority, log::Logger& log) {
    try {
        if (const auto error = scheduling::run_in_real_time(priority))
            throw std::runtime_error("a thread of the store: " + error.message());
        run_backend_in_real_time(session.connection(), priority);
    } catch (const std::runtime_error& error) {
        log.warning("real_time_refused", {{"reason", error.what()}});
    }
}

/// All that wait go together, a moment after those before them, unless they fill a batch.
class BatchTurns final : public Turns<PendingReservation> {
  public:
    Requests take(std::deque<std::unique_ptr<PendingReservation>>& waiting, std::size_t /*thread*/) override {
        const auto now = std::chrono::steady_clock::now();
        if (now < again_ && waiting.size() < limits::batch_rows_max) return {};
        again_ = now + apart;
        return take_batch(waiting);
    }
    [[nodiscard]] Deadline look_at(const PendingReservation& /*request*/, std::size_t waiting,
                                   Deadline now) override {
        return waiting < limits::batch_rows_max ? again_ : now;
    }
    [[nodiscard]] Deadline again() const override { return again_; }

  private:
    static constexpr std::chrono::milliseconds apart{1};
    Deadline again_;
};

}  // namespace

struct PostgresStore::Impl {
    Impl(const Settings& settings, const crypto::KeyRing& ring, log::Logger& logger)
        : conninfo(complete_conninfo(settings.url, settings.application_name)), keys(ring), log(logger) {
        const auto connect = [this] {
            // Under the deadline of the request, so that the server gives up first and the connection stays
            // of use.
            return std::make_unique<Session>(conninfo,
                                             std::chrono::milliseconds(limits::store_deadline_ms * 3 / 4));
        };
        const auto batches = std::max(1U, settings.batch_connections);
        for (unsigned i = 0; i < batches; ++i) {
            reservations.push_back(std::make_unique<ReservationLane>(
                1, limits::store_queue_max / batches,
                [this, connect, priority = settings.real_time_priority] {
                    nodes.forget();
                    auto session = connect();
                    if (priority != 0) run_in_real_time(*session, priority, log);
                    return session;
                },
                std::make_unique<BatchTurns>(),
                [this](Session& session, ReservationBatch& batch) { serve_batch(session, nodes, batch); },
                log));
        }
        const std::size_t connections = std::max(1U, settings.connections);
        jobs = std::make_unique<JobLane>(
            connections, limits::store_queue_max, connect, std::make_unique<JobTurns>(connections),
            [this](Session& session, JobLane::Requests& taken) { serve_jobs(session, taken, log); }, log);
        watchdog = std::thread([this] { watch(); });
    }

    ~Impl() {
        {
            const std::lock_guard lock(mutex);
            closing = true;
        }
        closed.notify_all();
        watchdog.join();
        // What is being served gets its answer; a server that does not answer is left after the deadline.
        const auto stop =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::store_deadline_ms);
        std::thread interrupter([&] {
            std::unique_lock lock(mutex);
            if (!closed.wait_until(lock, stop, [this] { return gone; })) {
                for (auto& lane : reservations) lane->interrupt();
                jobs->interrupt();
            }
        });
        for (auto& lane : reservations) lane->close();
        jobs->close();
        {
            const std::lock_guard lock(mutex);
            gone = true;
        }
        closed.notify_all();
        interrupter.join();
    }

    void watch() {
        std::unique_lock lock(mutex);
        while (!closed.wait_for(lock, 100ms, [this] { return closing; })) {
            lock.unlock();
            const auto now = std::chrono::steady_clock::now();
            for (auto& lane : reservations) lane->expire(now);
            jobs->expire(now);
            lock.lock();
        }
    }

    ReservationLane& lane_of(const Imsi& imsi) {
        return *reservations[std::hash<Imsi>{}(imsi) % reservations.size()];
    }

    template <class T>
    Awaitable<T> run(Cause when_down, typename JobOf<T>::Work work) {
        return run_job<T>(*jobs, when_down, std::move(work));
    }

    const std::string conninfo;
    const crypto::KeyRing& keys;
    log::Logger& log;
    NodeNumbers nodes;
    ProfileVersions versions;
    const SharedKind<SubscriberQuery, SubscriberView> subscribers =
        make_kind<SubscriberQuery, SubscriberView>([&log = log](Session& session, const auto& queries) {
            return load_subscribers(session, queries, log);
        });
    const SharedKind<RefusedReport, Done> refused_reports = make_kind<RefusedReport, Done>(remember_refused);
    std::vector<std::unique_ptr<ReservationLane>> reservations;
    std::unique_ptr<JobLane> jobs;
    std::mutex mutex;
    std::condition_variable closed;
    bool closing = false;
    bool gone = false;
    std::thread watchdog;
};

PostgresStore::PostgresStore(const Settings& settings, const crypto::KeyRing& keys, log::Logger& log)
    : impl_(std::make_unique<Impl>(settings, keys, log)) {}

PostgresStore::~PostgresStore() = default;

bool PostgresStore::usable() const {
    return impl_->jobs->usable();
}

std::vector<LaneLoad> PostgresStore::loads() const {
    std::vector<LaneLoad> loads(2);
    for (const auto& lane : impl_->reservations) loads[0] += lane->load();
    loads[0].name = "authentication";
    loads[1] = impl_->jobs->load();
    loads[1].name = "general";
    return loads;
}

Lane<Job>& PostgresStore::jobs() {
    return *impl_->jobs;
}

Awaitable<AuthenticationSubscription> PostgresStore::load_authentication(Imsi imsi, ServingNode node,
                                                                         KeyGrace grace) {
    JobOf<SealedSubscription>::Work work = [imsi, node, grace](Session& session) {
        return postgres::load_authentication(session, imsi, node, grace);
    };
    auto sealed =
        co_await impl_->run<SealedSubscription>(Cause::authentication_data_unavailable, std::move(work));
    if (!sealed) co_return sealed.error();
    co_return unseal(impl_->keys, imsi, *sealed);
}

Awaitable<VectorReservation> PostgresStore::reserve_vectors(VectorReservationRequest request) {
    auto& lane = impl_->lane_of(request.imsi);
    const auto imsi = request.imsi;
    auto start = [&lane, wanted = std::move(request)](
                     std::unique_ptr<Completion<SealedReservation>> completion) mutable {
        lane.submit(std::make_unique<PendingReservation>(std::move(wanted), std::move(completion)));
    };
    auto sealed = co_await suspend<SealedReservation>(std::move(start));
    if (!sealed) co_return sealed.error();
    // Opened here and not by the lane's thread, which has the next batch to send.
    auto subscription = unseal(impl_->keys, imsi, sealed->subscription);
    if (!subscription) co_return subscription.error();
    VectorReservation reservation{
        std::move(*subscription), sealed->sequence,   sealed->state,
        sealed->on_suspicion,     sealed->unanswered, std::move(sealed->reprovisions)};
    co_return reservation;
}

Awaitable<SubscriberView> PostgresStore::load_subscriber(Imsi imsi, ServingNode node,
                                                         std::optional<TerminalInformation> reported) {
    SubscriberQuery query{imsi, node, std::move(reported)};
    co_return co_await run_shared<SubscriberQuery, SubscriberView>(
        *impl_->jobs, Cause::unable_to_comply, impl_->subscribers, imsi, std::move(query));
}

Awaitable<std::vector<NodeRequest>> PostgresStore::register_node(Imsi imsi, RegisterNode request,
                                                                 std::chrono::milliseconds lease) {
    JobOf<std::vector<NodeRequest>>::Work work = [&nodes = impl_->nodes, imsi, request,
                                                  lease](Session& session) {
        const auto node = nodes.number(session, request.registration.node);
        return postgres::register_node(session, imsi, request, node, lease);
    };
    co_return co_await impl_->run<std::vector<NodeRequest>>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::record_refusal(Imsi imsi, Refusal refusal) {
    if (tells_of_device_alone(refusal)) {
        RefusedReport report{imsi, std::move(refusal)};
        co_return co_await run_shared<RefusedReport, Done>(*impl_->jobs, Cause::unable_to_comply,
                                                           impl_->refused_reports, imsi, std::move(report));
    }
    JobOf<Done>::Work work = [imsi, refusal](Session& session) {
        return postgres::record_refusal(session, imsi, refusal);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<binding::Change> PostgresStore::record_sign(Imsi imsi, SignReport report) {
    JobOf<binding::Change>::Work work = [imsi, report](Session& session) {
        return postgres::record_sign(session, imsi, report);
    };
    co_return co_await impl_->run<binding::Change>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::optional<std::int64_t>> PostgresStore::find_kme(Imsi imsi, Imei imei) {
    using Found = std::optional<std::int64_t>;
    JobOf<Found>::Work work = [imsi, imei](Session& session) {
        return postgres::find_kme(session, imsi, imei);
    };
    co_return co_await impl_->run<Found>(Cause::authentication_data_unavailable, std::move(work));
}

Awaitable<PurgedHalves> PostgresStore::purge(Imsi imsi, PurgeNode request) {
    JobOf<PurgedHalves>::Work work = [imsi, request](Session& session) {
        return postgres::purge(session, imsi, request);
    };
    co_return co_await impl_->run<PurgedHalves>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::vector<NodeRequest>> PostgresStore::notify(Imsi imsi, NotifyNode request,
                                                          std::chrono::milliseconds lease) {
    JobOf<std::vector<NodeRequest>>::Work work = [imsi, request, lease](Session& session) {
        return postgres::notify(session, imsi, request, lease);
    };
    co_return co_await impl_->run<std::vector<NodeRequest>>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::vector<NodeRequest>> PostgresStore::take_requests(Claim claim) {
    JobOf<std::vector<NodeRequest>>::Work work = [claim](Session& session) {
        return postgres::take_requests(session, claim);
    };
    co_return co_await impl_->run<std::vector<NodeRequest>>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::finish_request(NodeRequest request) {
    JobOf<Done>::Work work = [request](Session& session) {
        return postgres::finish_request(session, request);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::postpone_request(NodeRequest request, WallTime at) {
    JobOf<Done>::Work work = [request, at](Session& session) {
        return postgres::postpone_request(session, request, at);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<bool> PostgresStore::hand_over_request(NodeRequest request, std::string daemon, WallTime now) {
    JobOf<bool>::Work work = [request, daemon, now](Session& session) {
        return postgres::hand_over_request(session, request, daemon, now);
    };
    co_return co_await impl_->run<bool>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::announce_reach(Reach reach, std::vector<std::string> come, WallTime now,
                                              WallTime until) {
    JobOf<Done>::Work work = [reach, come, now, until](Session& session) {
        return postgres::announce_reach(session, reach, come, now, until);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::vector<Untold>> PostgresStore::take_untold(Claim claim) {
    JobOf<std::vector<Untold>>::Work work = [&versions = impl_->versions, claim](Session& session) {
        return postgres::take_untold(session, versions, claim);
    };
    co_return co_await impl_->run<std::vector<Untold>>(Cause::unable_to_comply, std::move(work));
}

Awaitable<SweepPage> PostgresStore::sweep_untold(std::optional<SweepPosition> after, Claim claim) {
    JobOf<SweepPage>::Work work = [&versions = impl_->versions, after, claim](Session& session) {
        return postgres::sweep_untold(session, versions, after, claim);
    };
    co_return co_await impl_->run<SweepPage>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::mark_told(Imsi imsi, Registration registration, SubscriptionVersion version,
                                         WallTime now) {
    JobOf<Done>::Work work = [imsi, registration, version, now](Session& session) {
        return postgres::mark_told(session, imsi, registration, version, now);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::postpone_telling(Imsi imsi, Registration registration, WallTime at) {
    JobOf<Done>::Work work = [imsi, registration, at](Session& session) {
        return postgres::postpone_telling(session, imsi, registration, at);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<bool> PostgresStore::hand_over_telling(Imsi imsi, Registration registration, std::string daemon,
                                                 WallTime now) {
    JobOf<bool>::Work work = [imsi, registration, daemon, now](Session& session) {
        return postgres::hand_over_telling(session, imsi, registration, daemon, now);
    };
    co_return co_await impl_->run<bool>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::mark_detached(Imsi imsi, Registration registration) {
    JobOf<Done>::Work work = [imsi, registration](Session& session) {
        return postgres::mark_detached(session, imsi, registration);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::store_location(Imsi imsi, ServingNode node,
                                              s6a::EpsLocationInformation location, WallTime now) {
    JobOf<Done>::Work work = [imsi, node, location, now](Session& session) {
        return postgres::store_location(session, imsi, node, location, now);
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::uint64_t> PostgresStore::profile_clock() {
    JobOf<std::uint64_t>::Work work = [](Session& session) { return postgres::profile_clock(session); };
    co_return co_await impl_->run<std::uint64_t>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::optional<EquipmentEntry>> PostgresStore::load_equipment(Imei imei,
                                                                       std::optional<std::string> svn) {
    using Entry = std::optional<EquipmentEntry>;
    JobOf<Entry>::Work work = [imei, svn](Session& session) -> Result<Entry> {
        Parameters parameters;
        parameters.add(std::to_string(imei.number())).add(svn);
        const auto rows = session.run(statement::load_equipment, parameters);
        return rows.empty() ? Entry() : Entry(equipment_of(rows[0]));
    };
    co_return co_await impl_->run<Entry>(Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresStore::record_alarms(std::vector<alarm::Notice> notices) {
    JobOf<Done>::Work work = [notices = std::move(notices), &log = impl_->log](Session& session) {
        postgres::record_alarms(session, notices, log);
        return Done{};
    };
    co_return co_await impl_->run<Done>(Cause::unable_to_comply, std::move(work));
}

Awaitable<AlarmActs> PostgresStore::alarm_acts(std::optional<std::int64_t> after, std::uint32_t limit) {
    JobOf<AlarmActs>::Work work = [after, limit](Session& session) {
        return postgres::alarm_acts(session, after, limit);
    };
    co_return co_await impl_->run<AlarmActs>(Cause::unable_to_comply, std::move(work));
}

Awaitable<std::uint64_t> PostgresStore::delete_old(OldRecords what, std::chrono::seconds keep,
                                                   std::uint32_t limit) {
    JobOf<std::uint64_t>::Work work = [what, keep, limit](Session& session) {
        return postgres::delete_old(session, what, keep, limit);
    };
    co_return co_await impl_->run<std::uint64_t>(Cause::unable_to_comply, std::move(work));
}

}  // namespace bindhss::store::postgres
