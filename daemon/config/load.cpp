// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "config/config.h"
#include "config/mapping.h"

namespace bindhss::config {

namespace {

/// What a peer's entry leaves to the rest of the file.
void complete(DiameterSettings& diameter) {
    for (auto& peer : diameter.peers) {
        const bool tcp = peer.transport == Transport::tcp;
        if (peer.realm.empty()) peer.realm = diameter.realm;
        if (!peer.connect) continue;
        if (peer.connect->port == 0) peer.connect->port = tcp ? port_tcp : port_tls;
        // Where we find it is where it may come from.
        if (tcp && peer.addresses.empty() && is_address(peer.connect->host))
            peer.addresses.push_back(peer.connect->host);
    }
}

/// What no single key can tell.
void check_together(const Settings& settings, const YAML::Node& root, Problems& problems) {
    const auto refuse = [&](const std::string& key, std::string text) {
        problems.add(line_of(root, key), key, std::move(text));
    };
    const auto& authentication = settings.authentication;
    if ((authentication.amf_pre_processed_mask & authentication.amf_generation_mask) != 0) {
        refuse("authentication.amf_generation_mask",
               "shares bits with authentication.amf_pre_processed_mask");
    }
    if (!embedded(settings) && settings.keys.file.empty())
        refuse("database.url", "needs keys.file: every daemon on one database uses the same keys");
    if (settings.state_directory.empty()) refuse("state_directory", "may not be empty");
    if (embedded(settings) && settings.database.embedded_binaries.empty())
        refuse("database.embedded_binaries", "may not be empty");
    if (embedded(settings) && !settings.database.password_file.empty())
        refuse("database.password_file", "needs database.url: the embedded database has no password");
    if (!settings.database.password_file.empty() &&
        masked_url(settings.database.url) != settings.database.url)
        refuse("database.password_file", "and a password in database.url: which of them?");
    const auto& peers = settings.diameter.peers;
    if (settings.diameter.listen.empty() && settings.diameter.tls.listen.empty() &&
        std::none_of(peers.begin(), peers.end(),
                     [](const PeerSettings& peer) { return peer.connect.has_value(); }))
        refuse("diameter.listen", "is empty and no peer has connect: nobody could ever reach this HSS");
    check_tls(settings, root, problems);
    check_alarms(settings, root, problems);
    check_provisioning(settings, root, problems);
    check_api(settings, root, problems);
}

/// Follows a document without keeping anything of it.
class Ignore final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

/// Is there anything behind the first document? YAML::Load would pass over it in silence, and YAML::LoadAll
/// of 0.7 never returns from a text such as ",a:".
bool has_more(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Ignore ignore;
    return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
}

YAML::Node parse_yaml(const std::string& text, const std::string& name) {
    try {
        if (has_more(text)) {
            throw Error(
                fmt::format("{}: holds more than one document: a stray '---', ',' or bracket?", name));
        }
        return YAML::Load(text);
    } catch (const YAML::Exception& error) {
        throw Error(fmt::format("{}:{}: is not YAML: {}", name, error.mark.line + 1, error.msg));
    }
}

}  // namespace

std::optional<int> line_of_value(const YAML::Node& node, std::string_view key) {
    const auto dot = key.find('.');
    if (!node.IsMap()) return std::nullopt;
    for (const auto& entry : node) {
        if (!entry.first.IsScalar() || entry.first.Scalar() != key.substr(0, dot)) continue;
        if (dot == std::string_view::npos) return entry.first.Mark().line + 1;
        return line_of_value(entry.second, key.substr(dot + 1));
    }
    return std::nullopt;
}

int line_of(const YAML::Node& node, std::string_view key, int otherwise) {
    const auto dot = key.find('.');
    const auto name = key.substr(0, dot);
    if (!node.IsMap()) return otherwise;
    for (const auto& entry : node) {
        if (!entry.first.IsScalar() || entry.first.Scalar() != name) continue;
        const auto line = entry.first.Mark().line + 1;
        return dot == std::string_view::npos ? line : line_of(entry.second, key.substr(dot + 1), line);
    }
    return otherwise;
}

const std::string* Problems::variable_for(const Problem& problem) const {
    const auto found = variables_.find(std::string_view(problem.key).substr(0, problem.key.find('[')));
    return found == variables_.end() ? nullptr : &found->second;
}

std::string Problems::str(const std::string& name) const {
    std::vector<std::pair<const Problem*, const std::string*>> sorted;
    for (const auto& problem : list_) sorted.emplace_back(&problem, variable_for(problem));
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        const auto line = [](const auto& entry) {
            return entry.second != nullptr ? std::numeric_limits<int>::max() : entry.first->line;
        };
        return line(a) < line(b);
    });
    std::string text;
    for (const auto& [problem, variable] : sorted) {
        if (!text.empty()) text += '\n';
        if (variable == nullptr) {
            text += fmt::format("{}:{}: {}: {}", name, problem->line, problem->key, problem->text);
        } else if (*variable == problem->key) {
            text += fmt::format("{}: {}", *variable, problem->text);
        } else {
            text += fmt::format("{}: {}: {}", *variable, problem->key, problem->text);
        }
    }
    return text;
}

namespace {

Origins origins_of(const YAML::Node& root, const std::string& name) {
    Origins origins;
    for (const auto& setting : table()) {
        if (const auto line = line_of_value(root, setting.key))
            origins[std::string(setting.key)] = fmt::format("{}:{}", name, *line);
    }
    return origins;
}

}  // namespace

Loaded parse(const std::string& text, const std::string& name, const Source& source) {
    const auto root = parse_yaml(text, name);
    Loaded loaded;
    auto& settings = loaded.settings;
    Problems problems;
    if (root.IsMap()) {
        read_section(settings, root, table(), "", "", problems);
        loaded.origins = origins_of(root, name);
    } else if (!root.IsNull()) {
        throw Error(fmt::format("{}:1: is not a configuration: it has keys, such as 'threads: 2'", name));
    }
    read_environment(settings, source, loaded.origins, problems);
    // Only when each key is good: a bad value kept its default, and what follows from that is not the
    // operator's fault.
    if (problems.empty()) {
        complete(settings.diameter);
        check_together(settings, root, problems);
    }
    if (!problems.empty()) throw Error(problems.str(name));
    return loaded;
}

Settings parse(const std::string& text, const std::string& name) {
    return parse(text, name, Source{}).settings;
}

namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    // Of an empty file there is nothing to copy, which a stream takes for a failure.
    if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
    if (!file.is_open() || file.bad() || !text)
        throw Error(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    return text.str();
}

}  // namespace

Settings load(const std::string& path) {
    return parse(text_of(path), path);
}

Loaded load(const Source& source) {
    const auto text = text_of(source.file);
    auto loaded = parse(text, source.file, source);
    Problems problems;
    for (const auto& variable : source.environment) {
        for (const auto& [key, origin] : loaded.origins)
            if (origin == variable.name) problems.comes_from(key, origin);
    }
    put_credentials(loaded.settings, source, YAML::Load(text), problems);
    if (!problems.empty()) throw Error(problems.str(source.file));
    return loaded;
}

Settings load_beside(const Source& source) {
    const auto text = source.file.empty() ? std::string() : text_of(source.file);
    return parse(text, source.file, source).settings;
}

std::string keys_file(const Settings& settings) {
    return settings.keys.file.empty() ? settings.state_directory + "/keys" : settings.keys.file;
}

}  // namespace bindhss::config
