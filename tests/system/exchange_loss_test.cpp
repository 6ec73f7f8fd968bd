// SPDX-License-Identifier: Apache-2.0
// What is lost, late, withdrawn or sent twice during the exchange of a key (spec 4.4), on the running daemon:
// it is worth nothing, and the UE is bound all the same afterwards.
#include "exchange_world.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

constexpr std::chrono::milliseconds pause_over{1'200};

struct Losses : ExchangeWorld {
    Losses() : ExchangeWorld(8) {}

    /// An attach that is going on while the container is with the phone.
    std::future<Attached> attach_until_container(Phone& phone) {
        mme.fate = Fate::answer_late;
        mme.containers = 0;
        auto attach = std::async(std::launch::async, [this, &phone] { return mme.attach(phone); });
        REQUIRE(eventually([&] { return mme.containers != 0; }, 10s));
        return attach;
    }
    void expect_no_key(const Phone& phone) { CHECK(active_kcv(phone).empty()); }
    void expect_bound_in_two(Phone& phone) {
        mme.fate = Fate::right;
        const auto first = mme.attach(phone);
        INFO("the first attach: " << first.detail);
        CHECK(first.established);
        const auto second = mme.attach(phone);
        INFO("the second attach: " << second.detail);
        REQUIRE(second.served);
        REQUIRE(second.parity);
        CHECK(active_kcv(phone) == kcv_of(phone, *second.parity));
    }

    Mme mme{threads, cable.port()};
};

/// mme.example between two daemons: what one of them does not answer is sent to the other one, with the T
/// flag and the same End-to-End Identifier (RFC 6733 5.5.4).
class TwoHomed {
  public:
    TwoHomed(Threads& threads, std::uint16_t one, std::uint16_t other)
        : client_({"example", "", ""},
                  [this](std::unique_ptr<diameter::IncomingRequest> incoming,
                         const diameter::NodeRequest& request) { serve(std::move(incoming), request); }),
          node_(threads.io, loaded_dictionary(), settings(one, other), client_.handler(), quiet_log()),
          threads_(threads) {
        client_.attach(node_);
        node_.start();
        if (!eventually([&] { return is_open(node_, "hss.example") && is_open(node_, "hss2.example"); }, 20s))
            throw std::runtime_error("the daemons cannot be reached");
    }
    ~TwoHomed() { threads_.run(node_.stop(diameter::DisconnectCause::rebooting, 200ms)); }

    /// AKA with a regular vector.
    void authenticate(Phone& phone) {
        s6a::AuthenticationInformationRequest request{phone.imsi, identity, home_plmn};
        request.eutran.emplace();
        request.supported_features = s6a::Features{0, 0, kme_features};
        const auto answer = threads_.run(client_.authentication_information(request));
        REQUIRE(answer.has_value());
        const auto& vector = answer->eutran_vectors.at(0);
        const auto came = emu::Ue{phone.me, phone.usim}.authenticate(vector.rand, vector.autn, home_plmn);
        REQUIRE(std::holds_alternative<emu::AuthenticationResponse>(came.answer));
        CHECK_FALSE(came.opened.pre_processed);
        phone.nas.secured(phone.imsi, came.session);
        phone_ = &phone;
    }
    std::future<Result<s6a::UpdateLocationAnswer>> update(const Phone& phone) {
        s6a::UpdateLocationRequest request{phone.imsi, identity, home_plmn};
        request.flags.initial_attach_indicator = true;
        request.supported_features = s6a::Features{0, 0, kme_features};
        request.terminal_information = TerminalInformation{phone.imei, "01", false};
        return std::async(std::launch::async,
                          [this, request] { return threads_.run(client_.update_location(request), 30s); });
    }
    /// The daemon that has sent the container.
    std::string asked_by() {
        REQUIRE(eventually([&] { return !sender().empty(); }, 10s));
        return sender();
    }

    std::atomic<bool> silent{false};  ///< the container is not answered

    const ServingNode identity{"mme.example", "example"};

  private:
    static diameter::NodeSettings settings(std::uint16_t one, std::uint16_t other) {
        auto settings = client_settings(one);
        settings.request_timeout = 20s;
        settings.peers.push_back(peer("hss2.example"));
        settings.peers.back().connect = diameter::Endpoint{"127.0.0.1", other};
        return settings;
    }
    std::string sender() {
        const std::lock_guard lock(mutex_);
        return sender_;
    }
    void serve(std::unique_ptr<diameter::IncomingRequest> incoming, const diameter::NodeRequest& request) {
        s6a::InsertSubscriberDataAnswer answer;
        const auto* idr = std::get_if<s6a::InsertSubscriberDataRequest>(&request);
        if (idr == nullptr || !idr->kme_provisioning_request) {
            diameter::S6aClient::refuse(*incoming, 3001, false);
            return;
        }
        const auto& asked = *idr->kme_provisioning_request;
        const emu::GenericNasTransport downlink{emu::GenericNasTransport::Direction::downlink, 75,
                                                asked.container};
        const auto uplink = phone_->nas.take(emu::encode(downlink));
        auto& response = answer.kme_provisioning_response.emplace();
        response.transaction = asked.transaction;
        if (uplink) response.container = emu::parse_nas_transport(uplink->message)->container;
        {
            const std::lock_guard lock(mutex_);
            sender_ = incoming->peer();
        }
        if (silent) return incoming->abandon();
        diameter::S6aClient::answer(*incoming, answer);
    }

    std::mutex mutex_;
    std::string sender_;
    Phone* phone_ = nullptr;
    diameter::S6aClient client_;
    diameter::Node node_;
    Threads& threads_;
};

/// Two daemons on one database.
struct Pair : ExchangeWorld {
    Pair() : ExchangeWorld(2) {}
    DaemonProcess second{daemon_settings(), "hss2.example"};
    TcpRelay second_cable{[this] { return connect_tcp(second.port()); }};
    TwoHomed mme{threads, cable.port(), second_cable.port()};
};

}  // namespace

TEST_CASE("A lost Rsp, a late one, a purge and a cancellation leave no key, and two attaches suffice",
          "[kme][R30][R31][I4]") {
    Losses world;
    SECTION("the device's answer is lost") {
        auto& phone = world.next_phone();
        world.mme.fate = Fate::answer_lost;
        CHECK_FALSE(world.mme.attach(phone).established);
        world.expect_no_key(phone);
        std::this_thread::sleep_for(pause_over);
        world.expect_bound_in_two(phone);
    }
    SECTION("the device's answer comes after the deadline") {
        auto& phone = world.next_phone();
        world.mme.late = 5'000ms;
        auto attach = world.attach_until_container(phone);
        CHECK_FALSE(attach.get().established);
        world.expect_no_key(phone);
        std::this_thread::sleep_for(3s);  // it has come
        world.expect_no_key(phone);
        world.expect_bound_in_two(phone);
    }
    SECTION("the UE is purged meanwhile") {
        auto& phone = world.next_phone();
        world.mme.late = 3'500ms;
        auto attach = world.attach_until_container(phone);
        world.mme.purge(phone);
        CHECK_FALSE(attach.get().established);
        world.expect_no_key(phone);
        world.expect_bound_in_two(phone);
    }
    SECTION("another Update-Location comes meanwhile") {
        auto& phone = world.next_phone();
        world.mme.late = 3'500ms;
        auto attach = world.attach_until_container(phone);
        world.expect_bound_in_two(phone);
        CHECK_FALSE(attach.get().established);
        CHECK(world.keys_of(phone).size() == 1);
        CHECK(world.mme.attach(phone).served);
    }
    SECTION("the operator cancels the UE while its key is renewed: the one in use stays good") {
        auto& phone = world.next_phone();
        world.expect_bound_in_two(phone);
        (void)world.daemon().ctl("kme renew " + phone.imei.str());
        auto attach = world.attach_until_container(phone);
        CHECK(attach.get().served);
        (void)world.daemon().ctl("subscriber detach " + phone.imsi.str());
        std::this_thread::sleep_for(Mme::late_usually + 500ms);  // the answer has come
        CHECK(world.active_generation(phone) == "1");
        world.mme.fate = Fate::right;
        const auto next = world.mme.attach(phone);
        CHECK(next.served);
        CHECK(next.parity == 1U);
    }
}

TEST_CASE("An Update-Location whose daemon dies is answered by another one, and the next one gives the key",
          "[kme][R30][R31][I4]") {
    Pair pair;
    auto& phone = pair.next_phone();
    pair.mme.silent = true;
    pair.mme.authenticate(phone);
    auto pending = pair.mme.update(phone);
    auto& dead = pair.mme.asked_by() == "hss.example" ? pair.daemon() : pair.second;
    auto& alive = &dead == &pair.second ? pair.daemon() : pair.second;
    CHECK(dead.stop(SIGKILL) == 128 + SIGKILL);
    const auto answer = pending.get();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().cause == Cause::unable_to_comply);  // EMM cause #17: the UE comes again
    CHECK(alive.ctl("kme list " + phone.imei.str()).find("active") == std::string::npos);

    pair.mme.silent = false;
    pair.mme.authenticate(phone);
    const auto next = pair.mme.update(phone).get();
    REQUIRE(next.has_value());
    REQUIRE(next->kme_access_info);
    CHECK((next->kme_access_info->flags & s6a::kme_access::binding_established) != 0);
    CHECK_THAT(alive.ctl("kme list " + phone.imei.str()),
               Catch::Contains(ExchangeWorld::kcv_of(phone, 1) + "  active"));
}

TEST_CASE("A retransmitted Update-Location joins the exchange of the first daemon, whose end it is told",
          "[kme][R31][I4]") {
    Pair pair;
    auto& phone = pair.next_phone();
    pair.mme.authenticate(phone);
    pair.database.stop_at("finish_exchange", DatabaseRelay::Moment::before);
    auto pending = pair.mme.update(phone);
    REQUIRE(pair.database.stop.reached_within(10s));
    auto& way = pair.mme.asked_by() == "hss.example" ? pair.cable : pair.second_cable;
    way.cut();
    std::this_thread::sleep_for(500ms);  // the other one has the request, and waits
    CHECK(pending.wait_for(0s) == std::future_status::timeout);
    pair.database.stop.let_go();
    const auto answer = pending.get();
    REQUIRE(answer.has_value());
    REQUIRE(answer->kme_access_info);
    CHECK((answer->kme_access_info->flags & s6a::kme_access::binding_established) != 0);
    CHECK_FALSE(answer->subscription_data->has_eps());
    CHECK(pair.keys_of(phone).size() == 1);
    CHECK(pair.active_kcv(phone) == ExchangeWorld::kcv_of(phone, 1));
}
