// SPDX-License-Identifier: Apache-2.0
// A scenario as it stands in its file: who there is, what they do, and what is expected of it.
#pragma once

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "emu/mme.h"

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
};

struct MmeDefinition {
    ServingNode identity;
    Plmn plmn;
    ImeiReport imei_report = ImeiReport::digits_14;
};

/// What has to come of an attach; an absent part may be anything.
struct Expectation {
    Outcome outcome = Outcome::attached;
    std::optional<std::uint32_t> code;  ///< with `rejected`
    std::optional<bool> encrypted_rand;
    std::optional<bool> resynchronised;

    [[nodiscard]] bool fits(const AttachResult& result) const;
    [[nodiscard]] std::string str() const;
};

/// The USIM attaches in the device, into which it is moved if it was elsewhere.
struct AttachStep {
    std::string usim;
    std::string device;
    std::string mme;
    Expectation expect;
};
/// Vectors that the HSS does not know of: the card's SEQ goes ahead.
struct DesyncStep {
    std::string usim;
    std::uint64_t ahead = 0;
};
/// A CLR for the subscriber has reached the MME, or does so in time.
struct ExpectCancelStep {
    std::string usim;
    std::string mme;
    std::optional<std::uint32_t> type;
};
struct Step {
    std::string title;
    std::variant<AttachStep, DesyncStep, ExpectCancelStep> action;
};

struct Scenario {
    AmfMasks masks;
    std::map<std::string, UsimDefinition> usims;
    std::map<std::string, DeviceDefinition> devices;
    std::map<std::string, MmeDefinition> mmes;
    std::string destination_realm;
    std::string destination_host;
    std::vector<std::string> connect;  ///< host:port
    std::vector<Step> steps;
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
