// SPDX-License-Identifier: Apache-2.0
// A scenario as it stands in its file: who there is, what they do, and what is expected of it
// (docs/emulator.md has the keys).
#pragma once

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "emu/core_node.h"

namespace bindhss::emu {

struct UsimDefinition {
    Imsi imsi;
    AkaKeys keys;
    std::uint64_t seq = 0;  ///< SEQ_MS of the fresh card
};

struct DeviceDefinition {
    Imei imei;
    std::string svn = "01";
    Me::Feature feature = Me::Feature::kme;
    std::map<std::uint32_t, SecretString> kmes;  ///< by generation
    /// The private half of the device's key pair; absent: it takes no containers.
    std::optional<crypto::DevicePrivateKey> private_key;
    ExchangeConduct conduct = ExchangeConduct::right;
    bool requires_home_mac = false;
    DeviceNasSettings nas;
};

/// The replies of a script, command by command.
using ScriptedReplies = std::map<HssCommand, std::vector<ScriptedReply>>;

struct NodeDefinition {
    CoreNodeSettings settings;
    ScriptedReplies answers;
    std::vector<ScriptedRelay> relays;
};

/// What has to come of an attach; an absent part may be anything.
struct Expectation {
    Outcome outcome = Outcome::attached;
    std::optional<std::uint32_t> code;  ///< with `rejected`
    std::optional<bool> encrypted_rand;
    std::optional<bool> resynchronised;
    Fields fields;  ///< of AttachResult::fields

    [[nodiscard]] bool fits(const AttachResult& result) const;
    [[nodiscard]] std::string str() const;
    /// What came, in the words of the expectation.
    [[nodiscard]] std::string came(const AttachResult& result) const;
};

/// The USIM attaches in the device, into which it is moved if it was elsewhere.
struct AttachStep {
    std::string usim;
    std::string device;
    std::string node;
    Expectation expect;
    AttachOptions options;
    bool returns = false;  ///< `reattach`: with what the node still knows of it
};
/// Vectors that the HSS does not know of: the card's SEQ goes ahead.
struct DesyncStep {
    std::string usim;
    std::uint64_t ahead = 0;
};
struct PurgeStep {
    std::string usim;
    std::string node;
    PurgeOptions options;
    Fields expect;
};
struct NotifyStep {
    std::string usim;
    std::string node;
    std::string device;  ///< empty: no Terminal-Information
    NotifyOptions options;
    Fields expect;
};
struct CheckImeiStep {
    std::string usim;  ///< empty: no IMSI is sent
    std::string node;
    TerminalReport terminal;
    Fields expect;
};
/// A request of the HSS has reached the node, or does so in time.
struct ExpectRequestStep {
    HssCommand command = HssCommand::clr;
    std::string usim;  ///< empty: for anybody
    std::string node;
    std::optional<std::size_t> count;  ///< exactly so many; absent: the next one
    Fields fields;                     ///< of each
    std::chrono::milliseconds within{3'000};
};
/// What the node knows of the subscriber is so, or becomes so in time.
struct ExpectDataStep {
    std::string usim;
    std::string node;
    Fields fields;
    std::chrono::milliseconds within{3'000};
};
struct AnswersStep {
    std::string node;
    ScriptedReplies replies;
    std::vector<ScriptedRelay> relays;  ///< empty: as before
};
struct ConnectionStep {
    std::string node;
    bool connect = true;
};
/// A command of the operator, in the middle of it all.
struct CtlStep {
    std::vector<std::string> arguments;
    bool succeeds = true;
    std::string prints;  ///< part of its output
};
struct WaitStep {
    std::chrono::milliseconds duration{0};
};

struct Step {
    std::string title;
    std::variant<AttachStep, DesyncStep, PurgeStep, NotifyStep, CheckImeiStep, ExpectRequestStep,
                 ExpectDataStep, AnswersStep, ConnectionStep, CtlStep, WaitStep>
        action;
};

struct Scenario {
    AmfMasks masks;
    std::map<std::string, UsimDefinition> usims;
    std::map<std::string, DeviceDefinition> devices;
    std::map<std::string, NodeDefinition> nodes;
    std::string destination_realm;
    std::string destination_host;
    std::vector<std::string> connect;  ///< host:port
    std::vector<Step> steps;

    /// A step asks for a command of the operator.
    [[nodiscard]] bool needs_ctl() const;
};

/// What is wrong with a scenario file: "file:line: what". Never holds a key.
class ScenarioError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Reads a scenario. `file` is its name in errors. Throws ScenarioError.
[[nodiscard]] Scenario parse_scenario(const std::string& text, const std::string& file);
[[nodiscard]] Scenario load_scenario(const std::string& path);

}  // namespace bindhss::emu
