// SPDX-License-Identifier: Apache-2.0
// 100,000 wrong messages from four connections at once, to a real node with the real S6a procedures, while a
// fifth peer goes on as if nothing was.
//
// Environment: BINDHSS_MUTATION_SEED and BINDHSS_MUTATIONS choose others; BINDHSS_MUTATION_PORT aims them at
// a bindhssd on this machine instead, with diameter.identity hss.example, diameter.realm example, a peer
// {identity: "*", realm: example} and the subscribers of config/demo.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "crypto/random.h"
#include "diameter/s6a_server.h"
#include "procedure/ports.h"
#include "s6a/mutator.h"
#include "s6a/node_world.h"
#include "store/memory/memory_store.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

constexpr int mutators = 4;
constexpr std::size_t batch_max = 24;
constexpr std::uint32_t last_of_batch = 0xffff'0001;  // Hop-by-Hop id of the DWR that ends a batch

// Beyond what they hold by right, connections may leave no memory behind: six times 128 KB to read, 0.5 MB to
// write and 512 requests of some 10 KB in flight make 35 MB, and the allocator keeps some for each thread. A
// leak of 1 KB a message would be 100 MB.
constexpr std::size_t growth_max = 64U * 1024 * 1024;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

std::size_t resident() {
    std::ifstream file("/proc/self/statm");
    std::size_t total = 0;
    std::size_t pages = 0;
    file >> total >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class CountingAlarms final : public alarm::Sink {
  public:
    void raise(const alarm::Alarm&) noexcept override { ++raised; }
    std::atomic<std::size_t> raised = 0;
};

NodeSettings hss_settings() {
    auto settings = server_settings();
    settings.peers = {peer("good.example"), peer("*")};
    settings.request_timeout = 500ms;  // CLRs to peers that do not answer are over when the test is
    return settings;
}

/// The daemon but for its database.
class Hss {
  public:
    explicit Hss(const std::string& log_file)
        : log_({log::Level::error, log::Format::text, log_file}),
          server_(threads_.io, threads_.io, log_),
          node(threads_.io, loaded_dictionary(), hss_settings(), server_.handler(), log_) {
        std::vector<store::Item> items;
        items.push_back({store::PutSubscriber{*Imsi::parse("001010000000001"),
                                              AkaKeys::milenage(of_hex<SubscriberKey>(milenage_sets[0].k),
                                                                of_hex<Opc>(milenage_sets[0].opc))},
                         0});
        REQUIRE(store_.apply(items, false).empty());
        server_.serve(node, ports_);
        node.start();
    }
    ~Hss() {
        threads_.run(node.stop(DisconnectCause::rebooting, 1s));
        threads_.stop();
    }
    [[nodiscard]] std::uint16_t port() const { return node.listening().front().port; }
    [[nodiscard]] std::size_t connections() const {
        const auto peers = node.peers();
        return static_cast<std::size_t>(std::ranges::count_if(
            peers, [](const PeerStatus& status) { return status.state != PeerState::closed; }));
    }
    void flush() { log_.flush(); }

  private:
    log::Logger log_;
    store::MemoryStore store_;
    CountingAlarms alarms_;
    crypto::SystemRandom random_;
    SystemClock clock_;
    procedure::Settings procedures_;
    Threads threads_;
    S6aServer server_;

  public:
    Node node;

  private:
    procedure::Ports ports_{store_, alarms_, server_, random_, clock_, procedures_};
};

OctetString ulr(const std::string& origin) {
    return ulr_frame(
        concat({make_avp(avp_id::session_id, origin + ";1;3"), make_avp(avp_id::auth_session_state, 1U),
                make_avp(avp_id::origin_host, origin), make_avp(avp_id::origin_realm, "example"),
                make_avp(avp_id::destination_realm, "example"),
                make_avp(avp_id::user_name, "001010000000001"), ulr_tail()}));
}

OctetString resync_air(const std::string& origin) {
    const auto info = make_avp(avp_id::re_synchronization_info, OctetView(OctetString(30, 0x5a)));
    return air(1, origin, {make_avp(avp_id::requested_eutran_authentication_info, OctetView(info), 0xc0)});
}

/// Right messages of every kind, in the name of `origin`, and those that the fuzzer begins with.
std::vector<OctetString> seed_messages(const std::string& origin) {
    const auto names =
        concat({make_avp(avp_id::origin_host, origin), make_avp(avp_id::origin_realm, "example")});
    const auto answer =
        concat({make_avp(avp_id::session_id, "hss.example;1;1"), make_avp(avp_id::result_code, 2001U),
                make_avp(avp_id::auth_session_state, 1U), names});
    std::vector<OctetString> seeds{
        air(1, origin),
        air(2, origin),
        resync_air(origin),
        ulr(origin),
        cer({origin}),
        frame(0x80, 280, 0, names),
        frame(0x80, 282, 0, concat({names, make_avp(avp_id::disconnect_cause, 0U)})),
        frame(0, 280, 0, concat({make_avp(avp_id::result_code, 2001U), names})),
        frame(0x40, 317, application_s6a, answer),
        frame(0x40, 318, application_s6a, answer),
    };
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(BINDHSS_CORPUS)) files.push_back(file.path());
    std::ranges::sort(files);
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return seeds;
}

/// One connection at a time, made again as often as it is closed for what it sends.
class Attacker {
  public:
    Attacker(std::uint16_t port, std::string identity, std::uint64_t seed)
        : port_(port), identity_(std::move(identity)), mutator_(seed, seed_messages(identity_)) {}

    void run(std::size_t messages) {
        while (sent < messages) {
            if (mutator_.below(12) == 0) {
                before_capabilities();
            } else {
                batch(std::min(messages - sent, batch_max));
            }
        }
        raw_.reset();
    }

    std::size_t sent = 0;
    std::size_t connections = 0;
    std::size_t answers = 0;
    std::size_t hung = 0;

  private:
    // The first message of a connection. Half a message is followed by its end.
    void before_capabilities() {
        raw_.reset();
        RawPeer raw(port_);
        ++connections;
        raw.send(mutator_.next());
        raw.finish();
        ++sent;
        if (!raw.closed(10s)) ++hung;
    }

    void batch(std::size_t size) {
        if (!raw_ && !open()) return;
        OctetString octets;
        OctetString last;
        for (std::size_t i = 0; i < size && last.empty(); ++i) {
            auto message = mutator_.next();
            ++sent;
            if (Mutator::framed(message)) {
                octets.insert(octets.end(), message.begin(), message.end());
            } else {
                last = std::move(message);
            }
        }
        const auto watchdog = watchdog_request();
        octets.insert(octets.end(), watchdog.begin(), watchdog.end());
        if (!raw_->send(octets) || !read_until_watchdog_answer()) return raw_.reset();
        if (last.empty()) return;
        // Behind a wrong length nothing is told from it: the connection has served its time.
        raw_->send(last);
        raw_->finish();
        if (!raw_->closed(10s)) ++hung;
        raw_.reset();
    }

    bool open() {
        raw_.emplace(port_);
        ++connections;
        const auto cea = raw_->open({identity_});
        if (result_of(cea) == diameter_success) return true;
        ++refused_;
        raw_.reset();
        // A connection of before may still be alive to the node.
        if (refused_ > 1'000) throw std::runtime_error(identity_ + " is not let in any more");
        return false;
    }

    static OctetString watchdog_request() {
        auto request = base_request(280);
        const auto id = number_octets(last_of_batch);
        std::copy(id.begin(), id.end(), request.begin() + 12);
        return request;
    }

    bool read_until_watchdog_answer() {
        while (const auto octets = raw_->read_octets(10s)) {
            const auto header = Header::read(*octets);
            if (header->is_request()) continue;  // CLR or DWR: let it wait
            ++answers;
            if (header->hop_by_hop == last_of_batch) return true;
            if (header->command_code == 282) return false;  // DPA: it is on us to close (RFC 6733 5.4.2)
        }
        return false;
    }

    std::uint16_t port_;
    std::string identity_;
    Mutator mutator_;
    std::optional<RawPeer> raw_;
    std::size_t refused_ = 0;
};

/// Goes on asking for vectors; every answer has to be a success.
class GoodPeer {
  public:
    explicit GoodPeer(std::uint16_t port) : raw_(port) {
        REQUIRE(result_of(raw_.open({"good.example"})) == diameter_success);
    }
    void run(const std::atomic<bool>& stop) {
        while (!stop) {
            ask();
            std::this_thread::sleep_for(1ms);  // the load is to come from the others
        }
    }
    void ask() {
        raw_.send(air(++asked, "good.example"));
        const auto answer = raw_.read(20s);
        if (result_of(answer) == diameter_success && answer->header().hop_by_hop == asked) ++succeeded;
    }
    std::uint32_t asked = 0;
    std::uint32_t succeeded = 0;

  private:
    RawPeer raw_;
};

struct Totals {
    std::size_t sent = 0;
    std::size_t connections = 0;
    std::size_t answers = 0;
    std::size_t hung = 0;
};

Totals attack(std::uint16_t port, std::uint64_t seed, std::size_t messages) {
    std::vector<std::unique_ptr<Attacker>> attackers;
    std::vector<std::jthread> threads;
    std::atomic<int> failed = 0;
    for (int i = 0; i < mutators; ++i) {
        attackers.push_back(
            std::make_unique<Attacker>(port, "mut" + std::to_string(i) + ".example", seed + i));
        threads.emplace_back([&failed, &attacker = *attackers.back(), messages] {
            try {
                attacker.run(messages / mutators);
            } catch (const std::exception& e) {
                std::cerr << e.what() << '\n';
                ++failed;
            }
        });
    }
    threads.clear();
    CHECK(failed == 0);
    Totals totals;
    for (const auto& attacker : attackers) {
        totals.sent += attacker->sent;
        totals.connections += attacker->connections;
        totals.answers += attacker->answers;
        totals.hung += attacker->hung;
    }
    return totals;
}

bool memory_can_be_compared() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;  // sanitizers keep what is freed
#else
    return true;
#endif
}

std::string contents(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("100,000 wrong messages harm neither the node, nor its memory, nor another peer") {
    const auto seed = from_environment("BINDHSS_MUTATION_SEED", 20'261'121);
    const auto messages = from_environment("BINDHSS_MUTATIONS", 100'000);
    const auto elsewhere = static_cast<std::uint16_t>(from_environment("BINDHSS_MUTATION_PORT", 0));
    const auto log_file =
        std::filesystem::temp_directory_path() / ("bindhss-mutation-" + std::to_string(::getpid()));
    std::optional<Hss> hss;
    if (elsewhere == 0) hss.emplace(log_file);
    const auto port = hss ? hss->port() : elsewhere;

    GoodPeer good(port);
    std::atomic<bool> stop = false;
    std::jthread asking([&] { good.run(stop); });
    // What a node takes at first, it takes once: buffers, arenas of the allocator, tables.
    attack(port, seed + 1'000, messages / 10);
    const auto before = resident();
    const auto totals = attack(port, seed, messages);
    const auto growth = std::max(resident(), before) - before;
    stop = true;
    asking.join();

    std::cout << "seed " << seed << ": " << totals.sent << " wrong messages over " << totals.connections
              << " connections, " << totals.answers << " answers; " << good.asked
              << " good requests meanwhile; " << growth / 1024 << " KB more resident than " << before / 1024
              << " KB\n";
    CHECK(totals.sent >= messages / mutators * mutators);
    CHECK(totals.hung == 0);
    CHECK(totals.answers > totals.sent / 4);
    CHECK(good.asked > 100);
    CHECK(good.succeeded == good.asked);
    good.ask();
    CHECK(good.succeeded == good.asked);
    if (!hss) return;
    CHECK((growth < growth_max || !memory_can_be_compared()));
    CHECK(eventually([&] { return hss->connections() == 1; }));
    CHECK(is_open(hss->node, "good.example"));
    hss->flush();
    CHECK(contents(log_file) == "");
    hss.reset();
    std::filesystem::remove(log_file);
}
