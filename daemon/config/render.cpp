// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "config/config.h"
#include "config/table.h"

namespace bindhss::config {

namespace {

constexpr std::size_t columns = 110;

/// The text as comments, broken between words.
std::string comment(std::string_view text, const std::string& indent) {
    const auto lead = indent + "# ";
    std::string result;
    std::string line = lead;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (line.size() + end + 1 > columns && line != lead) {
            result += line + "\n";
            line = lead;
        }
        if (line != lead) line += ' ';
        line += text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result + line + "\n";
}

std::string example_of(std::string_view key) {
    if (key == "diameter.peers") return peers_example();
    if (key == "nodes") return nodes_example();
    if (key == "roaming.realms") return realms_example();
    if (key == "api.certificates") return api_certificates_example();
    if (key == "alarms.rules") return alarm_rules_example();
    return {};
}

std::string indent_of(std::string_view section) {
    const auto deep = section.empty() ? 0 : 1 + std::count(section.begin(), section.end(), '.');
    return std::string(static_cast<std::size_t>(deep) * 2, ' ');
}

/// The lines that open `section` where `open` is open: none when the one contains the other.
std::string heading(std::string_view open, std::string_view section, bool described) {
    if (section.empty() || open == section || open.starts_with(std::string(section) + ".")) return {};
    const auto dot = section.rfind('.');
    const auto above = dot == std::string_view::npos ? std::string_view() : section.substr(0, dot);
    const auto name = section.substr(dot == std::string_view::npos ? 0 : dot + 1);
    const auto indent = indent_of(above);
    auto text = heading(open, above, described);
    if (described) text += comment(describe_section(section), indent);
    return text + fmt::format("{}{}:\n", indent, name);
}

/// In a URI everything from the first ':' to the last '@' may be password: an unescaped '/' or '@' in it must
/// not bring its rest to light, rather too much is hidden.
void mask_authority(std::string& url) {
    const auto scheme = url.find("://");
    if (scheme == std::string::npos) return;
    const auto colon = url.find(':', scheme + 3);
    const auto at = url.rfind('@');
    if (colon == std::string::npos || at == std::string::npos || colon > at) return;
    url.replace(colon + 1, at - colon - 1, "***");
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

/// The end of a value of libpq's keyword form: quoted with '', or up to a blank, with backslashes in both.
std::size_t end_of_value(const std::string& url, std::size_t begin) {
    const bool uri = url.find("://") != std::string::npos;
    const bool quoted = !uri && begin < url.size() && url[begin] == '\'';
    std::size_t i = begin + (quoted ? 1 : 0);
    for (; i < url.size(); ++i) {
        if (uri ? url[i] == '&' : (quoted ? url[i] == '\'' : is_space(url[i]))) break;
        if (!uri && url[i] == '\\') ++i;
    }
    return std::min(i + (quoted ? 1 : 0), url.size());
}

/// "password = ..." and "sslpassword=...", as keyword or as parameter of a URI.
void mask_keyword(std::string& url) {
    static constexpr std::string_view word = "password";
    for (auto at = url.find(word); at != std::string::npos; at = url.find(word, at + 1)) {
        auto value = at + word.size();
        while (value < url.size() && is_space(url[value])) ++value;
        if (value >= url.size() || url[value] != '=') continue;
        ++value;
        while (value < url.size() && is_space(url[value])) ++value;
        url.replace(value, end_of_value(url, value) - value, "***");
        at = value;
    }
}

std::string shown(const Setting<Settings>& setting, const Settings& settings) {
    if (!setting.secret) return setting.write(settings);
    auto masked = settings;
    masked.database.url = masked_url(settings.database.url);
    return setting.write(masked);
}

}  // namespace

std::string masked_url(std::string_view url) {
    std::string masked(url);
    mask_authority(masked);
    mask_keyword(masked);
    return masked;
}

std::string render(const Settings& settings, const Origins& origins) {
    std::string text;
    std::string_view section;
    for (const auto& setting : table()) {
        text += heading(section, setting.section(), false);
        section = setting.section();
        const auto value = shown(setting, settings);
        const std::string_view blank = value.starts_with('\n') ? "" : " ";
        const auto origin = origins.find(setting.key);
        if (origin != origins.end()) text += fmt::format("{}# {}:\n", indent_of(section), origin->second);
        text += fmt::format("{}{}:{}{}\n", indent_of(section), setting.name(), blank, value);
    }
    return text;
}

std::string render_default_file() {
    const Settings defaults;
    std::string text = comment(
        "Configuration of bindhssd and bindhssctl. Every key stands here with its default; a key "
        "left out has its default too. Unknown keys are refused. Durations are written 500ms, "
        "30s, 10min or 1h. In brackets: what a value may be, and whether a change takes effect with a reload "
        "(systemctl reload bindhssd) or needs a restart. A variable of the environment goes before the file: "
        "BINDHSS_DIAMETER_IDENTITY is diameter.identity. The path of a file with certificates, keys or "
        "tokens "
        "may be credential:NAME, for LoadCredential=NAME:... of the unit.",
        "");
    std::string_view section;
    for (const auto& setting : table()) {
        text += "\n";
        text += heading(section, setting.section(), true);
        section = setting.section();
        const auto indent = indent_of(section);
        text += comment(fmt::format("{} [{}; {}]", setting.description, setting.type,
                                    setting.reloadable ? "reload" : "restart"),
                        indent);
        text += example_of(setting.key);
        text += fmt::format("{}{}: {}\n", indent, setting.name(), setting.write(defaults));
    }
    return text;
}

}  // namespace bindhss::config
