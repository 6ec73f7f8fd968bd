// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_state.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace bindhss::ctl {

namespace {

constexpr std::string_view first_word = "bindhss-import";

std::string environment(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody changes it
    return value == nullptr ? std::string() : std::string(value);
}

std::string new_name(Random& random) {
    Octets<16> octets{};
    random.fill(octets);
    return to_hex(octets);
}

}  // namespace

std::string state_folder() {
    const auto state = environment("XDG_STATE_HOME");
    if (state.starts_with('/')) return state + "/bindhss";
    const auto home = environment("HOME");
    return home.starts_with('/') ? home + "/.local/state/bindhss" : std::string();
}

ImportState::ImportState(const Octets<32>& import, bool restart, Random& random) {
    const auto folder = state_folder();
    std::error_code error;
    if (!folder.empty()) std::filesystem::create_directories(folder, error);
    constexpr std::size_t name_octets = 16;
    if (!folder.empty() && !error) path_ = folder + "/import-" + to_hex(OctetView(import).first(name_octets));
    if (restart || !load()) begin_anew(random);
    if (folder.empty()) {
        trouble_ = "there is neither $XDG_STATE_HOME nor $HOME";
    } else if (error) {
        trouble_ = folder + " cannot be made: " + error.message();
    } else if (!keep()) {
        trouble_ = folder + " cannot be written: " + std::strerror(errno);
    } else if (done_ == 0) {
        remove();  // that was to see whether it can be
    }
}

bool ImportState::load() {
    if (path_.empty()) return false;
    std::ifstream file(path_);
    std::string word;
    std::string run;
    std::uint64_t done = 0;
    constexpr std::size_t run_digits = 32;
    if (!(file >> word >> run >> done) || word != first_word || run.size() != run_digits) return false;
    if (!from_hex(run)) return false;
    run_ = run;
    done_ = done;
    return true;
}

void ImportState::begin_anew(Random& random) {
    run_ = new_name(random);
    done_ = 0;
    remove();
}

void ImportState::advance(std::uint64_t done) {
    done_ = done;
    // One that could be kept at first and now cannot: the import would begin further back, and store the
    // same once more.
    if (trouble_.empty()) static_cast<void>(keep());
}

/// false: errno says why not.
bool ImportState::keep() {
    const auto beside = path_ + ".new";
    {
        std::ofstream file(beside, std::ios::trunc);
        file << first_word << ' ' << run_ << ' ' << done_ << '\n';
        if (!file.flush()) return false;
    }
    return std::rename(beside.c_str(), path_.c_str()) == 0;
}

void ImportState::remove() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace bindhss::ctl
