// SPDX-License-Identifier: Apache-2.0
#include "http/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bindhss::http {

namespace asio = boost::asio;
using asio::local::stream_protocol;

namespace {

/// sun_path with its NUL has 108 (unix(7)).
constexpr std::size_t path_octets_max = 107;
constexpr std::size_t groups_first = 64;

std::runtime_error cannot(const std::string& path, const std::string& why) {
    return std::runtime_error("cannot listen on the socket " + path + ": " + why);
}

bool somebody_answers(const std::string& path) {
    asio::io_context io;
    stream_protocol::socket socket(io);
    boost::system::error_code error;
    socket.connect(stream_protocol::endpoint(path), error);
    // Somebody whose queue is full is there too.
    return error != asio::error::connection_refused &&
           error != boost::system::errc::no_such_file_or_directory;
}

std::vector<::gid_t> groups_of(int descriptor) {
    std::vector<::gid_t> groups(groups_first);
    for (int tries = 0; tries < 2; ++tries) {
        auto octets = static_cast<::socklen_t>(groups.size() * sizeof(::gid_t));
        const int failed = ::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &octets);
        const auto wanted = octets / sizeof(::gid_t);
        if (failed == 0) {
            groups.resize(wanted);
            return groups;
        }
        if (errno != ERANGE) break;
        groups.resize(wanted);
    }
    return {};
}

}  // namespace

UnixSocketFile::UnixSocketFile(const asio::any_io_executor& executor, UnixListen listen)
    : listen_(std::move(listen)), acceptor_(executor) {
    if (listen_.path.size() > path_octets_max)
        throw cannot(listen_.path, "the path has more than " + std::to_string(path_octets_max) + " octets");
    make_way();
    try {
        bind();
    } catch (const boost::system::system_error& error) {
        throw cannot(listen_.path, error.code().message());
    }
}

UnixSocketFile::~UnixSocketFile() {
    struct ::stat now {};
    if (inode_ != 0 && ::lstat(listen_.path.c_str(), &now) == 0 && now.st_dev == device_ &&
        now.st_ino == inode_)
        ::unlink(listen_.path.c_str());
}

void UnixSocketFile::make_way() const {
    struct ::stat there {};
    if (::lstat(listen_.path.c_str(), &there) != 0) return;
    if (!S_ISSOCK(there.st_mode))
        throw cannot(listen_.path, "there is a file of this name, which is no socket");
    if (somebody_answers(listen_.path)) throw cannot(listen_.path, "somebody answers on it already");
    if (::unlink(listen_.path.c_str()) != 0 && errno != ENOENT) {
        throw cannot(listen_.path,
                     std::string("the one that was left there cannot be removed: ") + std::strerror(errno));
    }
}

void UnixSocketFile::bind() {
    const auto check = [this](int failed, const char* what) {
        if (failed != 0) throw cannot(listen_.path, std::string(what) + ": " + std::strerror(errno));
    };
    acceptor_.open(stream_protocol());
    // The file comes into being with the mode of the socket: nobody gets in before it has its own.
    check(::fchmod(acceptor_.native_handle(), S_IRUSR | S_IWUSR), "its mode cannot be set");
    acceptor_.bind(stream_protocol::endpoint(listen_.path));
    struct ::stat made {};
    check(::lstat(listen_.path.c_str(), &made), "it is not there");
    device_ = made.st_dev;
    inode_ = made.st_ino;
    if (listen_.group) {
        check(::chown(listen_.path.c_str(), static_cast<::uid_t>(-1), *listen_.group),
              "its group cannot be set");
    }
    check(::chmod(listen_.path.c_str(), listen_.mode), "its mode cannot be set");
    acceptor_.listen();
}

std::optional<UnixPeer> unix_peer_of(int descriptor) {
    ::ucred credentials{};
    ::socklen_t octets = sizeof(credentials);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &octets) != 0) return std::nullopt;
    return UnixPeer{credentials.uid, credentials.gid, groups_of(descriptor)};
}

}  // namespace bindhss::http
