// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_input.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "crypto/hash.h"
#include "records/import_stream.h"
#include "store/names.h"

namespace bindhss::ctl {

namespace {

constexpr std::size_t block_octets = 256 * 1024;

std::string shown_name(const std::string& path) {
    if (path == "-") return "(standard input)";
    return store::may_hold_key(path) ? shown(path) : path;
}

/// A block of a file that may hold keys.
struct Block {
    std::string octets = std::string(block_octets, '\0');
    Block() = default;
    ~Block() { explicit_bzero(octets.data(), octets.size()); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
};

/// Feeds pieces to a stream, and what comes of them to whoever wants it; false: it is enough.
bool pass(RecordStream& stream, std::string_view piece, const ImportInput::Visit& visit,
          PieceDigest* digest) {
    if (digest != nullptr) digest->add(piece);
    stream.feed(piece);
    auto reading = stream.take();
    return visit(reading);
}
void pass_end(RecordStream& stream, const ImportInput::Visit& visit) {
    stream.finish();
    auto reading = stream.take();
    visit(reading);
}

class FileInput final : public ImportInput {
  public:
    explicit FileInput(std::string path) : ImportInput(shown_name(path)), path_(std::move(path)) {}

    void read(const Visit& visit, PieceDigest* digest) override {
        errno = 0;
        std::ifstream in(path_, std::ios::binary);
        if (!in) throw Refused("cannot be read: " + std::string(std::strerror(errno)));
        const auto stream = import_stream();
        Block block;
        while (in.read(block.octets.data(), block_octets), in.gcount() > 0) {
            const auto size = static_cast<std::size_t>(in.gcount());
            if (!pass(*stream, std::string_view(block.octets).substr(0, size), visit, digest)) return;
        }
        if (in.bad()) throw Refused("cannot be read to its end");
        pass_end(*stream, visit);
    }

  private:
    std::string path_;
};

class TextInput final : public ImportInput {
  public:
    TextInput(const std::string& path, std::string text)
        : ImportInput(shown_name(path)), text_(std::move(text)) {}
    ~TextInput() override { explicit_bzero(text_.data(), text_.size()); }

    void read(const Visit& visit, PieceDigest* digest) override {
        const auto stream = import_stream();
        for (std::size_t at = 0; at < text_.size(); at += block_octets)
            if (!pass(*stream, std::string_view(text_).substr(at, block_octets), visit, digest)) return;
        pass_end(*stream, visit);
    }

  private:
    std::string text_;
};

class ForeignInput final : public ImportInput {
  public:
    ForeignInput(const std::string& path, std::string text, Reader read)
        : ImportInput(shown_name(path)), text_(std::move(text)), read_(std::move(read)) {}
    ~ForeignInput() override { explicit_bzero(text_.data(), text_.size()); }

    void read(const Visit& visit, PieceDigest* digest) override {
        if (digest != nullptr) digest->add(text_);
        auto reading = read_(text_);
        visit(reading);
    }

  private:
    std::string text_;
    Reader read_;
};

/// What cannot be read now is told when it is to be read.
class UnreadableInput final : public ImportInput {
  public:
    UnreadableInput(const std::string& path, std::string why)
        : ImportInput(shown_name(path)), why_(std::move(why)) {}
    void read(const Visit&, PieceDigest*) override { throw Refused(why_); }

  private:
    std::string why_;
};

bool is_regular(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

void PieceDigest::add(std::string_view piece) {
    std::array<std::uint8_t, 64> both{};
    const auto of_piece = crypto::sha256(as_octets(piece));
    std::copy(value_.begin(), value_.end(), both.begin());
    std::copy(of_piece.begin(), of_piece.end(), both.begin() + 32);
    value_ = crypto::sha256(both);
}

std::unique_ptr<ImportInput> own_input(const std::string& path, Streams& io) {
    if (path != "-" && is_regular(path)) return std::make_unique<FileInput>(path);
    try {
        return std::make_unique<TextInput>(path, read_whole(path, io));
    } catch (const Refused& error) {
        return std::make_unique<UnreadableInput>(path, error.what());
    }
}

std::unique_ptr<ImportInput> foreign_input(const std::string& path, Streams& io, const Reader& read) {
    try {
        return std::make_unique<ForeignInput>(path, read_whole(path, io), read);
    } catch (const Refused& error) {
        return std::make_unique<UnreadableInput>(path, error.what());
    }
}

}  // namespace bindhss::ctl
