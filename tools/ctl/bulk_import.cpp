// SPDX-License-Identifier: Apache-2.0
#include "ctl/bulk_import.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "ctl/chunk_sender.h"
#include "ctl/progress_bar.h"
#include "records/changes.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

/// Cuts what the files hold into chunks, a phase after the other, always the same ones.
class Cutter {
  public:
    /// Takes a chunk; false: no more of them.
    using Take = std::function<bool(Chunk)>;
    Cutter(const BulkImport& import, std::uint64_t skip, Take take)
        : import_(import), skip_(skip), take_(std::move(take)) {}

    /// false: somebody has had enough.
    bool cut(Phase phase) {
        for (std::size_t file = 0; going_ && file < import_.inputs.size(); ++file) {
            const auto surveyed = import_.survey.items_of[file][static_cast<std::size_t>(phase)];
            if (surveyed == 0) continue;
            std::uint64_t seen = 0;
            import_.inputs[file]->read(
                [&](Reading& piece) {
                    // What was wrong when all was read first kept the import from its start.
                    if (!piece.errors.empty()) has_changed(file);
                    for (const auto& item : piece.items) {
                        if (!going_ || phase_of(item) != phase) continue;
                        if (++seen > surveyed) has_changed(file);
                        add(file, item);
                    }
                    return going_;
                },
                nullptr);
            if (going_ && seen != surveyed) has_changed(file);
        }
        if (going_ && !chunk_.places.empty()) hand_over();
        return going_;
    }
    /// Records that were passed over.
    [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

  private:
    [[noreturn]] void has_changed(std::size_t file) const {
        throw Refused(import_.inputs[file]->name() + " has changed while it was imported" +
                      (import_.context.dry_run
                           ? "; this was a dry run: nothing was stored"
                           : ": a part is stored; the same command imports what it holds now"));
    }
    void add(std::size_t file, const store::Item& item) {
        chunk_.places.push_back({static_cast<std::uint32_t>(file), item.line});
        // Lines of a chunk that is passed over count too: where it ends depends on them.
        auto line = records::line_of(item);
        octets_ += line.size() + 1;
        if (number_ >= skip_) chunk_.body.append(line) += '\n';
        explicit_bzero(line.data(), line.size());
        if (chunk_.places.size() == limits::ctl_import_chunk_records ||
            octets_ > limits::ctl_import_chunk_octets_max)
            hand_over();
    }
    void hand_over() {
        chunk_.number = number_;
        octets_ = 0;
        if (number_++ < skip_) {
            skipped_ += chunk_.places.size();
        } else {
            going_ = take_(std::move(chunk_));
        }
        chunk_ = Chunk();
        chunk_.places.reserve(limits::ctl_import_chunk_records);
    }

    const BulkImport& import_;
    const std::uint64_t skip_;
    Take take_;
    Chunk chunk_;
    std::size_t octets_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t skipped_ = 0;
    bool going_ = true;
};

std::string amount(const BulkImport& import, std::uint64_t records) {
    return fmt::format("{} of {} records", records, import.survey.items);
}

/// Throws what became of the import.
[[noreturn]] void tell(const BulkImport& import, const ChunkFailure& failure, std::uint64_t stored,
                       bool dry_run) {
    auto& err = import.context.io.err;
    for (std::size_t i = 0; i < std::min(failure.errors.size(), limits::import_errors_shown_max); ++i) {
        const auto& error = failure.errors[i];
        if (error.line >= 1 && error.line <= failure.places.size()) {
            const auto& place = failure.places[error.line - 1];
            err << fmt::format("{}:{}: {}\n", import.inputs[place.file]->name(), place.line, error.text);
        } else {
            err << error.text << '\n';
        }
    }
    if (dry_run) {
        const auto text = failure.text + "; this was a dry run: nothing was stored";
        if (failure.unavailable) throw store::Unavailable(text);
        throw Refused(text);
    }
    if (failure.unavailable) {
        throw store::Unavailable(fmt::format("{}; {} are imported: the same command goes on from there",
                                             failure.text, amount(import, stored)));
    }
    throw Refused(fmt::format(
        "the import has stopped: {}; {} are imported. When what is wrong is mended, the same "
        "command goes on",
        failure.errors.empty() ? failure.text
                               : fmt::format("{} error{} in a chunk of {}", failure.errors.size(),
                                             failure.errors.size() == 1 ? "" : "s", failure.places.size()),
        amount(import, stored)));
}

/// The interrupted import went to this very database if that remembers its last chunk.
bool is_remembered(const BulkImport& import, const ImportState& state) {
    bool remembered = false;
    Cutter cutter(import, state.done() - 1, [&](const Chunk& last) {
        try {
            remembered = ChunkSender::send(*import.context.api, last, state.run(), false);
        } catch (const ApiProblem& problem) {
            // An older database, restored or new, may refuse what the one before took.
            if (problem.name() != "refused" && problem.name() != "idempotency-key-reused") throw;
        }
        return false;
    });
    for (std::size_t phase = 0; phase < phases && cutter.cut(static_cast<Phase>(phase)); ++phase) continue;
    return remembered;
}

}  // namespace

void import_in_chunks(const BulkImport& import, ImportState& state) {
    if (state.done() > 0 && !is_remembered(import, state)) {
        import.context.io.err << "bindhssctl: the API knows nothing of the import that was interrupted: it "
                                 "begins anew\n";
        crypto::SystemRandom random;
        state.begin_anew(random);
    }
    const auto begun_at = state.done();
    ProgressBar bar(import.context.io, "imported", "records", import.survey.items);
    std::uint64_t skipped = 0;
    std::uint64_t sent = 0;
    ChunkSender::Settings settings;
    settings.run = state.run();
    settings.done = begun_at;
    // Two records of one thing in chunks that are under way at once could be stored the wrong way round, and
    // a removal before what still has need of the thing. One after the other also leaves nothing behind the
    // last acknowledged chunk but the next one.
    if (import.survey.is_ordered()) settings.requests = 1;
    settings.acknowledged = [&](std::uint64_t done) { state.advance(done); };
    settings.progress = [&](std::uint64_t records, bool waiting) {
        sent = records;
        bar.show(skipped + records, waiting ? "waiting for the API" : "");
    };
    ChunkSender sender(*import.context.api, settings);
    Cutter cutter(import, begun_at, [&](Chunk chunk) {
        if (skipped == 0) bar.begin_at(skipped = cutter.skipped());
        return sender.give(std::move(chunk));
    });
    if (begun_at > 0) import.context.io.err << "bindhssctl: going on with the import that was interrupted\n";
    bool going = true;
    for (std::size_t phase = 0; going && phase < phases; ++phase)
        going = cutter.cut(static_cast<Phase>(phase)) && sender.drain();
    sender.drain();
    bar.clear();
    if (sender.failure()) tell(import, *sender.failure(), skipped + sent, false);
    state.remove();
}

void check_in_chunks(const BulkImport& import) {
    ProgressBar bar(import.context.io, "checked", "records", import.survey.items);
    ChunkSender::Settings settings;
    settings.dry_run = true;
    settings.progress = [&](std::uint64_t records, bool waiting) {
        bar.show(records, waiting ? "waiting for the API" : "");
    };
    ChunkSender sender(*import.context.api, settings);
    Cutter cutter(import, 0, [&](Chunk chunk) { return sender.give(std::move(chunk)); });
    bool going = true;
    for (std::size_t phase = 0; going && phase < phases; ++phase) {
        bool founded = false;
        for (std::size_t earlier = 0; earlier < phase; ++earlier) {
            founded = founded || (import.survey.items_in(static_cast<Phase>(earlier)) > 0 &&
                                  builds_upon(static_cast<Phase>(phase), static_cast<Phase>(earlier)));
        }
        if (!founded) going = cutter.cut(static_cast<Phase>(phase)) && sender.drain();
    }
    sender.drain();
    bar.clear();
    if (sender.failure()) tell(import, *sender.failure(), 0, true);
}

Octets<32> identity_of(const ImportSurvey& survey, const ApiClient& api) {
    PieceDigest digest = survey.digest;
    digest.add(api.where());
    return digest.value();
}

}  // namespace bindhss::ctl
