// SPDX-License-Identifier: Apache-2.0
// A file of device keys, wrapped and authenticated under a transport key (docs/kme-transfer.md). However
// large it is, a line of it is in memory at a time.
#pragma once

#include <functional>
#include <istream>
#include <ostream>

#include "crypto/hmac.h"
#include "ctl/transport_key.h"
#include "store/provisioning.h"

namespace bindhss::ctl {

/// What the whole file says of itself, when it is right.
struct KmeFileSummary {
    std::uint64_t keys = 0;
    Secret<32> mac;  ///< what tells this file from another one
};

/// Writes a file. REQUIRES: `out` and `key` outlive it; one thread.
class KmeFileWriter {
  public:
    KmeFileWriter(std::ostream& out, const TransportKey& key, crypto::KeyWrap method);
    /// REQUIRES: in ascending order, as the file has it; throws std::runtime_error when it is not.
    void add(const store::KmeRecord& record);
    /// The trailer; nothing may follow.
    void finish();
    [[nodiscard]] std::uint64_t keys() const { return keys_; }

  private:
    void line(const std::string& text);

    std::ostream& out_;
    const TransportKey& key_;
    crypto::KeyWrap method_;
    crypto::HmacSha256 mac_;
    std::uint64_t keys_ = 0;
    std::string previous_;
    std::uint32_t previous_generation_ = 0;
};

/// Reads a file from its first octet to its last. REQUIRES: `in` and `key` outlive it; one thread.
class KmeFileReader {
  public:
    KmeFileReader(std::istream& in, const TransportKey& key);

    /// The next key; nothing behind the last one, and then the file ended as it should. Throws Refused at
    /// what makes the rest unreadable: no header of this version, another transport key, a line that is too
    /// long, no trailer, a trailer that does not fit. What is wrong with single lines is in errors(), and the
    /// line is passed over. No error shows a key, wrapped or not.
    std::optional<store::KmeRecord> next();

    /// Those of the lines read, as many as an import shows.
    [[nodiscard]] const std::vector<store::LineError>& errors() const { return errors_; }
    /// How many there were, shown or not.
    [[nodiscard]] std::uint64_t error_count() const { return error_count_; }
    /// Of the file. REQUIRES: next() has returned nothing.
    [[nodiscard]] const KmeFileSummary& summary() const { return summary_; }

  private:
    bool take_line();
    void read_header();
    void read_trailer();
    std::optional<store::KmeRecord> record();
    void error(std::string text);

    std::istream& in_;
    const TransportKey& key_;
    crypto::KeyWrap method_ = crypto::KeyWrap::rfc3394;
    crypto::HmacSha256 mac_;
    std::string line_;
    std::size_t line_number_ = 0;
    std::string previous_;  ///< owner of the line before
    std::uint32_t previous_generation_ = 0;
    std::uint64_t lines_ = 0;  ///< of keys
    bool ended_ = false;
    KmeFileSummary summary_;
    std::vector<store::LineError> errors_;
    std::uint64_t error_count_ = 0;
};

/// The keys of a file that was read before and found right. Throws Refused, so that nothing is stored, when
/// it is another file by now. REQUIRES: all but `each` outlive it.
class CheckedKmes final : public store::KmeSource {
  public:
    CheckedKmes(std::istream& in, const TransportKey& key, const KmeFileSummary& checked,
                std::function<void()> each)
        : reader_(in, key), checked_(checked), each_(std::move(each)) {}
    std::optional<store::KmeRecord> next() override;

  private:
    KmeFileReader reader_;
    const KmeFileSummary& checked_;
    std::function<void()> each_;
};

}  // namespace bindhss::ctl
