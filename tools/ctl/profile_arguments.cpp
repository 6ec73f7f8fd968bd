// SPDX-License-Identifier: Apache-2.0
#include "ctl/profile_arguments.h"

#include "ctl/profile_commands.h"

namespace bindhss::ctl {

namespace {

/// What the arguments are read into; the actions share it.
struct ProfileArguments {
    std::string name;
    std::string source;
    std::vector<std::string> assignments;
};

struct EditArguments {
    SubscriberEdit edit;
    std::string msisdn;
    std::string profile;
    std::string amf;
    std::string source;
    std::string barring;
    struct {
        CLI::Option* msisdn = nullptr;
        CLI::Option* profile = nullptr;
        CLI::Option* amf = nullptr;
        CLI::Option* source = nullptr;
        CLI::Option* barring = nullptr;
    } given;

    /// The edit, with the options that are there, be their values empty.
    [[nodiscard]] SubscriberEdit taken() const {
        const auto if_given = [](const CLI::Option* option, const std::string& value) {
            return option->count() > 0 ? std::optional(value) : std::nullopt;
        };
        auto result = edit;
        result.msisdn = if_given(given.msisdn, msisdn);
        result.profile = if_given(given.profile, profile);
        result.amf = if_given(given.amf, amf);
        result.override_source = if_given(given.source, source);
        result.barring = if_given(given.barring, barring);
        return result;
    }
};

constexpr const char* assignment_help =
    "Field and value, as apns.1.qci=8; 'field=' takes it out (see profile fields)";

}  // namespace

void add_profile_commands(CLI::App* profile, const AddCommand& add, const AddOffline& add_offline) {
    const auto arguments = std::make_shared<ProfileArguments>();
    add(profile, "list", "List profiles", list_profiles);
    auto* show = add(profile, "show", "Show the document of a profile",
                     [arguments](Context& c) { show_profile(c, arguments->name); });
    auto* set = add(profile, "set", "Add a profile, or replace its document; the nodes are told what changed",
                    [arguments](Context& c) { put_profile(c, arguments->name, arguments->source); });
    auto* edit = add(profile, "edit", "Change some fields of a profile",
                     [arguments](Context& c) { edit_profile(c, arguments->name, arguments->assignments); });
    auto* remove = add(profile, "remove", "Remove a profile that no subscriber has",
                       [arguments](Context& c) { remove_profile(c, arguments->name); });
    add_offline(profile, "fields", "List the fields that a document may have", list_profile_fields);
    for (auto* sub : {show, set, edit, remove})
        sub->add_option("name", arguments->name, "Name of the profile")->required();
    set->add_option("document", arguments->source, "JSON, a file with it, or '-' for standard input")
        ->required();
    edit->add_option("assignments", arguments->assignments, assignment_help)->required();
}

void add_subscription_commands(CLI::App* subscriber, const AddCommand& add) {
    const auto arguments = std::make_shared<EditArguments>();
    auto* set = add(subscriber, "set", "Change what is given of a subscriber, and nothing else",
                    [arguments](Context& c) { edit_subscriber(c, arguments->taken()); });
    auto& given = arguments->given;
    set->add_option("imsi", arguments->edit.imsi, "IMSI")->required();
    given.msisdn = set->add_option("--msisdn", arguments->msisdn, "Telephone number; '': none");
    given.profile = set->add_option("--profile", arguments->profile, "Subscription profile");
    given.amf = set->add_option("--amf", arguments->amf, "Authentication management field");
    given.source = set->add_option("--override", arguments->source,
                                   "What differs from the profile: JSON, a file with it, '-'; '': nothing");
    given.barring =
        set->add_option("--odb", arguments->barring,
                        "What is barred, names with commas between; none: nothing; '': as the profile says");
    set->add_option("assignments", arguments->edit.assignments, assignment_help);
    const auto imsi = std::make_shared<std::string>();
    auto* remove = add(subscriber, "remove", "Remove a subscriber; its nodes are told",
                       [imsi](Context& c) { remove_subscriber(c, *imsi); });
    auto* subscription = add(subscriber, "subscription", "Show profile and override of a subscriber together",
                             [imsi](Context& c) { show_subscription(c, *imsi); });
    for (auto* sub : {remove, subscription}) sub->add_option("imsi", *imsi, "IMSI")->required();
}

}  // namespace bindhss::ctl
