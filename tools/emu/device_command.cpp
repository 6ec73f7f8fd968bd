// SPDX-License-Identifier: Apache-2.0
// bindhss-emu device-key and device-answer: a device on the command line.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "emu/device_key_file.h"
#include "emu/options.h"

namespace bindhss::emu {
namespace {

Imei parse_imei(const std::string& text) {
    const auto imei = Imei::parse(text);
    if (!imei) throw UsageError("--imei is no IMEI of 14, 15 or 16 digits");
    return *imei;
}

crypto::DevicePrivateKey private_key(const std::string& path) {
    auto key = read_device_key(path);
    if (const auto* complaint = std::get_if<std::string>(&key)) throw UsageError(*complaint);
    return std::get<crypto::DevicePrivateKey>(key);
}

/// Octets as they are, or in hexadecimal: no container begins with a digit.
OctetString read_container(const std::string& path) {
    std::ifstream file;
    if (path != "-") file.open(path, std::ios::binary);
    auto& input = path == "-" ? std::cin : static_cast<std::istream&>(file);
    if (!input) throw UsageError("--container cannot be read");
    std::string text((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
    const auto end = text.find_last_not_of(" \r\n\t");
    const auto hex = from_hex(std::string_view(text).substr(0, end == std::string::npos ? 0 : end + 1));
    if (hex && !hex->empty()) return *hex;
    return {text.begin(), text.end()};
}

void write_answer(const DeviceAnswerOptions& options, const OctetString& answer) {
    std::ofstream file;
    if (options.out != "-") file.open(options.out, std::ios::binary | std::ios::trunc);
    auto& out = options.out == "-" ? std::cout : static_cast<std::ostream&>(file);
    if (options.hex) {
        out << to_hex(answer) << '\n';
    } else {
        out.write(reinterpret_cast<const char*>(answer.data()), static_cast<std::streamsize>(answer.size()));
    }
    out.flush();
    if (!out) throw UsageError("--out cannot be written");
}

}  // namespace

ExitCode device_key_command(const DeviceKeyOptions& options) {
    const auto imei = parse_imei(options.imei);
    if (!options.generate.empty()) {
        const auto kind = parse_device_key_kind(options.generate);
        if (!kind) throw UsageError("--generate is one of " + device_key_kinds());
        if (std::filesystem::exists(options.private_key)) {
            throw UsageError(options.private_key + " is there already");
        }
        write_device_keys(options.private_key, {DeviceKeyPair(generate_device_key(*kind))});
    }
    if (options.header) std::cout << device_key_header << '\n';
    write_device_key_line(std::cout, imei, private_key(options.private_key).public_key());
    return ExitCode::as_expected;
}

ExitCode device_answer_command(const DeviceAnswerOptions& options) {
    const auto imsi = Imsi::parse(options.imsi);
    if (!imsi) throw UsageError("--imsi is no IMSI of 6 to 15 digits");
    Me me(parse_imei(options.imei));
    SecureElement element(private_key(options.private_key));
    const auto answer = element.answer(read_container(options.container), *imsi, std::nullopt, me);
    if (!answer) throw UsageError("--container is no KME-PROVISION");
    const bool stored = element.last_status() == binding::DeviceStatus::ok;
    if (stored && !options.kme_out.empty()) {
        write_kme(options.kme_out, *element.generation(), me.kme(*element.generation()));
    }
    write_answer(options, *answer);
    if (!stored) std::cerr << "bindhss-emu: refused: " << binding::name_of(*element.last_status()) << '\n';
    return stored ? ExitCode::as_expected : ExitCode::not_as_expected;
}

}  // namespace bindhss::emu
