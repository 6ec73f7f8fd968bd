// SPDX-License-Identifier: Apache-2.0
#include "ctl/profile_commands.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/output.h"
#include "subscription/document.h"
#include "subscription/edit.h"
#include "subscription/merge.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

store::ProfileRow profile_row(Context& context, const std::string& name) {
    auto row = context.store.profile(name);
    if (!row) throw Refused("there is no profile " + shown(name));
    return std::move(*row);
}

std::string document_from(Context& context, const std::string& source) {
    if (source.starts_with('{')) return source;
    try {
        return read_whole(source, context.io);
    } catch (const Refused& error) {
        throw Refused(shown(source) + " " + error.what());
    }
}

void apply_one(Context& context, auto put) {
    store_items(context, {{std::move(put), 0}});
}

std::string edited(const std::string& document, const std::vector<std::string>& assignments) {
    auto result = subscription::edited(document, assignments);
    if (!result) throw Refused(result.error().detail);
    return std::move(*result);
}

/// With every field that has a value, in the order of the reference.
std::string canonical(const std::string& document) {
    const auto whole = subscription::read_document(document);
    return whole ? subscription::write_document(*whole) : document;
}

std::string merged(const std::string& profile, const std::string& override_document) {
    auto result = subscription::merged_document(profile, override_document);
    if (!result) throw Refused(result.error().detail);
    return std::move(*result);
}

}  // namespace

void list_profiles(Context& context) {
    Table table{{"name", "version", "subscribers"}, {}};
    for (const auto& row : context.store.profiles(context.limit))
        table.rows.push_back({row.name, std::to_string(row.version), std::to_string(row.subscribers)});
    print_list(context, table);
}

void show_profile(Context& context, const std::string& name) {
    const auto row = profile_row(context, name);
    const auto document = canonical(row.document);
    if (!context.json) {
        context.io.out << subscription::pretty(document) << '\n';
        return;
    }
    json::object object{{"name", row.name},
                        {"version", row.version},
                        {"subscribers", row.subscribers},
                        {"document", json::parse(document)}};
    context.io.out << json::serialize(object) << '\n';
}

void put_profile(Context& context, const std::string& name, const std::string& source) {
    apply_one(context, store::PutProfile{name, document_from(context, source)});
}

void edit_profile(Context& context, const std::string& name, const std::vector<std::string>& assignments) {
    apply_one(context, store::PutProfile{name, edited(profile_row(context, name).document, assignments)});
}

void remove_profile(Context& context, const std::string& name) {
    apply_one(context, store::RemoveProfile{name});
}

void list_profile_fields(Streams& io, bool json) {
    Table table{{"field", "clause", "type", "needed", "meaning"}, {}};
    for (const auto& field : subscription::document_fields()) {
        table.rows.push_back(
            {field.name, field.clause, field.type, field.required ? "yes" : "", field.meaning});
    }
    if (json) {
        print_json(io.out, table, false);
    } else {
        print_table(io.out, table);
    }
}

void edit_subscriber(Context& context, const SubscriberEdit& edit) {
    const auto row = subscriber_row(context, edit.imsi);
    store::PutSubscriber put{row.imsi};
    put.msisdn = edit.msisdn;
    put.profile = edit.profile;
    if (edit.amf) {
        const auto octets = octets_from_hex<2>(*edit.amf);
        if (!octets) throw Refused("amf is not 4 hexadecimal digits");
        put.amf = Amf{*octets};
    }
    if (edit.override_source) {
        put.override_document =
            edit.override_source->empty() ? "{}" : document_from(context, *edit.override_source);
    }
    auto assignments = edit.assignments;
    if (edit.barring) {
        assignments.push_back("operator_determined_barring=" +
                              (*edit.barring == "none" ? "[]" : *edit.barring));
    }
    if (!assignments.empty())
        put.override_document = edited(put.override_document.value_or(row.override_document), assignments);
    apply_one(context, std::move(put));
}

void remove_subscriber(Context& context, const std::string& imsi) {
    apply_one(context, store::RemoveSubscriber{parsed_imsi(imsi)});
}

void show_subscription(Context& context, const std::string& imsi) {
    const auto row = subscriber_row(context, imsi);
    const auto document =
        canonical(merged(profile_row(context, row.profile).document, row.override_document));
    if (!context.json) {
        context.io.out << subscription::pretty(document) << '\n';
        return;
    }
    json::object object{{"imsi", row.imsi.str()},
                        {"msisdn", row.msisdn},
                        {"profile", row.profile},
                        {"override", json::parse(row.override_document)},
                        {"document", json::parse(document)}};
    context.io.out << json::serialize(object) << '\n';
}

}  // namespace bindhss::ctl
