// SPDX-License-Identifier: Apache-2.0
// bindhss-emu: an MME with a UE behind it, to see an HSS work and to put load on it.
#include <CLI/CLI.hpp>
#include <iostream>

#include "emu/options.h"
#include "emu/scenario.h"
#include "emu/secure_element.h"

namespace {

using namespace bindhss::emu;

void add_connection(CLI::App& command, ConnectionOptions& options) {
    command.add_option("--connect", options.connect,
                       "host:port of the HSS or of a relay; several are used in turn");
    command.add_option("--realm", options.realm, "Origin-Realm of the MME")->capture_default_str();
    command.add_option("--plmn", options.plmn, "Visited-PLMN-Id: MCC and MNC")->capture_default_str();
    command.add_option("--destination-realm", options.destination_realm, "default: the realm of the MME");
    command.add_option("--destination-host", options.destination_host, "default: not sent");
    command
        .add_option("--peer-identity", options.peer_identity, "who has to answer; '*': anybody of the realm")
        ->capture_default_str();
    command.add_option("--peer-realm", options.peer_realm, "default: the destination realm");
    command.add_option("--connect-timeout", options.connect_timeout)->capture_default_str();
    command.add_option("--kme-vendor-id", options.kme_vendor, "Vendor-Id of the KME AVPs")
        ->capture_default_str();
    command.add_option("--log-level", options.log_level, "debug, info, warning, error (on standard error)")
        ->capture_default_str();
}

void add_fleet(CLI::App& command, FleetSettings& fleet, std::string& bound) {
    command.add_option("--imsi-first", fleet.imsi_first)->capture_default_str();
    command.add_option("--imsi-count", fleet.count)->capture_default_str();
    command.add_option("--imei-first", fleet.imei_first, "IMEI (14 digits) of the first subscriber's device")
        ->capture_default_str();
    command.add_option("--key-seed", fleet.key_seed, "all test keys follow from it and the IMSI")->required();
    command.add_option("--bound", bound, "which subscribers are bound by KME: every:N or none")
        ->capture_default_str();
}

void add_run(CLI::App& app, RunOptions& options) {
    auto& command = *app.add_subcommand("run", "play a scenario and compare with what it expects");
    command.add_option("SCENARIO", options.file, "YAML file")->required();
    command.add_flag("--quiet", options.quiet, "print the table alone");
    command.add_option("--ctl", options.ctl,
                       "what runs the scenario's 'ctl' steps, such as 'bindhssctl --config FILE'");
    command.add_option("--export-device-keys", options.export_device_keys,
                       "file for the public keys of the scenario's devices, before anything is played");
    command.add_option("--colour", options.colour, "auto: when standard output is a terminal")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    add_connection(command, options.connection);
}

void add_attach(CLI::App& app, SingleAttachOptions& options) {
    auto& command = *app.add_subcommand("attach", "let one UE attach");
    command.add_option("--imsi", options.imsi)->required();
    command.add_option("--k", options.k, "32 hexadecimal digits")->required();
    command.add_option("--opc", options.opc, "32 hexadecimal digits");
    command.add_option("--op", options.op, "in place of --opc");
    command.add_option("--imei", options.imei, "14, 15 or 16 digits")->required();
    command.add_option("--svn", options.svn)->capture_default_str();
    command.add_option("--kme", options.kmes, "key of the device: HEX, or GENERATION:HEX");
    command.add_flag("--legacy", options.legacy, "a device that knows nothing of KMEs");
    command.add_option("--report-imei", options.report_imei, "digits of the IMEI in ULR: none, 14, 15, 16")
        ->capture_default_str();
    command.add_option("--seq", options.seq, "SEQ that the card has seen last")->capture_default_str();
    command.add_option("--expect", options.expect, "attached, mac_failure, 'rejected 5003', ...")
        ->capture_default_str();
    command.add_option("--identity", options.connection.identity,
                       "Origin-Host of the MME; default: mme.<realm>");
    add_connection(command, options.connection);
}

void add_load(CLI::App& app, LoadOptions& options) {
    auto& command = *app.add_subcommand("load", "many AIRs on several connections, every vector checked");
    add_connection(command, options.connection);
    add_fleet(command, options.fleet, options.bound);
    command.add_option("--peers", options.peers, "connections, each an MME of its own")
        ->capture_default_str();
    command.add_option("--window", options.window, "requests outstanding on each")->capture_default_str();
    command.add_option(
        "--rate", options.rate,
        "AIRs a second on each, whose times count from when they were due (default: as many as the "
        "window lets through)");
    command.add_option("--threads", options.threads)->capture_default_str();
    command.add_option("--duration", options.duration)->capture_default_str();
    command.add_flag("--attach", options.attach, "each AIR is followed by a ULR");
    command.add_flag("--sequential", options.sequential, "IMSIs in their order instead of at random");
    command.add_option("--verify", options.verify, "every:N checks every n-th vector, none no vector")
        ->capture_default_str();
    command.add_option("--state", options.state, "file that keeps every SQN seen from run to run");
    command.add_flag("--tolerate-errors", options.tolerate_errors,
                     "reconnect and go on when the HSS is away");
    command.add_flag("--authenticate-all", options.authenticate_all,
                     "instead of load: each USIM authenticates once, with one re-synchronisation at most");
    command.add_option("--provision", options.provision,
                       "device_keys.pem of the fleet: instead of load, each bound device is given its key");
    command
        .add_option("--device-takes", options.device_takes,
                    "with --provision: how long devices take for their answers, on average")
        ->capture_default_str();
}

void add_hold(CLI::App& app, HoldOptions& options) {
    auto& command =
        *app.add_subcommand("hold", "register many subscribers, stay, and count what the HSS tells of each");
    add_connection(command, options.connection);
    command.add_option("--imsi-first", options.fleet.imsi_first)->capture_default_str();
    command.add_option("--imsi-count", options.fleet.count)->required();
    command.add_option("--name", options.name, "of the nodes: NAME1.<realm>, NAME2.<realm> ...")
        ->capture_default_str();
    command
        .add_option("--nodes", options.nodes, "connections, each a node with its share of the subscribers")
        ->capture_default_str();
    command.add_option("--window", options.window, "ULRs outstanding on each")->capture_default_str();
    command.add_flag("--sgsn", options.sgsn, "SGSNs instead of MMEs");
    command.add_flag("--expect-idr", options.expect_idr,
                     "end when each subscriber has been told of; succeed when each was so once");
    command.add_option("--expect-data", options.expect_data,
                       "FIELD=VALUE that the last IDR of each has to have, such as ambr.uplink=1000000");
    command
        .add_option("--repeats-max", options.repeats_max, "subscribers that may be told of more than once")
        ->capture_default_str();
    command.add_option("--settle", options.settle, "how long to wait for IDRs too many")
        ->capture_default_str();
    command.add_option("--duration", options.duration, "the longest it stays")->capture_default_str();
    command.add_option("--status", options.status, "file that has the counts, several times a second");
}

void add_fleet_command(CLI::App& app, FleetOptions& options) {
    auto& command =
        *app.add_subcommand("fleet", "write the CSV files with which the load's subscribers are imported");
    add_fleet(command, options.fleet, options.bound);
    command.add_option("--out-dir", options.out_dir)->required();
    command.add_option("--device-keys", options.device_keys,
                       "the bound ones have key pairs of this kind in place of KMEs: x25519, p256, rsa2048, "
                       "rsa3072, rsa4096");
    command.add_option("--key-pool", options.key_pool, "how many different key pairs")->capture_default_str();
}

void add_device_key(CLI::App& app, DeviceKeyOptions& options) {
    auto& command = *app.add_subcommand(
        "device-key", "print a device's public key as a line for 'bindhssctl device-key import'");
    command.add_option("--imei", options.imei, "14, 15 or 16 digits")->required();
    command.add_option("--private-key", options.private_key, "PEM file")->required();
    command.add_option("--generate", options.generate,
                       "make the key first: x25519, p256, rsa2048, rsa3072, rsa4096");
    command.add_flag("--header", options.header, "the header before the line");
}

void add_device_answer(CLI::App& app, DeviceAnswerOptions& options) {
    auto& command =
        *app.add_subcommand("device-answer", "answer a container as the device does, whatever way it came");
    command.add_option("--imsi", options.imsi, "of the card in the device")->required();
    command.add_option("--imei", options.imei, "14, 15 or 16 digits")->required();
    command.add_option("--private-key", options.private_key, "PEM file")->required();
    command.add_option("--container", options.container, "file, or - for standard input")
        ->capture_default_str();
    command.add_option("--out", options.out, "file, or - for standard output")->capture_default_str();
    command.add_flag("--hex", options.hex, "the answer in hexadecimal");
    command.add_option("--kme-out", options.kme_out, "file for the key, as 'attach --kme' takes it");
}

void add_device_exchange(CLI::App& app, DeviceExchangeOptions& options) {
    auto& command = *app.add_subcommand("device-exchange", "fetch a key by HTTPS, as a device does");
    command.add_option("--url", options.url, "https://host:port of provisioning.https.listen")->required();
    command.add_option("--imsi", options.imsi, "of the card in the device")->required();
    command.add_option("--imei", options.imei, "14, 15 or 16 digits")->required();
    command.add_option("--private-key,--key-file", options.private_key, "PEM file")->required();
    command.add_option("--ca", options.ca,
                       "PEM file with the CAs that may sign the server's certificate; default: those that "
                       "this machine trusts");
    command.add_option("--token-file", options.token_file, "file with the token to show");
    command.add_option("--conduct", options.conduct, "how it takes part: " + exchange_conduct_names())
        ->capture_default_str();
    command.add_option("--kme-out", options.kme_out, "file for the key, as 'attach --kme' takes it");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("An MME with a UE behind it: shows an HSS at work, and puts load on it.", "bindhss-emu");
    app.require_subcommand(1);
    app.footer("Exit codes: 0 all as expected, 1 not so, 2 wrong use or bad file, 3 cannot connect.");
    RunOptions run;
    SingleAttachOptions attach;
    LoadOptions load;
    HoldOptions hold;
    FleetOptions fleet;
    DeviceKeyOptions device_key;
    DeviceAnswerOptions device_answer;
    DeviceExchangeOptions device_exchange;
    add_run(app, run);
    add_attach(app, attach);
    add_load(app, load);
    add_hold(app, hold);
    add_fleet_command(app, fleet);
    add_device_key(app, device_key);
    add_device_answer(app, device_answer);
    add_device_exchange(app, device_exchange);
    try {
        app.parse(argc, argv);
        if (app.got_subcommand("run")) return static_cast<int>(run_command(run));
        if (app.got_subcommand("attach")) return static_cast<int>(attach_command(attach));
        if (app.got_subcommand("load")) return static_cast<int>(load_command(load));
        if (app.got_subcommand("hold")) return static_cast<int>(hold_command(hold));
        if (app.got_subcommand("device-key")) return static_cast<int>(device_key_command(device_key));
        if (app.got_subcommand("device-answer"))
            return static_cast<int>(device_answer_command(device_answer));
        if (app.got_subcommand("device-exchange"))
            return static_cast<int>(device_exchange_command(device_exchange));
        return static_cast<int>(fleet_command(fleet));
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    } catch (const std::exception& error) {
        std::cerr << "bindhss-emu: " << error.what() << '\n';
        return static_cast<int>(ExitCode::usage);
    }
}
