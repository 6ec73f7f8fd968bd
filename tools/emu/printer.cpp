// SPDX-License-Identifier: Apache-2.0
#include "emu/printer.h"

#include <fmt/format.h>

namespace bindhss::emu {
namespace {

constexpr const char* bold = "\033[1m";
constexpr const char* green = "\033[32m";
constexpr const char* red = "\033[31m";
constexpr const char* faint = "\033[2m";

/// Text from the HSS (APNs, error messages) must not be able to steer the terminal.
std::string printable(std::string text) {
    for (auto& character : text) {
        if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = '?';
    }
    return text;
}

}  // namespace

std::string Printer::painted(const char* code, const std::string& text) const {
    return colour_ ? code + text + "\033[0m" : text;
}

void Printer::step(std::size_t number, const std::string& title) {
    out_ << '\n' << painted(bold, fmt::format("{}. {}", number, printable(title))) << '\n';
}

void Printer::event(const Event& event) {
    const auto way = event.to.empty() ? event.from : fmt::format("{} -> {}", event.from, event.to);
    std::string fields;
    for (const auto& [key, value] : event.fields) {
        fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", key, printable(value));
    }
    auto message = fmt::format("{:<44}", printable(event.message));
    if (event.kind == Event::Kind::success) message = painted(green, message);
    if (event.kind == Event::Kind::failure) message = painted(red, message);
    auto line = fmt::format("   {:<16} {} {}", way, message, painted(faint, fields));
    line.erase(line.find_last_not_of(' ') + 1);
    out_ << line << '\n' << std::flush;
}

void Printer::table(const std::vector<StepReport>& reports) {
    std::size_t title = 4;
    std::size_t expected = 8;
    for (const auto& report : reports) {
        title = std::max(title, report.title.size());
        expected = std::max(expected, report.expected.size());
    }
    out_ << '\n'
         << painted(bold,
                    fmt::format("      {:<{}}  {:<{}}  {}", "step", title, "expected", expected, "came"));
    out_ << '\n';
    for (const auto& report : reports) {
        const auto verdict = report.as_expected ? painted(green, "ok  ") : painted(red, "FAIL");
        out_ << fmt::format(" {} {:<{}}  {:<{}}  {}\n", verdict, printable(report.title), title,
                            report.expected, expected, printable(report.came));
    }
    out_ << std::flush;
}

}  // namespace bindhss::emu
