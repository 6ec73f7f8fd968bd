// SPDX-License-Identifier: Apache-2.0
// The invariants of spec 4.7 on the running daemon with its database: random sequences of accesses by a card
// in its own device and in others, of a node that forges, and of purges; the operator locks, and the daemon
// is killed in between. What must hold is known from books of the test's own.
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "aka/resync.h"
#include "aka/vectors.h"
#include "daemon_process.h"
#include "emu/s6a_port.h"
#include "emu/ue.h"
#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

constexpr unsigned lives_of_each_policy = 12;
constexpr unsigned events_of_a_life = 30;
constexpr std::array<std::string_view, 5> policies{"off", "imei_monitor", "imei_enforce", "kme", "kme+imei"};
const Plmn plmn = *Plmn::parse("001/01");

/// In which device the card is, and what that says of itself.
enum class Device : std::uint8_t {
    own,
    thief,     ///< without the key
    forger,    ///< the same, and it reports the IMEI of the own one
    rebadged,  ///< with the key, and it reports the IMEI of the thief's
};

Imei imei_of(std::uint64_t number) {
    return *Imei::from_number(number);
}

/// A node of the emulator, awaited one request at a time.
class Node {
  public:
    Node(Threads& threads, const std::string& host, std::uint16_t port)
        : threads_(threads),
          identity{host, "example"},
          port_(
              threads.io, loaded_dictionary(), settings(host, port),
              [](const emu::HssRequest&) { return emu::NodeReply{}; }, log()) {
        if (!threads_.run(port_.connect(), 60s)) throw std::runtime_error("the daemon cannot be reached");
    }
    ~Node() { threads_.run(port_.disconnect()); }

    Result<s6a::AuthenticationInformationAnswer> air(
        const Imsi& imsi, const std::optional<ReSynchronizationInfo>& resync = {}) {
        s6a::AuthenticationInformationRequest request{imsi, identity, plmn};
        request.eutran.emplace();
        request.eutran->re_synchronization_info = resync;
        return threads_.run(port_.authentication_information(request));
    }
    Result<s6a::UpdateLocationAnswer> ulr(const Imsi& imsi, Imei imei) {
        s6a::UpdateLocationRequest request{imsi, identity, plmn};
        request.flags.initial_attach_indicator = true;
        return threads_.run(port_.update_location(request, emu::TerminalReport{imei.str(), "01"}));
    }
    void purge(const Imsi& imsi) { (void)threads_.run(port_.purge_ue(s6a::PurgeUeRequest{imsi, identity})); }

  private:
    static log::Logger& log() {
        static log::Logger logger{log::Settings{}};
        return logger;
    }
    static emu::S6aSettings settings(const std::string& host, std::uint16_t port) {
        emu::S6aSettings settings;
        settings.identity = {host, "example"};
        settings.connect = {"127.0.0.1", port};
        settings.destination_realm = "example";
        return settings;
    }

    Threads& threads_;
    ServingNode identity;
    emu::S6aPort port_;
};

struct Nodes {
    Node mme1;
    Node mme2;
    Node evil;
    Nodes(Threads& threads, std::uint16_t port)
        : mme1(threads, "mme.example", port),
          mme2(threads, "mme2.example", port),
          evil(threads, "evil.example", port) {}
};

/// One subscription with its card and its devices.
class Life {
  public:
    Life(unsigned number, std::string_view policy)
        : policy_(policy),
          imsi_(*Imsi::parse("00101" + std::to_string(1'000'000'000 + number))),
          own_(imei_of(35'824'005'000'001 + number)),
          stranger_(imei_of(35'824'006'000'001 + number)),
          kme_(OctetString(16, static_cast<std::uint8_t>(number + 1))),
          keys_(AkaKeys::milenage(SubscriberKey{Octets<16>{static_cast<std::uint8_t>(number), 0x5b}},
                                  Opc{Octets<16>{0xcd, static_cast<std::uint8_t>(number)}})),
          usim_(imsi_, keys_) {}

    [[nodiscard]] bool keyed() const { return policy_.starts_with("kme"); }
    [[nodiscard]] bool enforced() const { return policy_ == "imei_enforce" || policy_ == "kme+imei"; }
    [[nodiscard]] const Imsi& imsi() const { return imsi_; }
    [[nodiscard]] std::string_view policy() const { return policy_; }
    [[nodiscard]] Imei own() const { return own_; }
    [[nodiscard]] std::string subscriber_line() const {
        return imsi_.str() + "," + to_hex(keys_.k.view()) + "," + to_hex(keys_.opc.view());
    }
    [[nodiscard]] std::string kme_line() const { return own_.str() + "," + to_hex(kme_.view()); }
    [[nodiscard]] std::string binding_line() const {
        return imsi_.str() + "," + std::string(policy_) + "," + own_.str();
    }

    void step(std::mt19937& random, Nodes& nodes) {
        auto& node = random() % 2 == 0 ? nodes.mme1 : nodes.mme2;
        const auto kind = random() % 10;
        if (kind < 6) return attach(node, static_cast<Device>(random() % 4));
        if (kind < 7) return node.purge(imsi_), void(registered_ = registered_ && registered_at_ != &node);
        if (kind < 8) return forge(nodes.evil);
        if (kind < 9) return replay(node);
        usim_.sequence().advance(random() % 50);
    }

    /// Served in its own device, with one re-synchronisation at most.
    void attach_at_home(Node& node) {
        attach(node, Device::own);
        INFO(imsi_.str() << " " << policy_);
        CHECK(registered_);
        CHECK(registered_at_ == &node);
    }
    void expect_locked(Node& node) {
        const auto answer = node.air(imsi_);
        REQUIRE(answer.has_error());
        CHECK(answer.error().cause == Cause::authorization_rejected);
    }

  private:
    [[nodiscard]] bool has_key(Device device) const {
        return device == Device::own || device == Device::rebadged;
    }
    [[nodiscard]] Imei reported(Device device) const {
        return device == Device::own || device == Device::forger ? own_ : stranger_;
    }

    /// The vector with its SQN noted: none comes twice, SEQ only grows (I7), and it is marked as it is (R16).
    std::optional<s6a::EutranVector> vector(Node& node,
                                            const std::optional<ReSynchronizationInfo>& resync = {}) {
        const auto answer = node.air(imsi_, resync);
        if (!answer) return std::nullopt;
        REQUIRE(answer->eutran_vectors.size() == 1);
        const auto& one = answer->eutran_vectors[0];
        CHECK(((one.autn.octets[7] & 0x80) != 0) == keyed());
        const auto rand = keyed() ? aka::decrypt_rand(kme_.view(), one.rand) : one.rand;
        const auto algorithms = aka::make_algorithm_set(keys_);
        auto sqn = algorithms->f2345(rand).ak.octets();
        for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] ^= one.autn.octets[i];
        const auto seq = Sqn::from_octets(sqn).seq();
        INFO(imsi_.str() << ": SEQ " << seq << " after " << highest_seq_);
        CHECK(seq > highest_seq_);
        highest_seq_ = std::max(highest_seq_, seq);
        return one;
    }

    void attach(Node& node, Device device) {
        auto one = vector(node);
        if (!one) return;
        auto answer = in_device(*one, device);
        if (auto* failure = std::get_if<emu::UsimSynchFailure>(&answer)) {
            const ReSynchronizationInfo info{one->rand, failure->auts};
            one = vector(node, info);
            REQUIRE(one);
            accepted_ = info;
            answer = in_device(*one, device);
        }
        const bool passed = std::holds_alternative<emu::UsimAccepted>(answer);
        CHECK(passed == (!keyed() || has_key(device)));
        if (passed) update(node, device);
    }

    emu::UsimAnswer in_device(const s6a::EutranVector& one, Device device) {
        const bool decrypts = keyed() && has_key(device);
        return usim_.authenticate(decrypts ? aka::decrypt_rand(kme_.view(), one.rand) : one.rand, one.autn);
    }

    /// AKA was passed: whoever has no key under a key policy never comes here.
    void update(Node& node, Device device) {
        const auto answer = node.ulr(imsi_, reported(device));
        const bool allowed = !enforced() || reported(device) == own_;
        INFO(imsi_.str() << " " << policy_ << " device " << static_cast<int>(device));
        CHECK(answer.has_value() == allowed);
        if (!answer) return;
        CHECK((!keyed() || has_key(device)));  // I1, I5
        registered_ = true;
        registered_at_ = &node;
    }

    /// A node that has never asked for a vector says that the card is there, in its own device.
    void forge(Node& evil) {
        const auto answer = evil.ulr(imsi_, own_);
        INFO(imsi_.str() << " " << policy_);
        if (keyed() && !registered_)
            CHECK(answer.has_error());  // I1: nothing proves it, and nobody hands it on
        if (!answer) return;
        registered_ = true;
        registered_at_ = &evil;
    }

    void replay(Node& node) {
        if (!accepted_) return;
        const auto answer = node.air(imsi_, accepted_);
        REQUIRE(answer.has_error());  // I7
        CHECK(answer.error().cause == Cause::authentication_data_unavailable);
    }

    const std::string_view policy_;
    const Imsi imsi_;
    const Imei own_;
    const Imei stranger_;
    const SecretString kme_;
    const AkaKeys keys_;
    emu::Usim usim_;
    std::uint64_t highest_seq_ = 0;
    std::optional<ReSynchronizationInfo> accepted_;
    bool registered_ = false;
    const Node* registered_at_ = nullptr;
};

std::vector<Life> lives() {
    std::vector<Life> all;
    all.reserve(policies.size() * lives_of_each_policy);
    unsigned number = 0;
    for (const auto policy : policies)
        for (unsigned i = 0; i < lives_of_each_policy; ++i) all.emplace_back(number++, policy);
    return all;
}

void provision(const DaemonProcess& daemon, const std::vector<Life>& all) {
    TemporaryFolder files;
    std::ofstream subscribers(files.path("subscribers.csv"));
    std::ofstream kmes(files.path("kmes.csv"));
    std::ofstream bindings(files.path("bindings.csv"));
    subscribers << "imsi,k,opc\n";
    kmes << "imei,kme\n";
    bindings << "imsi,policy,devices\n";
    for (const auto& life : all) {
        subscribers << life.subscriber_line() << "\n";
        kmes << life.kme_line() << "\n";
        if (life.policy() != "off") bindings << life.binding_line() << "\n";
    }
    for (auto* file : {&subscribers, &kmes, &bindings}) file->close();
    (void)daemon.ctl("import " + files.path("subscribers.csv") + " " + files.path("kmes.csv") + " " +
                     files.path("bindings.csv"));
}

}  // namespace

TEST_CASE("The invariants hold on the running daemon, over random accesses, forged requests and kill -9",
          "[property][I1][I2][I5][I7][R8][R14][R35][R42]") {
    const std::string off = "{air: \"off\", resync: \"off\", update: \"off\"}";
    DaemonProcess daemon("limits: {imsi: " + off + ", connection: " + off + "}\n");
    auto all = lives();
    provision(daemon, all);
    Threads threads;
    std::mt19937 random(
        20'261'121);  // NOLINT(bugprone-random-generator-seed): a failure has to be repeatable
    const auto play = [&](unsigned events) {
        Nodes nodes(threads, daemon.port());
        for (unsigned i = 0; i < events; ++i)
            for (auto& life : all) life.step(random, nodes);
    };
    play(events_of_a_life);
    CHECK(daemon.stop(SIGKILL) != 0);
    daemon.start();
    play(events_of_a_life / 3);

    Nodes nodes(threads, daemon.port());
    for (auto& life : all) life.attach_at_home(nodes.mme1);
    for (const auto& life : all) {  // I5: nothing that came over the air has moved a binding
        if (life.policy() == "off") continue;
        const auto shown = daemon.ctl("binding show " + life.imsi().str());
        CHECK_THAT(shown, Catch::Contains(life.own().str()));
        CHECK_THAT(shown, !Catch::Contains("35824006"));
    }
    auto& bound = all.back();
    (void)daemon.ctl("binding lock " + bound.imsi().str());
    bound.expect_locked(nodes.mme1);
    (void)daemon.ctl("binding unlock " + bound.imsi().str());
    bound.attach_at_home(nodes.mme2);
}
