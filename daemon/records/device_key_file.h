// SPDX-License-Identifier: Apache-2.0
// A manufacturer's file of public keys (R20): CSV, or JSON lines (docs/operations.md). However large it is, a
// key of it is in memory at a time.
#pragma once

#include <map>
#include <set>

#include "crypto/public_key_text.h"
#include "records/bounded_lines.h"
#include "records/csv_cells.h"
#include "store/device_keys.h"

namespace bindhss::records {

/// What a line says of a key, as it says it.
struct DeviceKeyText {
    std::string imei;
    std::variant<std::string, crypto::PublicKeyOrRefusal> key;  ///< a text, or read already
    std::string origin;
    std::string valid_from;
    std::string valid_until;
    std::string secure;
};
/// The key, or what is wrong, in one sentence; of what it repeats nothing acts on a terminal.
[[nodiscard]] std::variant<store::DeviceKey, std::string> device_key_of(const DeviceKeyText& text);

/// A key of a file of its own: as crypto::read_public_key() has it, a JSON Web Key, or DER.
[[nodiscard]] crypto::PublicKeyOrRefusal read_key_file(std::string_view content);

/// Reads a file from its first line to its last. REQUIRES: the stream outlives it; one thread.
class DeviceKeyFileReader final : public store::DeviceKeySource {
  public:
    explicit DeviceKeyFileReader(std::istream& in);

    /// Throws BadFile at what makes the whole file unreadable: it is neither CSV nor JSON lines, its columns
    /// are not those of public keys, or the stream breaks off.
    std::optional<store::DeviceKeyRecord> next() override;
    /// Lines that were to hold a key.
    [[nodiscard]] std::uint64_t records() const { return records_; }

  private:
    enum class Format : std::uint8_t { unknown, csv, json_lines };

    bool begin();
    void read_header(BoundedLine line);
    std::optional<store::DeviceKeyRecord> next_csv();
    std::optional<store::DeviceKeyRecord> next_json();
    std::optional<records::CsvCells> take_cells();
    /// The rest of a PEM text that goes over several lines. false: what follows is none.
    bool continue_pem(std::string& text);
    std::variant<store::DeviceKey, std::string> read_cells(records::CsvCells& cells) const;

    BoundedLines lines_;
    Format format_ = Format::unknown;
    std::vector<std::string> columns_;
    std::uint64_t records_ = 0;
};

}  // namespace bindhss::records
