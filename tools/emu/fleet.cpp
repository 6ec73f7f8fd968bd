// SPDX-License-Identifier: Apache-2.0
#include "emu/fleet.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>

#include "crypto/hmac.h"
#include "emu/device_key_file.h"
#include "types/limits.h"

namespace bindhss::emu {
namespace {

Octets<16> seed_key(const std::string& seed) {
    const auto code = crypto::hmac_sha256(as_octets(seed), as_octets("bindhss-emu fleet v1"));
    Octets<16> key;
    std::copy_n(code.octets().begin(), key.size(), key.begin());
    return key;
}

/// Keys in the files: only their owner reads them.
void write_file(const std::filesystem::path& path, const std::string& header,
                const std::function<void(std::ostream&)>& rows) {
    std::ofstream out(path, std::ios::trunc);
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    out << header << '\n';
    rows(out);
    out.close();
    if (!out) throw std::runtime_error(path.string() + " cannot be written");
}

}  // namespace

Fleet::Fleet(FleetSettings settings) : settings_(std::move(settings)), aes_(seed_key(settings_.key_seed)) {
    if (!Imsi::parse(settings_.imsi_first))
        throw std::invalid_argument("--imsi-first is no IMSI of 6 to 15 digits");
    if (settings_.count == 0 || settings_.count > limits::emu_fleet_max) {
        throw std::invalid_argument("--imsi-count has to be 1 to " + std::to_string(limits::emu_fleet_max));
    }
    first_ = std::stoull(settings_.imsi_first);
    const auto last = std::to_string(first_ + settings_.count - 1);
    if (last.size() > settings_.imsi_first.size())
        throw std::invalid_argument("the IMSIs outgrow their digits");
    if (!Imei::from_number(settings_.imei_first) ||
        !Imei::from_number(settings_.imei_first + settings_.count - 1)) {
        throw std::invalid_argument("the IMEIs outgrow 14 digits");
    }
}

Imsi Fleet::imsi(std::uint64_t index) const {
    std::array<char, Imsi::digits_max> digits;
    const auto size = settings_.imsi_first.size();
    auto rest = first_ + index;
    for (auto place = size; place-- > 0; rest /= 10) digits[place] = static_cast<char>('0' + rest % 10);
    return *Imsi::parse({digits.data(), size});
}

FleetMember Fleet::member(std::uint64_t index) {
    const auto number = first_ + index;
    FleetMember member{imsi(index),
                       SubscriberKey(derived(number, 1)),
                       Opc(derived(number, 2)),
                       bound(index),
                       *Imei::from_number(settings_.imei_first + index),
                       {}};
    if (member.bound) member.kme = Secret<16>(derived(number, 3));
    return member;
}

crypto::Block Fleet::derived(std::uint64_t number, std::uint8_t purpose) {
    crypto::Block block{};
    for (unsigned i = 0; i < 8; ++i) block[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    block[15] = purpose;
    return aes_.encrypt(block);
}

void write_fleet(Fleet& fleet, const std::string& folder, const std::vector<DeviceKeyPair>& keys) {
    const std::filesystem::path path(folder);
    std::filesystem::create_directories(path);
    const auto count = fleet.settings().count;
    const auto each_bound = [&](const std::function<void(const FleetMember&)>& row) {
        for (std::uint64_t i = 0; i < count; ++i) {
            if (fleet.bound(i)) row(fleet.member(i));
        }
    };
    write_file(path / "subscribers.csv", "imsi,k,opc", [&](std::ostream& out) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto member = fleet.member(i);
            out << member.imsi.digits() << ',' << to_hex(member.k.view()) << ',' << to_hex(member.opc.view())
                << '\n';
        }
    });
    write_file(path / "devices.csv", "imei,group,comment", [&](std::ostream& out) {
        each_bound([&out](const FleetMember& member) { out << member.imei.str() << ",,\n"; });
    });
    if (keys.empty()) {
        write_file(path / "kmes.csv", "imei,group,kme", [&](std::ostream& out) {
            each_bound([&out](const FleetMember& member) {
                out << member.imei.str() << ",," << to_hex(member.kme.view()) << '\n';
            });
        });
    } else {
        std::filesystem::remove(path / "kmes.csv");
        write_device_keys((path / "device_keys.pem").string(), keys);
        write_file(path / "device_keys.csv", device_key_header, [&](std::ostream& out) {
            for (std::uint64_t i = 0; i < count; ++i) {
                if (!fleet.bound(i)) continue;
                const auto& key = keys[Fleet::key_of(i, keys.size())].public_half;
                write_device_key_line(out, fleet.member(i).imei, key);
            }
        });
    }
    write_file(path / "bindings.csv", "imsi,policy,devices,group", [&](std::ostream& out) {
        each_bound([&out](const FleetMember& member) {
            out << member.imsi.digits() << ",kme," << member.imei.str() << ",\n";
        });
    });
}

}  // namespace bindhss::emu
