// SPDX-License-Identifier: Apache-2.0
#include "records/import_stream.h"

#include <cstring>

#include "records/readers.h"

namespace bindhss::records {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Becomes one of the two as soon as the first character tells which.
class EitherStream final : public RecordStream {
  public:
    void feed(std::string_view octets) override {
        if (chosen_) return chosen_->feed(octets);
        begin_ += octets;
        std::string_view text = begin_;
        if (text.size() < byte_order_mark.size() && byte_order_mark.starts_with(text)) return;
        if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
        const auto first = text.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) return;
        chosen_ = text[first] == '{' || text[first] == '[' ? json_stream() : csv_stream();
        chosen_->feed(text);
        explicit_bzero(begin_.data(), begin_.size());
        begin_.clear();
    }
    void finish() override {
        if (!chosen_) chosen_ = csv_stream();
        chosen_->feed(begin_);
        chosen_->finish();
    }
    Reading take() override { return chosen_ ? chosen_->take() : Reading(); }

  private:
    std::string begin_;
    std::unique_ptr<RecordStream> chosen_;
};

Reading whole(RecordStream& stream, std::string_view text) {
    stream.feed(text);
    stream.finish();
    return stream.take();
}

}  // namespace

std::unique_ptr<RecordStream> import_stream() {
    return std::make_unique<EitherStream>();
}

Reading read_csv(std::string_view text) {
    return whole(*csv_stream(), text);
}
Reading read_json(std::string_view text) {
    return whole(*json_stream(), text);
}
Reading read_import(std::string_view text) {
    return whole(*import_stream(), text);
}

}  // namespace bindhss::records
