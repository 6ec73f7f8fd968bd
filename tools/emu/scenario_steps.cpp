// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "emu/scenario_parts.h"
#include "types/limits.h"

namespace bindhss::emu {
namespace {

using Keys = std::vector<std::string_view>;

Keys with(Keys keys, const Keys& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

/// Reads a step of one kind; `body` is what stands under its key, `step` the whole of it.
struct Reader {
    const Scenario& scenario;
    const ScenarioNode& step;
    const ScenarioNode& body;

    template <class T>
    [[nodiscard]] std::string reference(const std::string& key, const std::map<std::string, T>& known) const {
        auto name = body.text(key);
        if (!known.contains(name)) body.at(key).fail("there is no " + key + " '" + name + "'");
        return name;
    }
    [[nodiscard]] std::string usim() const { return reference("usim", scenario.usims); }
    [[nodiscard]] std::string device() const { return reference("device", scenario.devices); }
    /// With one node in the file a step need not name it.
    [[nodiscard]] std::string node() const {
        if (body.has("node")) return reference("node", scenario.nodes);
        if (!body.has("mme") && scenario.nodes.size() == 1) return scenario.nodes.begin()->first;
        return reference("mme", scenario.nodes);
    }
    [[nodiscard]] NodeType type_of(const std::string& name) const {
        return scenario.nodes.at(name).settings.type;
    }
    [[nodiscard]] Step named(std::string fallback, decltype(Step::action) action) const {
        return {step.text_or("title", std::move(fallback)), std::move(action)};
    }
    void no_expect() const {
        if (step.has("expect")) step.at("expect").fail("'expect' has nothing to do with this step");
    }
};

void read_outcome(const ScenarioNode& value, Expectation& into) {
    auto text = value.text();
    if (text.starts_with("rejected ")) {
        const auto digits = text.substr(9);
        if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos) {
            value.fail("'rejected' is followed by a result code of four digits");
        }
        into.code = static_cast<std::uint32_t>(std::stoul(digits));
        text = "rejected";
    }
    const auto outcome = parse_outcome(text);
    if (!outcome) {
        value.fail("unknown outcome '" + text + "': " + outcome_names() + " [CODE]");
    }
    into.outcome = *outcome;
}

Expectation read_expectation(const ScenarioNode& node) {
    Expectation expect;
    if (node.is_scalar()) {
        read_outcome(node, expect);
        return expect;
    }
    node.require_keys({"outcome", "rand", "resynchronised", "vectors", "ue_usage_type", "data", "features",
                       "sms_in_mme", "diagnostic", "asked", "apns", "bearer", "attaches", "kme", "report"});
    read_outcome(node.at("outcome"), expect);
    if (node.has("rand")) {
        const auto rand = node.text("rand");
        if (rand != "encrypted" && rand != "plain")
            node.at("rand").fail("rand is either 'encrypted' or 'plain'");
        expect.encrypted_rand = rand == "encrypted";
    }
    if (node.has("resynchronised")) expect.resynchronised = node.at("resynchronised").boolean();
    expect.fields = node.fields();
    for (const auto* key : {"outcome", "rand", "resynchronised"}) expect.fields.erase(key);
    return expect;
}

/// One value is that of the field `first`; a mapping has the fields.
Fields read_fields(const ScenarioNode& node, const std::string& first, const Keys& keys) {
    if (node.is_scalar()) return {{first, node.text()}};
    node.require_keys(keys);
    return node.fields();
}

enum class AttachKind : std::uint8_t { attach, authenticate, update_location, reattach };

Step read_attach(const Reader& reader, AttachKind kind) {
    reader.body.require_keys(with({"usim", "device", "mme", "node"}, attach_option_keys));
    AttachStep step;
    step.usim = reader.usim();
    step.device = reader.device();
    step.node = reader.node();
    step.expect = read_expectation(reader.step.at("expect"));
    step.options =
        read_attach_options(reader.body, reader.type_of(step.node), kind != AttachKind::update_location);
    step.options.authenticate = kind != AttachKind::update_location;
    step.options.update = kind != AttachKind::authenticate;
    step.returns = kind == AttachKind::reattach;
    constexpr std::array<const char*, 4> verbs{" attaches in ", " authenticates in ", " moves on in ",
                                               " comes back in "};
    return reader.named(step.usim + verbs[static_cast<std::size_t>(kind)] + step.device, step);
}

Step read_desync(const Reader& reader) {
    reader.no_expect();
    reader.body.require_keys({"usim", "ahead"});
    DesyncStep step{reader.usim(), reader.body.at("ahead").number()};
    return reader.named(step.usim + " gets out of step", step);
}

Step read_purge(const Reader& reader) {
    reader.body.require_keys({"usim", "mme", "node", "purged_in_mme", "purged_in_sgsn", "location"});
    PurgeStep step;
    step.usim = reader.usim();
    step.node = reader.node();
    if (reader.body.has("purged_in_mme")) step.options.mme = reader.body.at("purged_in_mme").boolean();
    if (reader.body.has("purged_in_sgsn")) step.options.sgsn = reader.body.at("purged_in_sgsn").boolean();
    if (reader.body.has("location")) step.options.with_location = reader.body.at("location").boolean();
    step.expect = read_fields(reader.step.at("expect"), "result",
                              {"result", "experimental", "freeze_m_tmsi", "freeze_p_tmsi"});
    return reader.named(step.node + " purges " + step.usim, step);
}

Step read_notify(const Reader& reader) {
    reader.body.require_keys({"usim", "mme", "node", "device", "flags", "pdn_gateway", "alert_reason",
                              "ue_srvcc", "ims_voice", "emm_cause"});
    NotifyStep step;
    step.usim = reader.usim();
    step.node = reader.node();
    if (reader.body.has("device")) step.device = reader.device();
    auto& options = step.options;
    if (reader.body.has("flags")) options.flags = read_nor_flags(reader.body.at("flags"));
    if (reader.body.has("pdn_gateway")) options.pdn_gateway = read_active_apn(reader.body.at("pdn_gateway"));
    const auto number = [&reader](const std::string& key, std::optional<std::uint32_t>& into) {
        if (reader.body.has(key)) into = reader.body.at(key).number_32();
    };
    number("alert_reason", options.alert_reason);
    number("ue_srvcc", options.ue_srvcc_capability);
    number("ims_voice", options.homogeneous_ims_voice);
    number("emm_cause", options.emm_cause);
    step.expect = read_fields(reader.step.at("expect"), "result", {"result", "experimental"});
    return reader.named(step.node + " notifies the HSS of " + step.usim, step);
}

Step read_check_imei(const Reader& reader) {
    reader.body.require_keys({"usim", "mme", "node", "device", "imei", "software_version"});
    CheckImeiStep step;
    if (reader.body.has("usim")) step.usim = reader.usim();
    step.node = reader.node();
    if (reader.body.has("device") == reader.body.has("imei")) {
        reader.body.fail("check_imei needs either 'device' or 'imei'");
    }
    if (reader.body.has("device")) {
        const auto& device = reader.scenario.devices.at(reader.device());
        step.terminal = {device.imei.str(), device.svn};
    } else {
        step.terminal = {reader.body.text("imei"), reader.body.text_or("software_version", "")};
    }
    const auto expect = reader.step.at("expect");
    const bool is_status = expect.is_scalar() && expect.text().find_first_of("0123456789") != 0;
    step.expect = read_fields(expect, is_status ? "status" : "result", {"status", "result", "experimental"});
    return reader.named(step.node + " asks the equipment register", step);
}

Step read_expect_request(const Reader& reader, HssCommand command) {
    reader.no_expect();
    static const std::array<Keys, hss_command_count> own_keys{
        Keys{"usim", "type", "domain", "reattach"},
        Keys{"usim", "parts", "flags", "data", "reset_ids", "kme"}, Keys{"usim", "flags", "contexts"},
        Keys{"user_ids", "reset_ids"}};
    const auto keys = with({"mme", "node", "count", "within"}, own_keys[static_cast<std::size_t>(command)]);
    reader.body.require_keys(keys);
    ExpectRequestStep step;
    step.command = command;
    if (command != HssCommand::rsr) step.usim = reader.usim();
    step.node = reader.node();
    if (reader.body.has("count")) step.count = reader.body.at("count").number_32();
    if (reader.body.has("within")) step.within = reader.body.at("within").duration();
    step.fields = reader.body.fields();
    if (reader.body.has("data")) step.fields.merge(reader.body.at("data").fields());
    std::erase_if(step.fields, [](const auto& field) { return field.first.starts_with("data."); });
    for (const auto* key : {"usim", "mme", "node", "count", "within"}) step.fields.erase(key);
    const auto name = std::string(name_of(command));
    return reader.named(
        "the HSS sends " + step.node + " " + name + (step.usim.empty() ? "" : " of " + step.usim), step);
}

Step read_expect_data(const Reader& reader) {
    reader.no_expect();
    reader.body.require_keys({"usim", "mme", "node", "within", "registered", "confirmed", "data"});
    ExpectDataStep step;
    step.usim = reader.usim();
    step.node = reader.node();
    if (reader.body.has("within")) step.within = reader.body.at("within").duration();
    if (reader.body.has("data")) step.fields = reader.body.at("data").fields();
    for (const auto* key : {"registered", "confirmed"}) {
        if (reader.body.has(key)) step.fields[key] = reader.body.text(key);
    }
    return reader.named("what " + step.node + " knows of " + step.usim, step);
}

Step read_answers(const Reader& reader) {
    reader.no_expect();
    reader.body.require_keys({"mme", "node", "CLR", "IDR", "DSR", "RSR", "KME"});
    AnswersStep step{reader.node(), read_replies(reader.body), read_relays(reader.body)};
    return reader.named(step.node + " answers otherwise", step);
}

Step read_connection(const Reader& reader, bool connect) {
    reader.no_expect();
    reader.body.require_keys({"mme", "node"});
    ConnectionStep step{reader.node(), connect};
    return reader.named(step.node + (connect ? " connects" : " disconnects"), step);
}

Step read_ctl(const Reader& reader) {
    CtlStep step;
    if (reader.body.is_scalar()) {
        std::istringstream words(reader.body.text());
        for (std::string word; words >> word;) step.arguments.push_back(word);
    } else {
        reader.body.each_item([&step](const ScenarioNode& item) { step.arguments.push_back(item.text()); });
    }
    if (reader.step.has("expect")) {
        const auto expect = reader.step.text("expect");
        if (expect != "success" && expect != "fails")
            reader.step.at("expect").fail("expect is success or fails");
        step.succeeds = expect == "success";
    }
    step.prints = reader.step.text_or("prints", "");
    std::string title = "bindhssctl";  // without what may be a key
    for (std::size_t i = 0; i < std::min<std::size_t>(step.arguments.size(), 2); ++i) {
        title += " " + step.arguments[i];
    }
    return reader.named(title, step);
}

Step read_wait(const Reader& reader) {
    reader.no_expect();
    return reader.named("waiting", WaitStep{reader.body.duration()});
}

struct Kind {
    const char* key;
    Step (*read)(const Reader& reader);
};
constexpr std::array kinds{
    Kind{"attach", [](const Reader& reader) { return read_attach(reader, AttachKind::attach); }},
    Kind{"authenticate", [](const Reader& reader) { return read_attach(reader, AttachKind::authenticate); }},
    Kind{"update_location",
         [](const Reader& reader) { return read_attach(reader, AttachKind::update_location); }},
    Kind{"reattach", [](const Reader& reader) { return read_attach(reader, AttachKind::reattach); }},
    Kind{"desync", read_desync},
    Kind{"purge", read_purge},
    Kind{"notify", read_notify},
    Kind{"check_imei", read_check_imei},
    Kind{"expect_cancel", [](const Reader& reader) { return read_expect_request(reader, HssCommand::clr); }},
    Kind{"expect_idr", [](const Reader& reader) { return read_expect_request(reader, HssCommand::idr); }},
    Kind{"expect_dsr", [](const Reader& reader) { return read_expect_request(reader, HssCommand::dsr); }},
    Kind{"expect_reset", [](const Reader& reader) { return read_expect_request(reader, HssCommand::rsr); }},
    Kind{"expect_data", read_expect_data},
    Kind{"answers", read_answers},
    Kind{"connect", [](const Reader& reader) { return read_connection(reader, true); }},
    Kind{"disconnect", [](const Reader& reader) { return read_connection(reader, false); }},
    Kind{"ctl", read_ctl},
    Kind{"wait", read_wait},
};

}  // namespace

Step read_step(const ScenarioNode& node, const Scenario& scenario) {
    Keys keys{"title", "expect", "prints"};
    std::string names;
    const Kind* found = nullptr;
    std::size_t actions = 0;
    for (const auto& kind : kinds) {
        keys.emplace_back(kind.key);
        names += (names.empty() ? "" : ", ") + std::string(kind.key);
        if (!node.has(kind.key)) continue;
        found = &kind;
        ++actions;
    }
    node.require_keys(keys);
    if (actions != 1) node.fail("a step has one of " + names);
    if (node.has("prints") && std::string_view(found->key) != "ctl") node.fail("'prints' belongs to 'ctl'");
    const auto body = node.at(found->key);
    return found->read(Reader{scenario, node, body});
}

}  // namespace bindhss::emu
