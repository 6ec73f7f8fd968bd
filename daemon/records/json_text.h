// SPDX-License-Identifier: Apache-2.0
// JSON put together again from a parser's events: a document that stands within another.
#pragma once

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace bindhss::records {

/// One object, from its begin() to its end; one thread.
class JsonText {
  public:
    /// Within the object, of which the first begin() was told.
    [[nodiscard]] bool open() const { return depth_ > 0; }

    void begin(char bracket) {
        before_value();
        text_ += bracket;
        ++depth_;
        first_ = true;
    }
    /// true: the object has ended, and take() gives it.
    bool end(char bracket) {
        text_ += bracket;
        first_ = false;
        return --depth_ == 0;
    }
    void key(const std::string& name) {
        before_value();
        text_ += boost::json::serialize(boost::json::value(name)) + ":";
        first_ = true;  // no comma before its value
    }
    void value(const boost::json::value& value) {
        before_value();
        text_ += boost::json::serialize(value);
    }
    [[nodiscard]] std::string take() {
        first_ = true;
        return std::exchange(text_, {});
    }

  private:
    void before_value() {
        if (!first_) text_ += ',';
        first_ = false;
    }

    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true;
};

}  // namespace bindhss::records
