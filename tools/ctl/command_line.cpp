// SPDX-License-Identifier: Apache-2.0
#include "ctl/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>

#include "ctl/alarm_commands.h"
#include "ctl/argument_errors.h"
#include "ctl/binding_commands.h"
#include "ctl/caller.h"
#include "ctl/daemon_commands.h"
#include "ctl/device_key_commands.h"
#include "ctl/equipment.h"
#include "ctl/group_commands.h"
#include "ctl/import_command.h"
#include "ctl/kme_commands.h"
#include "ctl/list_commands.h"
#include "ctl/node_commands.h"
#include "ctl/profile_arguments.h"
#include "ctl/reevaluate.h"
#include "ctl/report_commands.h"
#include "ctl/rule_commands.h"
#include "ctl/terms_commands.h"
#include "ctl/top.h"
#include "ctl/trace.h"
#include "ctl/watch.h"
#include "records/convert.h"
#include "store/names.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

constexpr const char* watch_default = "2";

/// Commands that show something may be watched.
bool is_showing(const std::string& name) {
    constexpr std::array<std::string_view, 9> names{
        "show", "list", "peers", "status", "subscription", "devices", "uiccs", "enforcement", "test"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// As the daemon makes them of its configuration.
binding::JudgeSettings judge_settings(const config::BindingSettings& settings) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    binding::JudgeSettings judge;
    judge.evidence_window = duration_cast<seconds>(settings.evidence_window);
    judge.regular_vector_open = duration_cast<seconds>(settings.regular_vector_open);
    judge.authenticated_within = duration_cast<seconds>(settings.authenticated_within);
    judge.imei_absent_allowed_monitor = settings.imei_absent_monitor == config::ImeiAbsent::allow;
    judge.imei_absent_allowed_enforce = settings.imei_absent_enforce == config::ImeiAbsent::allow;
    return judge;
}

/// The arguments of all commands, and the command that was chosen.
class CommandLine {
  public:
    explicit CommandLine(Streams& io) : io_(io) {
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.footer(
            "Exit code: 0 done, 1 refused, 2 wrong arguments, 3 the API or the database cannot be reached.\n"
            "Keys on a command line can be seen by other users (ps): give '-' to be asked on standard input, "
            "or a file.");
        app_.set_version_flag("--version", "bindhssctl " BINDHSS_VERSION);
        connection_.add_to(app_);
        auto* json = app_.add_flag("--json", json_, "The same as --output json");
        app_.add_option("--output", output_, "table for people (default), json for programs, csv")
            ->check(CLI::IsMember({"table", "json", "csv"}))
            ->excludes(json);
        app_.add_option("--limit", limit_, "Rows that a list may have")
            ->default_val(1000)
            ->check(CLI::Range(1, 1'000'000));
        add_subscriber();
        add_profile();
        add_device();
        add_kme();
        add_binding();
        add_rules();
        add_equipment();
        add_lists();
        add_import_command(&app_, as_command(), dry_run_,
                           [this](std::function<void(Context&)> action) { action_ = std::move(action); });
        add_reset_command(&app_, as_command());
        add_daemon();
    }

    void parse(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());
        app_.parse(std::move(arguments));
        connection_.check();
    }

    int exit(const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            app_.exit(error, io_.out, io_.err);
            return done;
        }
        io_.err << "bindhssctl: " << text_of(app_, error) << " (see bindhssctl --help)\n";
        return usage;
    }

    Target target() const { return connection_.target(); }

    /// Runs a command that needs no API; false: it needs one.
    bool execute_offline() {
        if (!offline_) return false;
        offline_(io_, form() == Form::json);
        if (!io_.out.flush()) throw Refused("the output cannot be written");
        return true;
    }

    void execute(const Stores& stores, const config::Settings& settings) {
        const bool json = form() == Form::json;
        Context context{*stores.provisioning, *stores.device_keys, io_, json, limit_, dry_run_, caller()};
        context.judge = judge_settings(settings.binding);
        context.form = form();
        context.api = stores.api.get();
        stores.provisioning->act_as(context.who);
        stores.device_keys->act_as(context.who);
        if (const auto seconds = watch_seconds()) watch(context, *seconds, action_);
        action_(context);
        if (!io_.out.flush()) throw Refused("the output cannot be written");
    }

    /// The doctor looks after what keeps the others from working.
    std::optional<int> execute_doctor(const LookAtDatabase& database) {
        if (!doctor_) return std::nullopt;
        const auto code = run_doctor(connection_, io_, form() == Form::json, database);
        if (!io_.out.flush()) throw Refused("the output cannot be written");
        return code;
    }

    /// Keys are read before the API is asked.
    void prepare() {
        for (const auto& [field, path] : key_files_)
            if (!path.empty()) set_key(field, read_key_file(path));
        for (auto& [field, value] : values_)
            if (value == "-" && is_secret(field)) set_key(field, next_line());
    }

  private:
    CLI::App* command(CLI::App* parent, const std::string& name, const std::string& help,
                      std::function<void(Context&)> action) {
        auto* sub = parent->add_subcommand(name, help);
        sub->callback([this, action = std::move(action)] { action_ = action; });
        if (is_showing(name)) {
            sub->add_option("--watch", watch_, "Again and again, every so many SECONDS (default 2)")
                ->expected(0, 1)
                ->type_name("SECONDS");
            watched_.push_back(sub->get_option("--watch"));
        }
        return sub;
    }
    /// One that stores something.
    CLI::App* storing(CLI::App* parent, const std::string& name, const std::string& help,
                      std::function<void(Context&)> action) {
        auto* sub = command(parent, name, help, std::move(action));
        sub->add_flag("--dry-run", dry_run_, "Check everything, store nothing");
        return sub;
    }
    AddCommands as_commands() {
        return {as_command(), [this](CLI::App* parent, const std::string& name, const std::string& help,
                                     std::function<void(Context&)> action) {
                    return storing(parent, name, help, std::move(action));
                }};
    }
    CLI::App* group(const std::string& name, const std::string& help) {
        auto* sub = app_.add_subcommand(name, help);
        sub->require_subcommand(1);
        return sub;
    }
    CLI::Option* field(CLI::App* sub, const std::string& option, const std::string& name,
                       const std::string& help) {
        auto* added = sub->add_option(option, values_[name], help);
        options_.emplace(name, added);
        return added;
    }
    void secret(CLI::App* sub, const std::string& option, const std::string& name, const std::string& help) {
        auto* value = field(sub, option, name, help + " in hexadecimal; '-': from standard input");
        const auto file = option.substr(0, option.find(',')) + "-file";
        sub->add_option(file, key_files_[name], help + " in a file")->excludes(value);
    }

    /// Is the option there, be its value empty?
    [[nodiscard]] bool given(const std::string& name) const {
        const auto [begin, end] = options_.equal_range(name);
        return std::any_of(begin, end, [](const auto& entry) { return entry.second->count() > 0; });
    }

    std::function<void(Context&)> put_action(Kind kind, std::vector<std::string> names) {
        return [this, kind, names = std::move(names)](Context& context) {
            Record record{kind, 0, {}};
            for (const auto& name : names)
                if (const auto& value = values_[name]; !value.empty()) {
                    record.fields[name] = {{value}, 0};
                } else if (given(name)) {
                    record.fields[name] = {};
                }
            if (kind == Kind::binding && !devices_.empty()) record.fields["devices"] = {devices_, 0};
            put(context, record);
        };
    }

    void add_subscriber() {
        auto* parent = group("subscriber", "Subscribers and their cards");
        auto* add = storing(parent, "add", "Add a subscriber, or change what is given of one",
                            put_action(Kind::subscriber, {fields_of(Kind::subscriber).begin(),
                                                          fields_of(Kind::subscriber).end()}));
        field(add, "imsi", "imsi", "IMSI")->required();
        secret(add, "--k,k", "k", "K");
        secret(add, "--opc,opc", "opc", "OPc");
        secret(add, "--op", "op", "OP");
        field(add, "--algorithm", "algorithm", "milenage (default), tuak, or xor for test cards");
        secret(add, "--topc", "topc", "TOPc of TUAK");
        secret(add, "--top", "top", "TOP of TUAK");
        field(add, "--tuak-iterations", "tuak_iterations", "Keccak permutations of TUAK (default 1)");
        field(add, "--res-octets", "res_octets",
              "Octets of RES: 4, 8 or 16 with TUAK, 4 to 16 with xor (default 8)");
        add->add_flag_callback(
            "--sim", [this] { values_["sim"] = "yes"; }, "The card is a 2G SIM: triplets only");
        field(add, "--amf", "amf", "Authentication management field, 4 hexadecimal digits (default 8000)");
        field(add, "--msisdn", "msisdn", "Telephone number");
        field(add, "--override", "override", "What differs from the profile, JSON");
        field(add, "--profile", "profile", "Subscription profile (default: default)");
        field(add, "--seq", "seq", "SEQ to begin after, for a card that another HSS served");
        auto* show = command(parent, "show", "Show a subscriber",
                             [this](Context& c) { show_subscriber(c, values_["imsi"]); });
        field(show, "imsi", "imsi", "IMSI")->required();
        add_subscriber_list(parent, as_commands());
        add_subscription_commands(parent, as_command());
        add_detach_commands(parent, as_command());
    }

    void add_profile() {
        add_profile_commands(group("profile", "What subscribers share"), as_command(), as_offline_command());
    }

    AddOffline as_offline_command() {
        return [this](CLI::App* parent, const std::string& name, const std::string& help,
                      std::function<void(Streams&, bool)> action) {
            auto* sub = parent->add_subcommand(name, help);
            sub->callback([this, action = std::move(action)] { offline_ = action; });
            return sub;
        };
    }
    AddCommand as_command() {
        return [this](CLI::App* parent, const std::string& name, const std::string& help,
                      std::function<void(Context&)> action) {
            return command(parent, name, help, std::move(action));
        };
    }

    void add_device() {
        auto* parent = group("device", "Devices and device groups");
        auto* add = storing(parent, "add", "Add devices, or change what is given",
                            put_action(Kind::device, {"imei", "group", "comment", "uiccs_max"}));
        field(add, "imei", "imei", "IMEI, TAC (8 digits) or range (IMEI-IMEI)")->required();
        field(add, "--group", "group", "Device group; made by its first member; '': none");
        field(add, "--comment", "comment", "Anything");
        field(add, "--uiccs-max", "uiccs_max", "UICCs that one of them may carry at once; '': any number");
        add->alias("set");
        add_device_list(parent, as_commands());
    }

    void add_kme() {
        auto* parent = group("kme", "Device keys");
        auto* set = storing(parent, "set", "Set a key of a device or group",
                            put_action(Kind::kme, {"imei", "group", "kme", "generation"}));
        field(set, "imei", "imei", "IMEI of the device");
        field(set, "--group", "group", "Device group, instead of an IMEI");
        secret(set, "--key", "kme", "The key (32 or 64 digits)");
        field(set, "--generation", "generation",
              "0, the factory key, is the default; a higher one takes over");
        add_kme_commands(parent, as_commands());
        add_renew_command(parent, as_commands());
        add_device_key_commands(group("device-key", "Public keys of devices, for which keys are sealed"),
                                as_commands());
        add_exchange_commands(group("exchange", "Keys on their way to devices"), as_commands());
    }

    void add_binding() {
        auto* parent = group("binding", "Which devices a subscriber may use");
        auto* set = storing(parent, "set", "Set the binding of a subscriber, all of it",
                            put_action(Kind::binding, {"imsi", "policy", "group", "terms"}));
        field(set, "imsi", "imsi", "IMSI")->required();
        auto* policy = field(set, "--policy", "policy",
                             "off, imei_monitor, imei_enforce, kme, kme+imei; inherit: of its groups");
        field(set, "--terms", "terms", "Terms instead of a policy (terms list)")->excludes(policy);
        set->add_option("--device", devices_, "Authorised IMEI, TAC or range; several times")
            ->allow_extra_args(false);
        field(set, "--group", "group", "Device group that is authorised and gives its key");
        add_binding_commands(parent, as_commands());
        add_reevaluate_command(parent, as_commands());
    }

    void add_rules() {
        add_terms_commands(group("terms", "What is laid down for bindings, by name"), as_commands());
        add_group_commands(group("group", "Subscription groups"), as_commands());
        add_rule_commands(group("rule", "Who may use which device"), as_commands());
        add_approval_commands(group("approval", "Devices that wait for the operator"), as_commands());
        add_model_commands(group("model", "What is known of device models"), as_commands());
        add_report_commands(group("report", "What was seen, and what enforcement would do"), as_commands());
    }

    void add_equipment() {
        auto* parent = group("equipment", "The equipment register, which MMEs ask over S13");
        auto* set = storing(parent, "set", "List devices, or take them off the list",
                            put_action(Kind::equipment, {"imei", "svn", "status", "comment"}));
        field(set, "imei", "imei", "IMEI, TAC (8 digits) or range (IMEI-IMEI)")->required();
        field(set, "--status", "status", "white, grey, black, none")->required();
        field(set, "--svn", "svn", "Only with this software version, two digits");
        field(set, "--comment", "comment", "Anything");
        auto* show = command(parent, "show", "Show which entry decides on a device",
                             [this](Context& c) { show_equipment(c, values_["imei"], values_["svn"]); });
        field(show, "imei", "imei", "IMEI, or with 16 digits IMEI and software version")->required();
        field(show, "--svn", "svn", "Software version of the device, two digits");
        command(parent, "list", "List the entries", list_equipment);
    }

    void add_lists() {
        add_registration_list(group("registration", "Who is registered where"), as_commands());
        add_alarm_commands(group("alarm", "What went wrong"), as_commands());
        add_audit_list(group("audit", "Who changed what"), as_commands());
    }

    void add_daemon() {
        add_daemon_commands(&app_, as_command());
        add_top_command(&app_, as_command());
        add_trace_command(&app_, as_command());
        add_token_commands(group("token", "Who may use the API"), as_offline_command());
        app_.add_subcommand("doctor", "Look for what is wrong here, and tell how to mend it")
            ->callback([this] { doctor_ = true; });
    }

    [[nodiscard]] Form form() const {
        if (json_ || output_ == "json") return Form::json;
        return output_ == "csv" ? Form::csv : Form::table;
    }
    /// Nothing: once.
    [[nodiscard]] std::optional<int> watch_seconds() const {
        const bool watched =
            std::any_of(watched_.begin(), watched_.end(), [](const auto* each) { return each->count() > 0; });
        if (!watched) return std::nullopt;
        const std::string text = watch_.empty() || watch_.front().empty() ? watch_default : watch_.front();
        int seconds = 0;
        const auto* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, seconds);
        if (error != std::errc() || stop != end || seconds < 1 || seconds > limits::ctl_watch_seconds_max)
            throw Refused("--watch " + shown(text) + " is not 1 to " +
                          std::to_string(limits::ctl_watch_seconds_max) + " seconds");
        return seconds;
    }

    static std::string trimmed(const std::string& text) {
        const auto begin = text.find_first_not_of(" \t\r\n");
        if (begin == std::string::npos) return {};
        return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
    }
    std::string read_key_file(const std::string& path) {
        try {
            return trimmed(read_whole(path, io_));
        } catch (const Refused& error) {
            throw Refused((store::may_hold_key(path) ? "the file" : path) + " " + error.what());
        }
    }
    std::string next_line() {
        std::string line;
        std::getline(io_.in, line);
        return trimmed(line);
    }
    void set_key(const std::string& name, std::string key) {
        if (key.empty()) throw Refused("the input for " + name + " is empty");
        values_[name] = std::move(key);
    }

    Streams& io_;
    CLI::App app_{"Operates a BindHSS over its API", "bindhssctl"};
    ConnectionOptions connection_;
    bool json_ = false;
    std::string output_;
    std::vector<std::string> watch_;
    std::vector<CLI::Option*> watched_;
    std::size_t limit_ = 1'000;
    std::map<std::string, std::string> values_;         ///< by field of a record
    std::multimap<std::string, CLI::Option*> options_;  ///< the same
    std::map<std::string, std::string> key_files_;      ///< the same
    std::vector<std::string> devices_;
    bool dry_run_ = false;
    bool doctor_ = false;
    std::function<void(Context&)> action_;
    std::function<void(Streams&, bool)> offline_;  ///< instead, for a command without the API
};

}  // namespace

int run(const std::vector<std::string>& arguments, Streams io, const Open& open,
        const LookAtDatabase& database) {
    CommandLine line(io);
    try {
        line.parse(arguments);
    } catch (const CLI::ParseError& error) {
        return line.exit(error);
    }
    try {
        if (line.execute_offline()) return done;
        if (const auto code = line.execute_doctor(database)) return *code;
        const auto target = line.target();
        line.prepare();
        const auto stores = open(target);
        line.execute(stores, target.settings);
        return done;
    } catch (const store::Unavailable& error) {
        io.err << "bindhssctl: " << error.what() << '\n';
        return unavailable;
    } catch (const std::exception& error) {
        io.err << "bindhssctl: " << error.what() << '\n';
        return refused;
    }
}

}  // namespace bindhss::ctl
