// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>

#include "diameter_dict/wireshark.h"

int main(int argc, char** argv) {
    CLI::App app("Dictionaries of BindHSS's own Diameter AVPs", "bindhss-dict");
    app.set_version_flag("--version", BINDHSS_VERSION);
    app.require_subcommand(1);
    std::uint32_t vendor = bindhss::diameter_dict::wireshark_vendor_default;
    auto* wireshark = app.add_subcommand(
        "wireshark", "Write the KME AVPs as an XML dictionary: for Wireshark's diameter/Custom.xml");
    wireshark->add_option("--vendor", vendor, "The Vendor-Id that the AVPs are sent with")
        ->check(CLI::Range(1U, 0xffff'fffeU))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    bindhss::diameter_dict::write_wireshark(std::cout, vendor);
    std::cout.flush();
    return std::cout ? 0 : 1;
}
