// SPDX-License-Identifier: Apache-2.0
#include "subscription/difference.h"

#include <algorithm>
#include <random>

#include "samples.h"
#include "subscription/merge.h"
#include "subscription/parts.h"

using namespace bindhss;
using namespace bindhss::test;
using subscription::difference;
using subscription::Node;
using subscription::Update;
namespace flag = s6a::dsr_flag;

namespace {

Node able(s6a::Domain domain = s6a::Domain::mme) {
    Node node;
    node.domain = domain;
    node.features = s6a::Features{0xffff'ffff, 0xffff'ffff, 0};
    return node;
}

/// A node as TS 29.272 5.2.1.1.2, 5.2.2.1.2 and 5.2.2.2.2 have it keep what it is told.
class Keeper {
  public:
    Keeper(SubscriptionData data, s6a::Domain domain) : data_(std::move(data)), domain_(domain) {}

    void apply(const Update& update) {
        if (update.insert) insert(*update.insert);
        if (update.dsr_flags != 0) remove(update);
    }
    [[nodiscard]] const SubscriptionData& data() const { return data_; }

  private:
    void insert(const SubscriptionData& sent) {
        subscription::each_part([&](auto member, subscription::Removal, std::uint32_t) {
            if (subscription::is_set(sent.*member)) data_.*member = sent.*member;
        });
        if (!sent.msisdn.empty()) data_.msisdn = sent.msisdn;
        if (sent.trace_data) data_.trace_data = sent.trace_data;
        if (sent.subscriber_status) {
            data_.subscriber_status = sent.subscriber_status;
            data_.operator_determined_barring = sent.operator_determined_barring;
        }
        for (const auto& edrx : sent.edrx_cycle_lengths) {
            std::erase_if(data_.edrx_cycle_lengths,
                          [&](const auto& kept) { return kept.rat_type == edrx.rat_type; });
            data_.edrx_cycle_lengths.push_back(edrx);
        }
        if (sent.apn_configuration_profile) insert(*sent.apn_configuration_profile);
        if (sent.gprs_subscription_data) insert(*sent.gprs_subscription_data);
    }

    void insert(const ApnConfigurationProfile& sent) {
        REQUIRE_FALSE(sent.apns.empty());  // 7.3.34
        if (sent.all_included) {
            data_.apn_configuration_profile = sent;
            return;
        }
        REQUIRE(data_.apn_configuration_profile);
        auto& profile = *data_.apn_configuration_profile;
        profile.default_context_identifier = sent.default_context_identifier;
        lay_over(profile.apns, sent.apns);
    }

    void insert(const GprsSubscriptionData& sent) {
        REQUIRE_FALSE(sent.contexts.empty());  // 7.3.72
        if (sent.all_included) {
            data_.gprs_subscription_data = sent;
        } else {
            lay_over(data_.gprs_subscription_data.value().contexts, sent.contexts);
        }
    }

    template <class Context>
    static void lay_over(std::vector<Context>& kept, const std::vector<Context>& sent) {
        for (const auto& context : sent) {
            std::erase_if(
                kept, [&](const auto& old) { return old.context_identifier == context.context_identifier; });
            // Service-Selection is unique (7.3.36), at every moment.
            CHECK(std::none_of(kept.begin(), kept.end(), [&](const auto& old) {
                return old.service_selection == context.service_selection;
            }));
            kept.push_back(context);
        }
        std::sort(kept.begin(), kept.end(),
                  [](const auto& a, const auto& b) { return a.context_identifier < b.context_identifier; });
    }

    void remove(const Update& update) {
        const auto has = [&](std::uint32_t bit) { return (update.dsr_flags & bit) != 0; };
        subscription::each_part([&](auto member, subscription::Removal removal, std::uint32_t bit) {
            if (removal == subscription::Removal::deletion && has(bit)) data_.*member = {};
        });
        if (has(flag::msisdn)) data_.msisdn.clear();
        if (has(flag::trace_data)) {
            REQUIRE(update.trace_reference == data_.trace_data.value().reference);
            data_.trace_data.reset();
        }
        if (has(flag::edrx_cycle_length))
            std::erase_if(data_.edrx_cycle_lengths, [&](const auto& kept) {
                const auto& gone = update.edrx_related_rats;
                return std::find(gone.begin(), gone.end(), kept.rat_type) != gone.end();
            });
        REQUIRE_FALSE((has(flag::pdn_subscription_contexts) && has(flag::pdp_contexts)));  // 7.3.25
        if (has(flag::pdn_subscription_contexts)) {
            auto& profile = data_.apn_configuration_profile.value();
            drop(profile.apns, update.context_identifiers, profile.default_context_identifier);
        }
        if (has(flag::pdp_contexts))
            drop(data_.gprs_subscription_data.value().contexts, update.context_identifiers, 0);
        if (has(flag::complete_apn_configuration_profile)) {
            REQUIRE(domain_ == s6a::Domain::sgsn);  // never to an MME
            data_.apn_configuration_profile.reset();
        }
        if (has(flag::complete_pdp_context_list)) {
            REQUIRE(domain_ == s6a::Domain::sgsn);
            data_.gprs_subscription_data.reset();
        }
    }

    template <class Context>
    static void drop(std::vector<Context>& kept, const std::vector<std::uint32_t>& gone,
                     std::uint32_t default_id) {
        for (const auto id : gone) {
            REQUIRE(id != default_id);  // a node refuses it with 5012
            REQUIRE(std::erase_if(kept, [&](const auto& old) { return old.context_identifier == id; }) == 1);
        }
    }

    SubscriptionData data_;
    s6a::Domain domain_;
};

/// 0 and false where they say the same as nothing, lists without order in one order.
SubscriptionData normal(SubscriptionData data) {
    subscription::each_part([&](auto member, subscription::Removal removal, std::uint32_t) {
        auto& part = data.*member;
        if constexpr (requires { part.has_value(); })
            if (removal == subscription::Removal::neutral && part && *part == std::decay_t<decltype(*part)>{})
                part.reset();
    });
    std::sort(data.edrx_cycle_lengths.begin(), data.edrx_cycle_lengths.end(),
              [](const auto& a, const auto& b) { return a.rat_type < b.rat_type; });
    return data;
}

/// Documents at random: each field that the sample has is in or out, and some have other values.
class Documents {
  public:
    explicit Documents(unsigned seed) : random_(seed) {}

    Subscription next() {
        auto subscription = read(everything);
        auto& data = subscription.data;
        subscription::each_part([&](auto member, subscription::Removal removal, std::uint32_t) {
            if (removal != subscription::Removal::none && one_in(3)) data.*member = {};
        });
        data.msisdn = one_in(2) ? "49170" : "49171";
        if (one_in(2)) data.trace_data.reset();
        if (one_in(3)) data.operator_determined_barring.reset();
        if (one_in(2)) data.edrx_cycle_lengths.push_back({1004, static_cast<std::uint8_t>(below(3))});
        if (one_in(3)) data.edrx_cycle_lengths.erase(data.edrx_cycle_lengths.begin());
        if (one_in(2)) data.subscribed_rau_tau_timer_s = below(4);
        if (one_in(4)) data.access_restriction_data = below(4);
        data.ambr = Ambr{1 + below(2), 1 + below(2)};
        data.subscriber_status = data.barred() == 0 ? SubscriberStatus::service_granted
                                                    : SubscriberStatus::operator_determined_barring;
        shuffle_apns(*data.apn_configuration_profile);
        shuffle_contexts(data);
        return subscription;
    }

    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    bool one_in(std::uint32_t n) { return below(n) == 0; }

  private:
    void shuffle_apns(ApnConfigurationProfile& profile) {
        while (profile.apns.size() > 1 && one_in(2))
            profile.apns.erase(profile.apns.begin() + below(static_cast<std::uint32_t>(profile.apns.size())));
        if (std::all_of(profile.apns.begin(), profile.apns.end(),
                        [](const auto& apn) { return apn.service_selection == "*"; }))
            profile.apns.front().service_selection = "plain";
        for (auto& apn : profile.apns)
            if (one_in(3)) apn.qci = 5 + below(5);
        // A name may move to another context.
        if (profile.apns.size() > 1 && one_in(4))
            std::swap(profile.apns[0].service_selection, profile.apns[1].service_selection);
        profile.additional_context_identifier.reset();
        profile.third_context_identifier.reset();
        std::vector<std::uint32_t> candidates;
        for (const auto& apn : profile.apns)
            if (apn.service_selection != "*") candidates.push_back(apn.context_identifier);
        std::shuffle(candidates.begin(), candidates.end(), random_);
        profile.default_context_identifier = candidates[0];
        if (candidates.size() > 1 && one_in(5)) profile.additional_context_identifier = candidates[1];
    }

    void shuffle_contexts(SubscriptionData& data) {
        auto& contexts = data.gprs_subscription_data->contexts;
        for (std::uint32_t id = 2; id < 5; ++id) {
            if (one_in(2)) continue;
            auto context = contexts[0];
            context.context_identifier = id;
            context.service_selection = "apn" + std::to_string(one_in(6) ? id + 1 : id);
            context.restoration_priority = below(2);
            if (contexts.back().service_selection != context.service_selection) contexts.push_back(context);
        }
        if (one_in(3)) contexts.erase(contexts.begin());
        if (contexts.empty() || one_in(6)) data.gprs_subscription_data.reset();
    }

    std::mt19937 random_;
};

}  // namespace

TEST_CASE("difference: a node that does as it is told has the new subscription, for random pairs") {
    std::size_t told_all = 0;
    std::size_t cancelled = 0;
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        Documents documents(seed);
        const auto told = documents.next();
        const auto now = documents.one_in(10) ? told : documents.next();
        auto node = able(documents.one_in(2) ? s6a::Domain::mme : s6a::Domain::sgsn);
        node.gprs_wanted = documents.one_in(2);
        node.whole_apn_profile = documents.one_in(4);
        if (documents.one_in(3))
            node.features = s6a::Features{documents.below(UINT32_MAX), documents.below(UINT32_MAX), 0};
        if (documents.one_in(9)) node.features.reset();
        INFO("seed " << seed);
        const auto update = difference(told, now, node);
        if (update.cancel) {
            CHECK_FALSE(update.insert);
            CHECK(update.dsr_flags == 0);
            ++cancelled;
            continue;
        }
        const auto before = fit(told, node);
        Keeper keeper(before ? *before : SubscriptionData{}, node.domain);
        keeper.apply(update);
        const auto expected = fit(now, node);
        REQUIRE(expected.has_value());
        REQUIRE(normal(keeper.data()) == normal(*expected));
        if (told == now) CHECK(update.nothing());
        ++told_all;
    }
    CHECK(told_all > 15'000);
    CHECK(cancelled > 100);
}

TEST_CASE("difference: an Insert-Subscriber-Data has what changed and nothing else") {
    const auto told = read(document_with(R"("rau_tau_timer_s": 100)"));
    const auto now = read(document_with(R"("rau_tau_timer_s": 200)"));
    const auto update = difference(told, now, able());
    SubscriptionData expected;
    expected.subscribed_rau_tau_timer_s = 200;
    CHECK(update.insert == expected);
    CHECK(update.dsr_flags == 0);
    CHECK(difference(now, now, able()).nothing());
}

TEST_CASE("difference: what goes is deleted by its bit, and a part without one is set to its neutral value") {
    const auto bare = read(document_with(""));
    const auto flags_of = [&](const std::string& more) {
        const auto update = difference(read(document_with(more)), bare, able());
        CHECK_FALSE(update.cancel);
        return update.dsr_flags;
    };
    CHECK(flags_of(R"("stn_sr": "1")") == flag::stn_sr);
    CHECK(flags_of(R"("a_msisdn": "1")") == flag::a_msisdn);
    CHECK(flags_of(R"("charging_characteristics": "0800")") == flag::subscribed_charging_characteristics);
    CHECK(flags_of(R"("rau_tau_timer_s": 5)") == flag::subscribed_periodic_rau_tau_timer);
    CHECK(flags_of(R"("zone_codes": ["0001"])") == flag::regional_subscription);
    CHECK(flags_of(R"("csg_subscriptions": [{"csg_id": 1}])") == flag::csg);
    CHECK(flags_of(R"("apn_oi_replacement": "mnc001.mcc001.gprs")") == flag::apn_oi_replacement);
    CHECK(flags_of(R"("imsi_groups": [{"service": 1, "plmn": "00101", "id": "01"}])") == flag::imsi_group_id);
    CHECK(flags_of(R"("ue_usage_type": 1)") == flag::ue_usage_type);
    CHECK(flags_of(R"("vsrvcc": true)") == flag::subscribed_vsrvcc);
    CHECK(flags_of(R"("ics": true)") == 0);
    const auto ics = difference(read(document_with(R"("ics": true)")), bare, able());
    CHECK(ics.insert.value().ics == false);
    const auto trace = difference(read(everything), bare, able());
    CHECK(trace.cancel);  // the frequency selection priority cannot be taken back
    const auto edrx =
        difference(read(document_with(R"("edrx": [{"rat": "nb_iot", "value": 1}])")), bare, able());
    CHECK(edrx.dsr_flags == flag::edrx_cycle_length);
    CHECK(edrx.edrx_related_rats == std::vector<std::uint32_t>{1005});
}

TEST_CASE("difference: barring is told with Subscriber-Status, and lifted by it alone") {
    const auto free = read(document_with(""));
    const auto barred = read(document_with(R"("operator_determined_barring": ["roamer_access_vplmn_ap"])"));
    const auto bar = difference(free, barred, able());
    CHECK(bar.insert.value().subscriber_status == SubscriberStatus::operator_determined_barring);
    CHECK(bar.insert->operator_determined_barring == 4U);
    const auto lift = difference(barred, free, able());
    CHECK(lift.insert.value().subscriber_status == SubscriberStatus::service_granted);
    CHECK_FALSE(lift.insert->operator_determined_barring);
}

TEST_CASE("difference: APNs are told one by one, and a default that goes is replaced first") {
    const auto with = [](const std::string& apns, const std::string& more = "") {
        return read(R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {)" + apns + "}" + more + "}");
    };
    const auto two = with(R"("1": {"apn": "internet"}, "2": {"apn": "ims"})");
    const auto changed = with(R"("1": {"apn": "internet", "qci": 8}, "2": {"apn": "ims"})");
    auto update = difference(two, changed, able());
    REQUIRE(update.insert.value().apn_configuration_profile);
    CHECK_FALSE(update.insert->apn_configuration_profile->all_included);
    REQUIRE(update.insert->apn_configuration_profile->apns.size() == 1);
    CHECK(update.insert->apn_configuration_profile->apns[0].qci == 8);

    const auto only_second = with(R"("2": {"apn": "ims"})");
    update = difference(two, only_second, able());
    CHECK(update.insert.value().apn_configuration_profile.value().default_context_identifier == 2);
    CHECK(update.insert->apn_configuration_profile->apns.size() == 1);
    CHECK(update.dsr_flags == flag::pdn_subscription_contexts);
    CHECK(update.context_identifiers == std::vector<std::uint32_t>{1});

    update = difference(two, with(R"("1": {"apn": "internet"})"), able());
    CHECK_FALSE(update.insert);
    CHECK(update.context_identifiers == std::vector<std::uint32_t>{2});

    // A name that moves would be there twice for a moment.
    update = difference(two, with(R"("1": {"apn": "ims"}, "3": {"apn": "internet"})"), able());
    CHECK(update.insert.value().apn_configuration_profile.value().all_included);
    CHECK(update.dsr_flags == 0);

    // To a node that knows no Delete-Subscriber-Data.
    auto stock = Node{};
    stock.whole_apn_profile = true;
    update = difference(two, only_second, stock);
    CHECK(update.dsr_flags == 0);
    CHECK(update.insert.value().apn_configuration_profile.value().all_included);
}

TEST_CASE("difference: the registration goes when the node may not serve any more") {
    const auto some = read(document_with(""));
    CHECK(difference(some, read("{}"), able()).cancel);
    CHECK(difference(some, read(document_with(R"("access_restriction": ["wb_eutran", "nb_iot"])")), able())
              .cancel);
    CHECK_FALSE(
        difference(some, read(document_with(R"("access_restriction": ["wb_eutran"])")), able()).cancel);
    auto strict = Node{};
    strict.odb_unsupported = subscription::OdbUnsupported::reject;
    CHECK(difference(some, read(document_with(R"("operator_determined_barring": ["all_packet_services"])")),
                     strict)
              .cancel);
}

TEST_CASE("difference: an MSISDN that goes is deleted where the node can, else the registration goes") {
    auto told = read(document_with(""));
    const auto now = told;
    told.data.msisdn = "49170";
    CHECK(difference(told, now, able()).dsr_flags == flag::msisdn);
    CHECK(difference(told, now, Node{}).cancel);
    CHECK(difference(now, told, Node{}).insert.value().msisdn == "49170");
}

TEST_CASE(
    "difference: PDP contexts go by context, or as a whole list when APNs are deleted in the same request") {
    const auto with = [](const std::string& apns, const std::string& contexts) {
        return read(R"({"ambr": {"uplink": 1, "downlink": 1}, "apns": {)" + apns + R"(}, "pdp_contexts": {)" +
                    contexts + "}}");
    };
    auto sgsn = able(s6a::Domain::sgsn);
    sgsn.gprs_wanted = true;
    const auto told =
        with(R"("1": {"apn": "a"}, "2": {"apn": "b"})", R"("1": {"apn": "a"}, "2": {"apn": "b"})");
    auto update =
        difference(told, with(R"("1": {"apn": "a"}, "2": {"apn": "b"})", R"("1": {"apn": "a"})"), sgsn);
    CHECK(update.dsr_flags == flag::pdp_contexts);
    update = difference(told, with(R"("1": {"apn": "a"})", R"("1": {"apn": "a"})"), sgsn);
    CHECK(update.dsr_flags == flag::pdn_subscription_contexts);
    CHECK(update.insert.value().gprs_subscription_data.value().all_included);
    update = difference(told,
                        read(R"({"pdp_contexts": {"1": {"apn": "a"}, "2": {"apn": "b"}},)"
                             R"( "ambr": {"uplink": 1, "downlink": 1}})"),
                        sgsn);
    CHECK(update.dsr_flags == flag::complete_apn_configuration_profile);
}
