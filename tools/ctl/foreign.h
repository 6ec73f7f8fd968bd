// SPDX-License-Identifier: Apache-2.0
// What the importers of other HSSes have in common: fields that are read once and with their complaints, and
// subscribers that come to share profiles.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <set>

#include "ctl/records.h"
#include "types/subscription_data.h"

namespace bindhss::ctl {

/// What is said of one document. Nothing said ever holds a value of a key.
class Notes {
  public:
    Notes(Reading& reading, std::size_t line) : reading_(reading), line_(line) {}
    /// Whom the document is about, as soon as it is known.
    void about(const std::string& who) { who_ = who + ": "; }
    void about(const Imsi& imsi) { about("IMSI " + imsi.str()); }
    void error(const std::string& text);
    void warn(const std::string& text);
    /// false: an error was told, and nothing may be stored.
    [[nodiscard]] bool good() const { return good_; }

  private:
    Reading& reading_;
    std::size_t line_;
    std::string who_;
    bool good_ = true;
};

/// The fields of one object. Each accessor gives nothing for a field that is not there or is null, and for
/// one of another type, which is an error. Numbers may be written as MongoDB's extended JSON has them
/// ({"$numberLong": "1"}). REQUIRES: the object and the notes outlive it.
class Fields {
  public:
    /// `path` is what stands before the names in complaints: empty, or "slice 1, ".
    Fields(const boost::json::object& object, std::string path, Notes& notes)
        : object_(object), path_(std::move(path)), notes_(notes) {}

    [[nodiscard]] std::optional<std::string> text(std::string_view name);
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name, std::int64_t least,
                                                     std::int64_t greatest);
    /// true and false, or the numbers 1 and 0.
    [[nodiscard]] std::optional<bool> boolean(std::string_view name);
    [[nodiscard]] std::optional<Fields> object(std::string_view name);
    /// Visits the objects of a list, each with its number from 1; a list that is not there has none.
    void each_object(std::string_view name, const std::function<void(Fields, std::size_t)>& visit);
    /// The texts of a list.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name);

    /// Hexadecimal, blanks between its digits allowed; complaints tell no digit of it.
    [[nodiscard]] std::optional<OctetString> hex(std::string_view name, std::size_t octets);
    /// A network address of that family (AF_INET, AF_INET6) as text; empty: none.
    [[nodiscard]] std::string address(std::string_view name, int family);
    /// The prefix of 64 bits that an IPv6 address is in: all of it that Served-Party-IP-Address tells
    /// (TS 29.272 7.3.35). Warns when there is more.
    [[nodiscard]] std::string ipv6_prefix(std::string_view name);

    /// The field means nothing here, or nothing to an HSS: passed over without a word.
    void pass_over(std::initializer_list<std::string_view> names);
    /// Is it there, and not null, empty or false? It counts as read.
    [[nodiscard]] bool says_something(std::string_view name);
    /// Warns of every field that nobody has read.
    void warn_of_rest() const;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Notes& notes() { return notes_; }

  private:
    [[nodiscard]] const boost::json::value* find(std::string_view name);
    void wrong(std::string_view name, std::string_view what);

    const boost::json::object& object_;
    std::string path_;
    Notes& notes_;
    std::set<std::string, std::less<>> read_;
};

/// A subscriber of another HSS in our words.
struct Migrant {
    Imsi imsi;
    AkaKeys keys;
    Amf amf;
    std::optional<std::uint64_t> seq;
    SubscriptionData data;  ///< with what is the subscriber's alone: MSISDN, A-MSISDN, static addresses
    RoamingRules roaming;
    std::size_t line = 0;
};

/// Turns subscribers into items: those with equal subscription data come to share a profile, whose name is
/// `prefix` and a number made of its content, so that the same data have the same name in every import.
/// A subscriber that is there twice is an error.
void settle(std::vector<Migrant> migrants, std::string_view prefix, Reading& reading);

/// K, OPc or OP of Milenage: OPc is derived where OP is given. Wipes what it is given.
[[nodiscard]] AkaKeys milenage_keys(OctetString k, std::optional<OctetString> opc,
                                    std::optional<OctetString> op);

/// For an HSS that stores the 48-bit SQN it will use next: the SEQ after which we begin, so that the first
/// SEQ issued here is beyond every one that the other HSS has issued, in whatever slot (IND), and hence one
/// that the USIM has not seen (TS 33.102 C.2.2).
[[nodiscard]] constexpr std::uint64_t seq_to_begin_after(std::uint64_t next_sqn) {
    // Issued so far: up to (next_sqn >> 5) - 1. The SEQ of next_sqn itself is skipped, in case the export and
    // a last request overlapped.
    return next_sqn >> Sqn::ind_bits;
}

/// A QCI that a default bearer may have (TS 29.272 7.3.37), else 9 with a warning.
[[nodiscard]] std::uint32_t default_bearer_qci(std::int64_t qci, const std::string& apn, Notes& notes);

}  // namespace bindhss::ctl
