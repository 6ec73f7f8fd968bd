// SPDX-License-Identifier: Apache-2.0
// The daemon itself, as a process with a database of its own and the demo's fleet.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace bindhss::test {

/// A folder that goes with its files.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        if (mkdtemp(path_.data()) == nullptr || chmod(path_.c_str(), 0711) != 0)
            throw std::runtime_error("cannot make a temporary folder");
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string path(const std::string& file) const { return path_ + "/" + file; }

  private:
    std::string path_ = "/tmp/bindhss-wire-XXXXXX";
};

/// hss.example, which mme.example, mme2.example and evil.example may connect to from this machine. Ended and
/// removed with it. One thread.
class DaemonProcess {
  public:
    /// `more`: further sections of its configuration.
    explicit DaemonProcess(const std::string& more = {}, const std::string& identity = "hss.example") {
        std::ofstream(config()) << more << "state_directory: " << folder_.path("state") << "\n"
                                << "log: {file: " << log_file() << "}\n"
                                << "diameter:\n  identity: " << identity << "\n  realm: example\n"
                                << "  listen: [\"127.0.0.1:0\"]\n"
                                << "  peers:\n"
                                << "    - {identity: mme.example, transport: tcp, addresses: [127.0.0.1]}\n"
                                << "    - {identity: mme2.example, transport: tcp, addresses: [127.0.0.1]}\n"
                                << "    - {identity: evil.example, transport: tcp, addresses: [127.0.0.1]}\n";
        start();
        const auto files = std::string(BINDHSS_SOURCE_DIR "/config/demo/");
        (void)ctl("import " + files + "subscribers.csv " + files + "devices.csv " + files + "kmes.csv " +
                  files + "bindings.csv");
    }
    ~DaemonProcess() {
        if (process_ != 0) (void)stop(SIGTERM);
    }
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;

    void start() {
        const auto starts = count("ready identity=");
        const auto path = config();
        const char* arguments[] = {BINDHSSD, "--config", path.c_str(), nullptr};
        if (posix_spawn(&process_, BINDHSSD, nullptr, nullptr, const_cast<char**>(arguments), environ) != 0)
            throw std::runtime_error("cannot start bindhssd");
        for (int i = 0; i < 900 && count("ready identity=") == starts; ++i) {
            if (waitpid(process_, nullptr, WNOHANG) == process_)
                throw std::runtime_error("bindhssd has ended: " + log());
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        const auto text = log();
        const auto at = text.rfind("port=");
        if (at == std::string::npos) throw std::runtime_error("bindhssd is not ready: " + text);
        port_ = static_cast<std::uint16_t>(std::stoi(text.substr(at + 5)));
    }
    /// Its exit code.
    [[nodiscard]] int stop(int signal) {
        kill(process_, signal);
        return wait();
    }
    [[nodiscard]] int wait() {
        int status = 0;
        waitpid(std::exchange(process_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    void signal(int number) const { kill(process_, number); }

    /// What bindhssctl prints.
    [[nodiscard]] std::string ctl(const std::string& arguments) const {
        const auto output = folder_.path("ctl.out");
        const auto command =
            std::string(BINDHSSCTL) + " --config " + config() + " " + arguments + " >" + output;
        if (std::system(command.c_str()) != 0) throw std::runtime_error("bindhssctl " + arguments);
        return read(output);
    }
    [[nodiscard]] std::string log() const { return read(log_file()); }
    /// The main process of its database.
    [[nodiscard]] pid_t postmaster() const {
        return std::stoi(read(folder_.path("state/data/postmaster.pid")));
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    [[nodiscard]] std::string config() const { return folder_.path("bindhssd.yaml"); }
    [[nodiscard]] std::string log_file() const { return folder_.path("bindhssd.log"); }
    [[nodiscard]] static std::string read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    [[nodiscard]] int count(const std::string& event) const {
        int number = 0;
        const auto text = log();
        for (auto at = text.find(event); at != std::string::npos; at = text.find(event, at + 1)) ++number;
        return number;
    }

    TemporaryFolder folder_;
    pid_t process_ = 0;
    std::uint16_t port_ = 0;
};

}  // namespace bindhss::test
