// SPDX-License-Identifier: Apache-2.0
// The command line of bindhss-emu, read.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "diameter_dict/dictionary.h"
#include "emu/fleet.h"
#include "emu/s6a_port.h"

namespace bindhss::emu {

enum class ExitCode : int { as_expected = 0, not_as_expected = 1, usage = 2, cannot_connect = 3 };

/// Wrong use, or a bad file: told in one line, exit code 2.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// How the MMEs reach the HSS and who they say they are.
struct ConnectionOptions {
    std::vector<std::string> connect;
    std::string identity;  ///< empty: mme.<realm>
    std::string realm = "epc.mnc001.mcc001.3gppnetwork.org";
    std::string plmn = "00101";
    std::string destination_realm;  ///< empty: the realm
    std::string destination_host;
    std::string peer_identity = "*";
    std::string peer_realm;
    std::string connect_timeout = "10s";
    std::string log_level = "error";
    std::uint32_t kme_vendor = diameter_dict::Dictionary::kme_vendor_default;
};

struct RunOptions {
    ConnectionOptions connection;
    std::string file;
    bool quiet = false;
    std::string colour = "auto";     ///< or always, never
    std::string export_device_keys;  ///< file
    std::string ctl;                 ///< what runs the scenario's commands: "bindhssctl --config FILE"
};

struct SingleAttachOptions {
    ConnectionOptions connection;
    std::string imsi;
    std::string k;
    std::string opc;
    std::string op;
    std::string imei;
    std::string svn = "01";
    std::vector<std::string> kmes;  ///< "HEX" or "GENERATION:HEX"
    bool legacy = false;
    std::string report_imei = "14";
    std::uint64_t seq = 0;
    std::string expect = "attached";
};

struct LoadOptions {
    ConnectionOptions connection;
    FleetSettings fleet;
    std::string bound = "every:2";
    std::size_t peers = 4;
    std::size_t window = 32;
    std::size_t rate = 0;
    std::size_t threads = 1;
    std::string duration = "10s";
    bool attach = false;
    bool sequential = false;
    std::string verify = "every:1";
    std::string state;
    bool tolerate_errors = false;
    bool authenticate_all = false;
    std::string provision;  ///< file with the private keys of the fleet: exchanges of keys instead
    std::string device_takes = "0ms";
};

struct FleetOptions {
    FleetSettings fleet;
    std::string bound = "every:2";
    std::string out_dir;
    std::string device_keys;    ///< kind: the bound ones are to be provisioned over the network
    std::size_t key_pool = 16;  ///< different keys among them
};

struct DeviceKeyOptions {
    std::string imei;
    std::string generate;     ///< kind
    std::string private_key;  ///< file: read, or with `generate` written
    bool header = false;
};

/// The device's side of an exchange whose container comes by other ways than NAS.
struct DeviceAnswerOptions {
    std::string imsi;
    std::string imei;
    std::string private_key;
    std::string container = "-";  ///< file, - for standard input: octets, or hexadecimal
    std::string out = "-";
    bool hex = false;  ///< the answer in hexadecimal
    std::string kme_out;
};

/// A device that fetches its key by HTTPS.
struct DeviceExchangeOptions {
    std::string url;  ///< of the listener, without the path of the API
    std::string imsi;
    std::string imei;
    std::string private_key;
    std::string ca;          ///< empty: those that this machine trusts
    std::string token_file;  ///< empty: none
    std::string conduct = "right";
    std::string kme_out;
};

struct HoldOptions {
    ConnectionOptions connection;
    FleetSettings fleet;  ///< the range of IMSIs alone
    std::string name = "node";
    std::size_t nodes = 1;
    std::size_t window = 64;
    bool sgsn = false;
    bool expect_idr = false;
    std::vector<std::string> expect_data;
    std::uint64_t repeats_max = 0;
    std::string settle = "2s";
    std::string duration = "10m";
    std::string status;
};

// Values of the command line; they throw UsageError.
[[nodiscard]] std::chrono::milliseconds parse_duration(const std::string& option, const std::string& text);
/// "every:N"; `none` is 0 where that is allowed.
[[nodiscard]] std::uint64_t parse_every(const std::string& option, const std::string& text,
                                        bool none_allowed);
/// With --bound, and checked.
[[nodiscard]] FleetSettings fleet_settings(FleetSettings settings, const std::string& bound);
[[nodiscard]] Plmn parse_plmn(const std::string& text);
[[nodiscard]] S6aSettings s6a_settings(const ConnectionOptions& options, const std::string& connect,
                                       const ServingNode& identity);
/// The one of the process.
[[nodiscard]] std::unique_ptr<const diameter_dict::Dictionary> dictionary(const ConnectionOptions& options);
[[nodiscard]] log::Settings log_settings(const ConnectionOptions& options);

// The commands. They print to standard output, and throw UsageError.
[[nodiscard]] ExitCode run_command(const RunOptions& options);
[[nodiscard]] ExitCode attach_command(const SingleAttachOptions& options);
[[nodiscard]] ExitCode load_command(const LoadOptions& options);
[[nodiscard]] ExitCode hold_command(const HoldOptions& options);
[[nodiscard]] ExitCode provision_command(const LoadOptions& options);
[[nodiscard]] ExitCode fleet_command(const FleetOptions& options);
[[nodiscard]] ExitCode device_key_command(const DeviceKeyOptions& options);
[[nodiscard]] ExitCode device_answer_command(const DeviceAnswerOptions& options);
[[nodiscard]] ExitCode device_exchange_command(const DeviceExchangeOptions& options);

}  // namespace bindhss::emu
