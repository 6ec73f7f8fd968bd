// SPDX-License-Identifier: Apache-2.0
// How far a large import has come, in a file of the user, so that it goes on where it was interrupted.
#pragma once

#include <cstdint>
#include <string>

#include "types/octets.h"
#include "types/seams.h"

namespace bindhss::ctl {

/// The file is there from the first chunk that was acknowledged to the last. What stands in it is no secret.
class ImportState {
  public:
    /// `import` tells this import (its contents and where they go) from others. Reads the file of one that
    /// was interrupted, unless `restart`; with nowhere to keep files it is kept nowhere (trouble()), which
    /// is found out here, before anything was imported.
    ImportState(const Octets<32>& import, bool restart, Random& random);

    /// Of each chunk's idempotency key: an import that begins anew has another one.
    [[nodiscard]] const std::string& run() const { return run_; }
    /// Chunks that were acknowledged, the first ones.
    [[nodiscard]] std::uint64_t done() const { return done_; }
    /// Why it is kept nowhere, "FOLDER cannot be written: ..."; empty: it is kept.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    /// Kept at once, so that it is there after a kill -9.
    void advance(std::uint64_t done);
    /// From the start, under another name.
    void begin_anew(Random& random);
    /// All is done.
    void remove();

  private:
    bool load();
    bool keep();
    std::string path_;
    std::string trouble_;
    std::string run_;
    std::uint64_t done_ = 0;
};

/// $XDG_STATE_HOME/bindhss, or ~/.local/state/bindhss; empty: there is neither.
[[nodiscard]] std::string state_folder();

}  // namespace bindhss::ctl
