// SPDX-License-Identifier: Apache-2.0
// The world with MMEs and SGSNs that say more than an attach needs.
#pragma once

#include "procedure/node_requests.h"
#include "world.h"

namespace bindhss::test {

struct NodesWorld : World {
    const ServingNode sgsn1{"sgsn1.example.org", "example.org"};
    const ServingNode sgsn2{"sgsn2.example.org", "example.org"};
    const ServingNode combined{"combined.example.org", "example.org"};
    SubscriptionData data = default_data();

    static SubscriptionData default_data() {
        SubscriptionData result;
        result.network_access_mode = NetworkAccessMode::only_packet;
        result.subscriber_status = SubscriberStatus::service_granted;
        result.ambr = Ambr{1'000'000, 2'000'000};
        ApnConfiguration apn;
        apn.service_selection = "internet";
        result.apn_configuration_profile = ApnConfigurationProfile{};
        result.apn_configuration_profile->apns = {apn};
        return result;
    }

    void put_data() { store.put_profile("default", data); }
    void add_gprs() {
        PdpContext context;
        context.service_selection = "internet";
        context.qos_subscribed = {1, 2, 3};
        data.gprs_subscription_data = GprsSubscriptionData{};
        data.gprs_subscription_data->contexts = {context};
    }

    [[nodiscard]] s6a::UpdateLocationRequest ulr_of_mme(const ServingNode& from) const {
        s6a::UpdateLocationRequest request{imsi, from, plmn};
        request.terminal_information = TerminalInformation{own, "01", false};
        return request;
    }
    [[nodiscard]] s6a::UpdateLocationRequest ulr_of_sgsn(const ServingNode& from) const {
        auto request = ulr_of_mme(from);
        request.flags.s6a_indicator = false;
        request.rat_type = s6a::RatType::utran;
        return request;
    }
    Result<s6a::UpdateLocationAnswer> update(s6a::UpdateLocationRequest request) {
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::UpdateLocationAnswer>(*answer);
    }
    Result<s6a::PurgeUeAnswer> purge(s6a::PurgeUeRequest request) {
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::PurgeUeAnswer>(*answer);
    }
    Result<s6a::NotifyAnswer> notify(s6a::NotifyRequest request) {
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::NotifyAnswer>(*answer);
    }

    template <class T>
    T run(boost::asio::awaitable<T> work) {
        boost::asio::io_context io;
        std::optional<T> result;
        boost::asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& failed, T value) {
            if (failed) std::rethrow_exception(failed);
            result = std::move(value);
        });
        io.run();
        return std::move(*result);
    }
    void run(boost::asio::awaitable<void> work) {
        boost::asio::io_context io;
        boost::asio::co_spawn(io, std::move(work), [](const std::exception_ptr& failed) {
            if (failed) std::rethrow_exception(failed);
        });
        io.run();
    }

    store::SubscriberView view(const ServingNode& node) {
        return run(store.load_subscriber(imsi, node, std::nullopt)).value();
    }
    store::Registrations registrations() {
        return run(store.load_subscriber(imsi, mme1, std::nullopt)).value().registrations;
    }
    std::vector<store::NodeRequest> requests_due() {
        return run(store.take_requests({clock.now(), std::chrono::seconds(30), 100})).value();
    }
};

}  // namespace bindhss::test
