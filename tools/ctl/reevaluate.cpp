// SPDX-License-Identifier: Apache-2.0
#include "ctl/reevaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "ctl/trial.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

/// What is the matter with one registration; nothing: it would be admitted as it is.
struct Objection {
    std::string verdict;
    std::string reasons;
};

std::optional<Objection> objection_to(const store::SeenPair& pair, const Context& context) {
    auto access = access_of(pair, context.now());
    access.emergency = false;  // so that it is seen what awaits the UE behind its emergency service
    const auto verdict = binding::judge_device(pair.imsi, pair.binding, access, context.judge);
    if (verdict.refused()) return Objection{"refused", reasons_of(verdict)};
    // I1: what is registered under a KME policy has been proven, or was registered before the policy came
    if (binding::needs_kme(pair.binding.terms.policy) && !pair.registration->verified)
        return Objection{"refused", std::string(alarm::describe(alarm::Id::binding_unverified).name)};
    const bool full = pair.registration->limited_profile.empty();
    if (verdict.admission == binding::Admission::limited && full)
        return Objection{"limited", reasons_of(verdict)};
    return std::nullopt;
}

bool has_emergency(const std::vector<store::SeenPair>& registrations) {
    return std::any_of(registrations.begin(), registrations.end(),
                       [](const auto& pair) { return pair.registration->emergency; });
}

class Run {
  public:
    Run(Context& context, const Reevaluation& request) : context_(context), request_(request) {}

    void go() {
        store::SeenFilter filter;
        filter.registered = true;
        filter.subscriptions = request_.subscriptions;
        each_subscription(context_, filter, [&](auto& registrations) { look_at(registrations); });
        print();
    }

  private:
    void look_at(const std::vector<store::SeenPair>& registrations) {
        registrations_ += registrations.size();
        std::vector<std::pair<const store::SeenPair*, Objection>> found;
        for (const auto& pair : registrations) {
            if (auto objection = objection_to(pair, context_))
                found.emplace_back(&pair, std::move(*objection));
        }
        if (found.empty()) return;
        ++subscribers_;
        const auto done = deal_with(registrations);
        for (const auto& [pair, objection] : found) note(*pair, objection, done);
    }

    /// All registrations of the subscriber go, since one Cancel-Location alone would leave the card in
    /// service.
    std::string deal_with(const std::vector<store::SeenPair>& registrations) {
        if (has_emergency(registrations)) {
            ++emergencies_;
            return "kept: emergency service";
        }
        if (!request_.detach) return "listed";
        if (context_.dry_run) return "would be detached";
        return detach(registrations.front().imsi);
    }

    std::string detach(const Imsi& imsi) {
        // At a low rate minutes have gone by since the page was read: an emergency call may have begun, or
        // the operator have authorised the device.
        store::SeenFilter filter;
        filter.registered = true;
        filter.imsi = imsi;
        // Before the look, so that nothing lies between it and the order.
        if (detached_ > 0) context_.pause(std::chrono::milliseconds(1'000) / request_.rate);
        bool objected = false;
        bool emergency = false;
        each_subscription(context_, filter, [&](const auto& registrations) {
            emergency = has_emergency(registrations);
            objected = std::any_of(registrations.begin(), registrations.end(), [&](const auto& pair) {
                return objection_to(pair, context_).has_value();
            });
        });
        if (emergency) {
            ++emergencies_;
            return "kept: emergency service";
        }
        if (!objected) return "changed meanwhile";
        store::NodeOrder order;
        order.kind = store::NodeRequest::Kind::cancel_location;
        order.imsi = imsi;
        order.reattach_required = true;
        order.now = context_.now();
        if (context_.store.order(order).empty()) return "changed meanwhile";
        ++detached_;
        return "detached";
    }

    void note(const store::SeenPair& pair, const Objection& objection, const std::string& done) {
        if (table_.rows.size() >= context_.limit) return;
        const auto& device = pair.device;
        table_.rows.push_back({pair.imsi.str(),
                               pair.registration->domain == s6a::Domain::mme ? "mme" : "sgsn", pair.node,
                               device.imei ? device.imei->str() : "", device.svn.value_or(""),
                               pair.binding.terms.name, objection.verdict, objection.reasons, done});
    }

    void print() {
        if (context_.json) return print_object();
        print_list(context_, table_);
        context_.io.err << fmt::format(
            "bindhssctl: {} registrations looked at; {} subscribers not allowed as they are, {} kept for an "
            "emergency service, {} detached\n",
            registrations_, subscribers_, emergencies_, detached_);
    }

    void print_object() {
        boost::json::array list;
        for (const auto& row : table_.rows) {
            boost::json::object object;
            for (std::size_t i = 0; i < row.size(); ++i) object[table_.columns[i]] = row[i];
            list.push_back(std::move(object));
        }
        context_.io.out << boost::json::serialize(boost::json::object{{"registrations", registrations_},
                                                                      {"subscribers", subscribers_},
                                                                      {"emergency", emergencies_},
                                                                      {"detached", detached_},
                                                                      {"list", std::move(list)}})
                        << '\n';
    }

    Context& context_;
    const Reevaluation& request_;
    Table table_{{"imsi", "domain", "node", "imei", "svn", "terms", "verdict", "reasons", "done"}, {}};
    std::uint64_t registrations_ = 0;
    std::uint64_t subscribers_ = 0;  ///< with a registration that is not allowed as it is
    std::uint64_t emergencies_ = 0;
    std::uint64_t detached_ = 0;
};

std::uint32_t parsed_rate(const std::string& text) {
    const auto digits = text.ends_with("/s") ? text.substr(0, text.size() - 2) : text;
    std::uint32_t rate = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), rate);
    if (problem != std::errc() || end != digits.data() + digits.size() || rate == 0 ||
        rate > limits::detach_rate_max) {
        throw Refused(
            fmt::format("rate {} is not 1 to {} a second (10/s)", shown(text), limits::detach_rate_max));
    }
    return rate;
}

}  // namespace

binding::SubscriptionSet parsed_subscriptions(const std::string& text) {
    if (text.empty()) return {};
    const auto set = binding::SubscriptionSet::parse(text);
    if (!set) {
        throw Refused(
            "subscriptions " + shown(text) +
            " is none of *, an IMSI of 15 digits, a prefix (00101*), an interval (IMSI-IMSI), group:NAME");
    }
    return *set;
}

void reevaluate(Context& context, const Reevaluation& request) {
    Run(context, request).go();
}

void add_reevaluate_command(CLI::App* binding, const AddCommands& add) {
    struct Arguments {
        std::string subscriptions;
        bool detach = false;
        std::string rate = "10/s";
    };
    const auto given = std::make_shared<Arguments>();
    auto* sub = add.storing(
        binding, "reevaluate", "List registered subscribers who would not be admitted any more",
        [given](Context& c) {
            reevaluate(c,
                       {parsed_subscriptions(given->subscriptions), given->detach, parsed_rate(given->rate)});
        });
    sub->add_option("--subscriptions", given->subscriptions,
                    "These alone: IMSI, prefix (00101*), interval, group:NAME");
    sub->add_flag("--detach", given->detach, "Have their nodes detach them (CLR), to attach again");
    sub->add_option("--rate", given->rate, "Subscribers detached in a second (default 10/s)");
}

}  // namespace bindhss::ctl
