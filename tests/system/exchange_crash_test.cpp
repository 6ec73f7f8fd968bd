// SPDX-License-Identifier: Apache-2.0
// kill -9 of the daemon, of PostgreSQL, and the end of the MME, at each step of the exchange that gives a
// device its key (spec 4.4), and of the one that renews it: within two further attaches the UE is bound, with
// exactly one active key on both sides, and the same one.
#include "exchange_world.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

/// Between which two steps somebody dies.
enum class Point : std::uint8_t {
    before_aia,     ///< the vector is reserved, and nobody has it
    after_aia,      ///< the UE has answered the challenge; no Update-Location was sent
    before_begin,   ///< first transaction: on its way
    after_begin,    ///< first transaction: committed, and the daemon does not know
    request_out,    ///< the IDR has come to the MME, the device has seen nothing
    answer_out,     ///< the device has the key, and its answer is on its way
    before_finish,  ///< second transaction: on its way
    after_finish,   ///< second transaction: committed, and the daemon does not know
    after_ula,      ///< all is said and done
};
constexpr std::array<std::string_view, 9> point_names{
    "before AIA", "between AIA and ULR", "before the first commit",  "after the first commit",
    "IDR out",    "IDA on its way",      "before the second commit", "after the second commit",
    "after ULA"};
enum class Victim : std::uint8_t { daemon, database, peer };
constexpr std::array<std::string_view, 3> victim_names{"daemon", "PostgreSQL", "MME"};

constexpr auto points = static_cast<unsigned>(point_names.size());
constexpr auto renewal_points = 6U;  ///< from before_begin to after_finish

class Crashes {
  public:
    Crashes() : world_(points + renewal_points) { new_mme(); }

    void first_key(Point point, Victim victim) {
        auto& phone = world_.next_phone();
        attempt(phone, point, victim);
        expect_bound(phone);
    }

    void renewal(Point point, Victim victim) {
        auto& phone = world_.next_phone();
        CHECK(mme_->attach(phone).established);
        CHECK(mme_->attach(phone).served);
        REQUIRE(world_.active_generation(phone) == "1");
        (void)world_.daemon().ctl("kme renew " + phone.imei.str());
        attempt(phone, point, victim);
        expect_works_and_is_renewed(phone);
    }

  private:
    void new_mme() {
        mme_.reset();
        mme_ = std::make_unique<Mme>(world_.threads, world_.cable.port());
    }

    /// An attach during which somebody dies, and is there again.
    void attempt(Phone& phone, Point point, Victim victim) {
        arm(point);
        auto attach = std::async(std::launch::async, [&] { return mme_->attach(phone); });
        REQUIRE(reached(point, attach));
        strike(victim);
        world_.database.stop.let_go();
        mme_->after_vector.let_go();
        (void)attach.get();
        recover(victim);
    }

    void arm(Point point) {
        using Moment = DatabaseRelay::Moment;
        mme_->fate = Fate::right;
        mme_->containers = 0;
        switch (point) {
            case Point::before_aia:
                return world_.database.stop_at("reserve", Moment::after);
            case Point::after_aia:
                return mme_->after_vector.arm();
            case Point::before_begin:
                return world_.database.stop_at("begin_exchange", Moment::before);
            case Point::after_begin:
                return world_.database.stop_at("begin_exchange", Moment::after);
            case Point::request_out:
                mme_->fate = Fate::never_seen;
                return;
            case Point::answer_out:
                mme_->fate = Fate::answer_late;
                return;
            case Point::before_finish:
                return world_.database.stop_at("finish_exchange", Moment::before);
            case Point::after_finish:
                return world_.database.stop_at("finish_exchange", Moment::after);
            case Point::after_ula:
                return;
        }
    }

    bool reached(Point point, std::future<Attached>& attach) {
        switch (point) {
            case Point::after_aia:
                return mme_->after_vector.reached_within(10s);
            case Point::request_out:
            case Point::answer_out:
                return eventually([&] { return mme_->containers != 0; }, 10s);
            case Point::after_ula:
                return attach.wait_for(10s) == std::future_status::ready;
            default:
                return world_.database.stop.reached_within(10s);
        }
    }

    void strike(Victim victim) {
        server_ = world_.postmaster();
        switch (victim) {
            case Victim::daemon:
                // In this order: a daemon that sees its MME go has an exchange that failed.
                CHECK(world_.daemon().stop(SIGKILL) == 128 + SIGKILL);
                world_.cable.cut();  // no MME reaches what is not there
                return;
            case Victim::database:
                REQUIRE(kill(server_, SIGKILL) == 0);
                REQUIRE(eventually([&] { return restarted(); }, 60s));
                return;
            case Victim::peer:
                return world_.cable.cut();
        }
    }
    [[nodiscard]] bool restarted() const {
        const auto server = world_.postmaster();
        return server != 0 && server != server_;
    }

    void recover(Victim victim) {
        if (victim == Victim::daemon) world_.daemon().start();
        if (victim != Victim::database) {
            world_.cable.mend();
            new_mme();
        }
        mme_->fate = Fate::right;
        // A subscriber of the demo, so that no phone of ours is asked for.
        const auto anybody = *Imsi::parse("001010000000001");
        REQUIRE(eventually([&] { return mme_->answered_to(anybody); }, 60s));
        // What failed is not tried again at once (spec 4.4): provisioning.pauses. Whoever only crashed has
        // not failed.
        if (victim != Victim::daemon) std::this_thread::sleep_for(pause);
    }

    void expect_bound(Phone& phone) {
        Attached last;
        int attaches = 0;
        while (attaches < 2 && !last.served) {
            last = mme_->attach(phone);
            ++attaches;
        }
        INFO("the last attach: " << last.detail);
        REQUIRE(last.served);
        expect_same_key(phone, last);
    }

    /// The key that was in use stays good all the time, until the new one takes its place.
    void expect_works_and_is_renewed(Phone& phone) {
        const auto first = mme_->attach(phone);
        INFO("the first attach: " << first.detail);
        REQUIRE(first.served);
        std::this_thread::sleep_for(pause);
        const auto second = mme_->attach(phone);
        INFO("the second attach: " << second.detail);
        REQUIRE(second.served);
        CHECK(eventually([&] { return world_.active_generation(phone) == "2"; }, 10s));
        const auto third = mme_->attach(phone);
        REQUIRE(third.served);
        CHECK(third.parity == 0U);
        expect_same_key(phone, third);
    }

    void expect_same_key(const Phone& phone, const Attached& attached) {
        REQUIRE(attached.parity);
        CHECK(world_.active_kcv(phone) == ExchangeWorld::kcv_of(phone, *attached.parity));
    }

    static constexpr std::chrono::milliseconds pause{1'200};
    ExchangeWorld world_;
    std::unique_ptr<Mme> mme_;
    int server_ = 0;
};

void strikes_at_every_step(Victim victim) {
    Crashes crashes;
    const std::string who(victim_names[static_cast<std::size_t>(victim)]);
    for (unsigned point = 0; point < points; ++point) {
        INFO("first key: " << who << ", " << point_names[point]);
        crashes.first_key(static_cast<Point>(point), victim);
    }
    const auto first = static_cast<unsigned>(Point::before_begin);
    for (unsigned point = first; point < first + renewal_points; ++point) {
        INFO("renewal: " << who << ", " << point_names[point]);
        crashes.renewal(static_cast<Point>(point), victim);
    }
}

}  // namespace

TEST_CASE(
    "The daemon is killed at whatever step of an exchange: in two further attaches the UE is bound, with one "
    "key",
    "[kme][R19][R30][R31][I4]") {
    strikes_at_every_step(Victim::daemon);
}

TEST_CASE(
    "PostgreSQL is killed at whatever step of an exchange: in two further attaches the UE is bound, with one "
    "key",
    "[kme][R19][R30][R31][I4]") {
    strikes_at_every_step(Victim::database);
}

TEST_CASE(
    "The MME ends at whatever step of an exchange: in two further attaches the UE is bound, with one key",
    "[kme][R19][R30][R31][I4]") {
    strikes_at_every_step(Victim::peer);
}
