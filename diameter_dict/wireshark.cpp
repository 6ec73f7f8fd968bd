// SPDX-License-Identifier: Apache-2.0
#include "diameter_dict/wireshark.h"

#include <algorithm>
#include <ostream>

#include "diameter_dict/abnf.h"
#include "diameter_dict/kme.h"

namespace bindhss::diameter_dict {

namespace {

constexpr std::string_view vendor_name = "BindHSS";

std::string_view type_name(AvpType type) {
    return type == AvpType::unsigned32 ? "Unsigned32" : "OctetString";
}

void write_group(std::ostream& out, std::string_view name) {
    const auto groups = kme_groups();
    const auto group = std::ranges::find(groups, name, &GroupRow::name);
    out << "    <grouped>\n";
    if (group != groups.end()) {
        for (const auto& rule : parse_abnf(group->rules))
            out << "      <gavp name=\"" << rule.avp << "\"/>\n";
    }
    out << "    </grouped>\n";
}

void write_avp(std::ostream& out, const AvpRow& avp) {
    out << "  <avp name=\"" << avp.name << "\" code=\"" << avp.code
        << "\" mandatory=\"mustnot\" may-encrypt=\"no\" vendor-bit=\"must\" vendor-id=\"" << vendor_name
        << "\">\n";
    if (avp.type == AvpType::grouped) {
        write_group(out, avp.name);
    } else {
        out << "    <type type-name=\"" << type_name(avp.type) << "\"/>\n";
    }
    for (const auto& value : kme_values()) {
        if (value.avp == avp.name)
            out << "    <enum name=\"" << value.name << "\" code=\"" << value.number << "\"/>\n";
    }
    out << "  </avp>\n";
}

}  // namespace

void write_wireshark(std::ostream& out, std::uint32_t vendor) {
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<!-- The AVPs of BindHSS's KME extension. Written by bindhss-dict. -->\n"
           "<vendor vendor-id=\""
        << vendor_name << "\" code=\"" << vendor << "\" name=\"" << vendor_name << "\">\n";
    for (const auto& avp : kme_avps()) write_avp(out, avp);
    out << "</vendor>\n";
}

}  // namespace bindhss::diameter_dict
