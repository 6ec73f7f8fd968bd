// SPDX-License-Identifier: Apache-2.0
// A manufacturer's file of public keys, whatever it holds. Aborts when a key that was taken is not read from
// the registry as the same one, when lines are not told of in their order, or when a refusal holds what may
// act on a terminal.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "records/device_key_file.h"

using namespace bindhss;

namespace {

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

void check(const store::DeviceKey& key) {
    const auto again = crypto::DevicePublicKey::parse(key.der);
    const auto* same = std::get_if<crypto::DevicePublicKey>(&again);
    if (same == nullptr || same->fingerprint() != key.fingerprint || same->type() != key.type) std::abort();
}

void read_file(std::string text) {
    std::istringstream in(std::move(text));
    records::DeviceKeyFileReader reader(in);
    std::size_t line = 0;
    while (const auto record = reader.next()) {
        if (record->line <= line) std::abort();
        line = record->line;
        if (const auto* key = std::get_if<store::DeviceKey>(&record->key)) check(*key);
        if (const auto* refusal = std::get_if<std::string>(&record->key))
            if (refusal->empty() || !is_printable(*refusal)) std::abort();
    }
}

void read_key(std::string_view content) {
    const auto key = records::read_key_file(content);
    if (const auto* refusal = std::get_if<std::string>(&key))
        if (refusal->empty() || !is_printable(*refusal)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    try {
        read_file(text);
    } catch (const records::BadFile& refusal) {
        if (!is_printable(refusal.what())) std::abort();
    }
    read_key(text);
    return 0;
}
