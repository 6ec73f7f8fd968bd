// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/embedded_cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

#include "store/postgres/process.h"
#include "store/postgres/session.h"

namespace bindhss::store::postgres {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto start_max = 120s;         // recovery after a crash under load may take a while
constexpr auto stop_fast_max = 30s;      // SIGINT: roll back, write out, end
constexpr auto stop_immediate_max = 5s;  // SIGQUIT: end, recover at the next start
constexpr auto poll_every = 50ms;
constexpr auto restart_pause_min = 100ms;
constexpr auto restart_pause_max = 5000ms;
/// sockaddr_un.sun_path has 108 octets with its NUL.
constexpr std::size_t socket_path_max = 107;
constexpr const char* socket_name = "/.s.PGSQL.5432";
constexpr const char* super_user = "bindhss";

unsigned shared_buffers_of_this_machine_mb() {
    constexpr long mb = 1024 * 1024;
    const auto memory_mb = sysconf(_SC_PHYS_PAGES) / (mb / sysconf(_SC_PAGESIZE));
    return static_cast<unsigned>(std::clamp(memory_mb / 8, 128L, 1024L));
}

std::runtime_error failed(const std::string& what) {
    return std::runtime_error(what + ": " + std::strerror(errno));
}

/// An open file that is locked for as long as the process lives.
class DirectoryLock {
  public:
    explicit DirectoryLock(const std::string& path)
        : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (descriptor_ < 0) throw failed("cannot open " + path);
        if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
        close(descriptor_);
        throw std::runtime_error(path + " is locked: another process uses this directory");
    }
    ~DirectoryLock() { close(descriptor_); }
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

  private:
    int descriptor_;
};

void give_to(const std::string& path, const std::optional<RunAs>& user, mode_t mode) {
    if (user && lchown(path.c_str(), user->uid, user->gid) != 0)
        throw failed("cannot give " + path + " to its user");
    if (chmod(path.c_str(), mode) != 0) throw failed("cannot set the mode of " + path);
}

void make_directory(const std::string& path, const std::optional<RunAs>& user) {
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw failed("cannot make the directory " + path);
    give_to(path, user, 0700);
}

/// The process of postmaster.pid, if it is a server of this very directory. The file alone proves nothing:
/// after a crash of the machine its number may be anybody's.
std::optional<pid_t> server_of(const std::string& data) {
    std::ifstream file(data + "/postmaster.pid");
    pid_t process = 0;
    if (!(file >> process) || process <= 1) return std::nullopt;
    std::error_code error;
    const auto cwd = fs::read_symlink("/proc/" + std::to_string(process) + "/cwd", error);
    if (error || cwd != fs::weakly_canonical(data, error)) return std::nullopt;
    std::string name;
    std::ifstream("/proc/" + std::to_string(process) + "/comm") >> name;
    return name == "postgres" ? std::optional(process) : std::nullopt;
}

}  // namespace

struct EmbeddedCluster::Impl {
    Impl(const ClusterSettings& wanted, log::Logger& logger) : settings(wanted), log(logger) {
        check_programs();
        user = user_for_postgres();
        prepare_directory();
        supervisor = std::thread([this] { supervise(); });
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return started || failure; });
        if (!failure) return;
        lock.unlock();
        supervisor.join();
        remove_short_socket_directory();
        std::rethrow_exception(failure);
    }

    ~Impl() {
        if (!supervisor.joinable()) return;
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        changed.notify_all();
        supervisor.join();
        remove_short_socket_directory();
    }

    void check_programs() const {
        for (const char* program : {"initdb", "postgres"}) {
            const auto path = settings.binaries + "/" + program;
            if (access(path.c_str(), X_OK) != 0) {
                throw std::runtime_error(
                    path + " is missing: install the package postgresql-15, or set database.url");
            }
        }
    }

    void prepare_directory() {
        std::error_code error;
        const bool existed = fs::exists(settings.directory, error);
        fs::create_directories(settings.directory, error);
        if (error) {
            throw std::runtime_error("cannot make the directory " + settings.directory + ": " +
                                     error.message());
        }
        directory = fs::canonical(settings.directory).string();
        // The user of the server passes through; what lies beside its own folders keeps modes of its own.
        if (!existed && chmod(directory.c_str(), user ? 0711 : 0700) != 0)
            throw failed("cannot set the mode of " + directory);
        lock_file = std::make_unique<DirectoryLock>(directory + "/lock");
        data = directory + "/data";
        server_log = directory + "/postgresql.log";
        choose_socket_directory();
        if (user) check_passage();
    }

    void choose_socket_directory() {
        sockets = directory + "/run";
        if (sockets.size() + std::strlen(socket_name) <= socket_path_max)
            return make_directory(sockets, user);
        char pattern[] = "/tmp/bindhss-XXXXXX";
        if (mkdtemp(pattern) == nullptr)
            throw failed("cannot make a directory in /tmp for the database socket");
        sockets = short_sockets = pattern;
        give_to(sockets, user, 0700);
    }

    void remove_short_socket_directory() const {
        std::error_code ignored;
        if (!short_sockets.empty()) fs::remove_all(short_sockets, ignored);
    }

    /// Every folder on the way must let the server's user through.
    void check_passage() const {
        for (auto path = fs::path(directory); path.has_relative_path(); path = path.parent_path()) {
            struct stat entry {};
            if (stat(path.c_str(), &entry) != 0) throw failed("cannot look at " + path.string());
            const auto bit = entry.st_uid == user->uid   ? S_IXUSR
                             : entry.st_gid == user->gid ? S_IXGRP
                                                         : S_IXOTH;
            if ((entry.st_mode & bit) == 0) {
                throw std::runtime_error("PostgreSQL runs as the user " + user->name + ", who cannot enter " +
                                         path.string() + ": choose another directory or chmod it to 0711");
            }
        }
    }

    // From here on: the supervisor's thread, the parent of every server (a server ends with the thread that
    // made it).

    void supervise() {
        try {
            stop_orphan();
            initialise();
            start();
            make_database();
        } catch (...) {
            stop();
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            changed.notify_all();
            return;
        }
        set_started();
        watch();
        stop();
    }

    void set_started() {
        {
            const std::lock_guard lock(mutex);
            started = true;
        }
        changed.notify_all();
    }

    /// Returns when the cluster shall stop.
    void watch() {
        auto pause = std::chrono::milliseconds(restart_pause_min);
        while (!wait_stopping(poll_every)) {
            if (!has_ended(server)) continue;
            server = 0;
            log.error("database_server_died", {{"restarting", true}, {"log", server_log}});
            while (server == 0 && !wait_stopping(pause)) {
                try {
                    start();
                    pause = restart_pause_min;
                    log.info("database_server_restarted");
                } catch (const std::exception& error) {
                    log.error("database_server_restart_failed", {{"reason", error.what()}});
                    pause = std::min<std::chrono::milliseconds>(2 * pause, restart_pause_max);
                }
            }
        }
    }

    bool wait_stopping(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, time, [this] { return stopping; });
    }

    /// A server that outlived a killed daemon, or ends just now because its daemon did.
    void stop_orphan() {
        const auto orphan = server_of(data);
        if (!orphan) return;
        log.warning("database_server_left_behind", {{"process", *orphan}});
        end(*orphan, [this] { return !server_of(data).has_value(); });
    }

    template <class Gone>
    static void end(pid_t process, Gone gone) {
        const std::pair<int, std::chrono::milliseconds> steps[] = {
            {SIGINT, stop_fast_max}, {SIGQUIT, stop_immediate_max}, {SIGKILL, stop_immediate_max}};
        for (const auto& [signal, patience] : steps) {
            kill(process, signal);
            const auto until = std::chrono::steady_clock::now() + patience;
            while (std::chrono::steady_clock::now() < until) {
                if (gone()) return;
                std::this_thread::sleep_for(poll_every / 5);
            }
        }
    }

    void initialise() {
        if (fs::exists(data + "/PG_VERSION")) {
            std::string version;
            std::ifstream(data + "/PG_VERSION") >> version;
            if (version != "15") {
                throw std::runtime_error(data + " is of PostgreSQL " + version +
                                         ", this daemon starts PostgreSQL 15: upgrade it with pg_upgrade");
            }
            return;
        }
        // Under another name until it is whole: a daemon killed in between leaves nothing that looks
        // finished.
        const auto fresh = data + ".new";
        fs::remove_all(fresh);
        make_directory(fresh, user);
        log.info("database_initialising", {{"directory", data}});
        const auto child = spawn({settings.binaries + "/initdb", "-D", fresh, "-U", super_user, "-A", "trust",
                                  "-E", "UTF8", "--locale=C", "--data-checksums", "--no-instructions"},
                                 user, server_log, true);
        if (wait_for(child) != 0)
            throw std::runtime_error("initdb failed to make the database in " + data + ": see " + server_log);
        fs::rename(fresh, data);
    }

    [[nodiscard]] std::vector<std::string> server_command() const {
        const auto megabytes = [](unsigned number) { return std::to_string(number) + "MB"; };
        std::vector<std::string> command{settings.binaries + "/postgres", "-D", data, "-k", sockets};
        const auto set = [&](const std::string& assignment) {
            command.emplace_back("-c");
            command.push_back(assignment);
        };
        set("listen_addresses=");
        set("unix_socket_permissions=0700");
        set("max_connections=" + std::to_string(settings.max_connections));
        set("shared_buffers=" + megabytes(settings.shared_buffers_mb != 0
                                              ? settings.shared_buffers_mb
                                              : shared_buffers_of_this_machine_mb()));
        set("max_wal_size=2GB");
        set("checkpoint_timeout=15min");
        set("fsync=on");
        set("synchronous_commit=on");
        // Statements are too short for it, and memory that is first written and then run is what a hardened
        // unit forbids (MemoryDenyWriteExecute).
        set("jit=off");
        // Neither statements nor their parameters reach the server's log: they hold (sealed) keys.
        set("log_min_error_statement=panic");
        set("log_parameter_max_length=0");
        set("log_parameter_max_length_on_error=0");
        set("log_line_prefix=%m [%p] ");
        return command;
    }

    void start() {
        // A file that a crash left behind, whose number belongs to somebody else by now, would keep the
        // server down.
        if (!server_of(data)) unlink((data + "/postmaster.pid").c_str());
        const auto until = std::chrono::steady_clock::now() + start_max;
        while (!wait_stopping(0ms)) {
            server = spawn(server_command(), user, server_log, true);
            if (wait_ready(until)) return;
            if (std::chrono::steady_clock::now() > until) break;
            // Backends of a killed server may still hold its shared memory; they notice and go.
            wait_stopping(std::chrono::milliseconds(5 * restart_pause_min));
            if (++attempts_ >= attempts_max) break;
        }
        attempts_ = 0;
        stop();
        throw std::runtime_error("the database server in " + data + " does not start: see " + server_log);
    }

    /// false: the server has ended, or it takes too long.
    bool wait_ready(std::chrono::steady_clock::time_point until) {
        while (std::chrono::steady_clock::now() < until && !wait_stopping(poll_every)) {
            if (has_ended(server)) {
                server = 0;
                return false;
            }
            try {
                const pqxx::connection trial(conninfo("postgres"));
                attempts_ = 0;
                return true;
            } catch (const pqxx::broken_connection&) {
                continue;  // not yet
            }
        }
        return false;
    }

    void make_database() {
        try {
            pqxx::connection connection(conninfo("postgres"));
            pqxx::nontransaction transaction(connection);
            if (transaction.exec_params("SELECT 1 FROM pg_database WHERE datname = $1", settings.database)
                    .empty())
                transaction.exec("CREATE DATABASE " + connection.quote_name(settings.database));
        } catch (const std::exception& error) {
            throw std::runtime_error("cannot make the database " + settings.database + ": " +
                                     describe(error));
        }
    }

    void stop() {
        const pid_t process = server;
        if (process == 0) return;
        end(process, [process] { return has_ended(process); });
        server = 0;
    }

    [[nodiscard]] std::string conninfo(const std::string& database) const {
        std::string quoted;
        for (const char c : sockets) {
            if (c == '\'' || c == '\\') quoted.push_back('\\');
            quoted.push_back(c);
        }
        return "host='" + quoted + "' port=5432 user=" + super_user + " dbname=" + database;
    }

    static constexpr int attempts_max = 20;

    const ClusterSettings settings;
    log::Logger& log;
    std::optional<RunAs> user;
    std::string directory;
    std::string data;
    std::string server_log;
    std::string sockets;
    std::string short_sockets;  ///< when `sockets` is not within `directory`
    std::unique_ptr<DirectoryLock> lock_file;
    std::atomic<pid_t> server = 0;
    int attempts_ = 0;

    std::mutex mutex;
    std::condition_variable changed;
    bool started = false;
    bool stopping = false;
    std::exception_ptr failure;
    std::thread supervisor;
};

EmbeddedCluster::EmbeddedCluster(const ClusterSettings& settings, log::Logger& log)
    : impl_(std::make_unique<Impl>(settings, log)) {}

EmbeddedCluster::~EmbeddedCluster() = default;

std::string EmbeddedCluster::url() const {
    return impl_->conninfo(impl_->settings.database);
}

int EmbeddedCluster::postmaster() const {
    return impl_->server;
}

}  // namespace bindhss::store::postgres
