// SPDX-License-Identifier: Apache-2.0
// What is wrong with a document, each sentence with the place that it is about: "apns.2.qci: 1 is ...".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/limits.h"

namespace bindhss::subscription {

/// Collects complaints while a document is read. One thread; the keys given to Scope outlive their scope.
class Complaints {
  public:
    /// `partial`: the document changes another one (RFC 7396), so it may leave out and take away (null).
    explicit Complaints(bool partial) : partial_(partial) {}

    [[nodiscard]] bool partial() const { return partial_; }
    [[nodiscard]] bool none() const { return list_.empty(); }
    [[nodiscard]] const std::vector<std::string>& list() const { return list_; }
    /// All of them, "; " between.
    [[nodiscard]] std::string str() const {
        std::string text;
        for (const auto& complaint : list_) text += (text.empty() ? "" : "; ") + complaint;
        return text;
    }

    /// Complains of the place where the reader is. Beyond limits::document_complaints_max it is not noted.
    void add(std::string_view text) {
        if (list_.size() == limits::document_complaints_max) return;
        std::string complaint;
        for (const auto key : path_) complaint.append(complaint.empty() ? "" : ".").append(shown(key));
        if (!complaint.empty()) complaint += ": ";
        list_.push_back(complaint.append(text));
    }

    /// While it lives, the reader is in a list: RFC 7396 replaces it, so what stands in it has to be
    /// complete.
    class Whole {
      public:
        explicit Whole(Complaints& complaints) : complaints_(complaints), before_(complaints.partial_) {
            complaints_.partial_ = false;
        }
        ~Whole() { complaints_.partial_ = before_; }
        Whole(const Whole&) = delete;
        Whole& operator=(const Whole&) = delete;

      private:
        Complaints& complaints_;
        bool before_;
    };

    /// While it lives, the reader is at a key of the object where it was before.
    class Scope {
      public:
        Scope(Complaints& complaints, std::string_view key) : complaints_(complaints) {
            complaints_.path_.push_back(key);
        }
        ~Scope() { complaints_.path_.pop_back(); }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        Complaints& complaints_;
    };

    /// A text of the document as a message may repeat it: cut, and without control characters.
    [[nodiscard]] static std::string shown(std::string_view text) {
        std::string result;
        for (const char c : text.substr(0, limits::document_text_shown_max))
            result += c >= ' ' && c < 0x7f ? c : '?';
        return text.size() > limits::document_text_shown_max ? result + "..." : result;
    }

  private:
    bool partial_;
    std::vector<std::string_view> path_;
    std::vector<std::string> list_;
};

}  // namespace bindhss::subscription
