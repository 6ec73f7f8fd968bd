// SPDX-License-Identifier: Apache-2.0
// The files of an import, each of which may be read more than once.
#pragma once

#include <functional>
#include <memory>

#include "ctl/commands.h"

namespace bindhss::ctl {

/// A hash of octets that come in pieces; the same pieces give the same hash.
class PieceDigest {
  public:
    void add(std::string_view piece);
    [[nodiscard]] const Octets<32>& value() const { return value_; }

  private:
    Octets<32> value_{};
};

class ImportInput {
  public:
    virtual ~ImportInput() = default;
    /// Takes what was read; false: that is enough.
    using Visit = std::function<bool(Reading&)>;
    /// Reads all of it from the start, piece after piece. Throws Refused: it cannot be read.
    virtual void read(const Visit& visit, PieceDigest* digest) = 0;
    /// As messages call it.
    [[nodiscard]] const std::string& name() const { return name_; }

  protected:
    explicit ImportInput(std::string name) : name_(std::move(name)) {}

  private:
    std::string name_;
};

/// CSV or JSON of our own: a regular file is read in pieces, however large it is; what is none ("-" is
/// standard input) is held in memory and may not be larger than limits::import_file_octets_max.
[[nodiscard]] std::unique_ptr<ImportInput> own_input(const std::string& path, Streams& io);
/// A file that has to be read as a whole; the same limit.
[[nodiscard]] std::unique_ptr<ImportInput> foreign_input(const std::string& path, Streams& io,
                                                         const Reader& read);

}  // namespace bindhss::ctl
