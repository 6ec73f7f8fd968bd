// SPDX-License-Identifier: Apache-2.0
// bindhssctl over the store in memory.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ctl/command_line.h"
#include "store/memory/memory_store.h"

namespace bindhss::test {

inline const std::string k = "465b5ce8b199b49faa5f0a2ee238a6bc";
inline const std::string opc = "cd63cb71954a9f4e48a5994e37a02baf";
inline const std::string kme = "000102030405060708090a0b0c0d0e0f";

/// Lends the store to a command, which thinks that it owns it.
class Lent final : public store::Provisioning {
  public:
    explicit Lent(store::Provisioning& store) : store_(store) {}
    std::vector<store::LineError> apply(const std::vector<store::Item>& items, bool dry_run) override {
        return store_.apply(items, dry_run);
    }
    std::optional<store::SubscriberRow> subscriber(const Imsi& imsi) override {
        return store_.subscriber(imsi);
    }
    std::vector<store::SubscriberRow> subscribers(std::size_t limit) override {
        return store_.subscribers(limit);
    }
    std::optional<store::ProfileRow> profile(const std::string& name) override {
        return store_.profile(name);
    }
    std::vector<store::ProfileRow> profiles(std::size_t limit) override { return store_.profiles(limit); }
    std::vector<store::DeviceRow> devices(std::size_t limit) override { return store_.devices(limit); }
    std::vector<store::EquipmentEntry> equipment(std::size_t limit) override {
        return store_.equipment(limit);
    }
    std::optional<store::EquipmentEntry> equipment_of(Imei imei,
                                                      const std::optional<std::string>& svn) override {
        return store_.equipment_of(imei, svn);
    }
    std::vector<ServingNode> order(const store::NodeOrder& order) override { return store_.order(order); }
    std::vector<store::RegistrationRow> registrations(std::size_t limit) override {
        return store_.registrations(limit);
    }
    std::vector<store::AlarmRow> alarms(std::size_t limit) override { return store_.alarms(limit); }

  private:
    store::Provisioning& store_;
};

struct Session {
    store::MemoryStore store;
    std::string out;
    std::string err;

    int run(std::vector<std::string> arguments, const std::string& input = {}) {
        std::istringstream in(input);
        std::ostringstream o;
        std::ostringstream e;
        const auto code = ctl::run(arguments, {in, o, e},
                                   [this](const ctl::Target&) { return std::make_unique<Lent>(store); });
        out = o.str();
        err = e.str();
        for (const auto& secret : {k, opc, kme}) {
            CHECK(out.find(secret.substr(4, 12)) == std::string::npos);
            CHECK(err.find(secret.substr(4, 12)) == std::string::npos);
        }
        return code;
    }
};

struct TemporaryFile {
    std::string path;
    TemporaryFile(const std::string& name, const std::string& text)
        : path(std::filesystem::temp_directory_path() / (std::to_string(::getpid()) + name)) {
        std::ofstream(path) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace bindhss::test
