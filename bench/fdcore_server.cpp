// SPDX-License-Identifier: Apache-2.0
// The reference: libfdcore, the daemon library of freeDiameter on which other HSSes run, answers every AIR
// with the same AIA. Peers, queues and threads are libfdcore's own; AppServThreads comes with its
// configuration file.
//
//   fdcore_server CONFIGURATION
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <freeDiameter/libfdproto.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include "canned_vector.h"

namespace {

using namespace bindhss::bench;

constexpr std::uint32_t application_s6a = 16'777'251;
constexpr std::uint32_t command_authentication_information = 318;
constexpr std::uint32_t vendor_3gpp = 10'415;

void require(int code, const char* what) {
    if (code != 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(code));
}

/// Looked up once, as every program on libfdcore does.
struct Objects {
    dict_object* application = nullptr;
    dict_object* vendor = nullptr;
    dict_object* vendor_specific_application_id = nullptr;
    dict_object* vendor_id = nullptr;
    dict_object* auth_application_id = nullptr;
    dict_object* auth_session_state = nullptr;
    dict_object* authentication_info = nullptr;
    dict_object* eutran_vector = nullptr;
    dict_object* rand = nullptr;
    dict_object* xres = nullptr;
    dict_object* autn = nullptr;
    dict_object* kasme = nullptr;
};

dict_object* find_avp(const char* name) {
    dict_object* found = nullptr;
    require(fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_NAME, name, &found, ENOENT), name);
    return found;
}

dict_object* find_avp_of_3gpp(const char* name) {
    dict_avp_request request{vendor_3gpp, 0, const_cast<char*>(name)};
    dict_object* found = nullptr;
    require(fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_NAME_AND_VENDOR, &request, &found, ENOENT),
            name);
    return found;
}

dict_object* add_command(dict_object* application, const char* name, std::uint8_t flags) {
    dict_cmd_data data{};
    data.cmd_code = command_authentication_information;
    data.cmd_name = const_cast<char*>(name);
    data.cmd_flag_mask = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE | CMD_FLAG_ERROR;
    data.cmd_flag_val = flags;
    dict_object* command = nullptr;
    require(fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &data, application, &command), name);
    return command;
}

/// Debian's extensions have the AVPs of TS 29.272 and no command.
dict_object* make_dictionary(Objects& objects) {
    auto* dictionary = fd_g_config->cnf_dict;
    vendor_id_t vendor = vendor_3gpp;
    require(fd_dict_search(dictionary, DICT_VENDOR, VENDOR_BY_ID, &vendor, &objects.vendor, ENOENT), "3GPP");
    dict_application_data application{application_s6a, const_cast<char*>("S6a")};
    require(fd_dict_new(dictionary, DICT_APPLICATION, &application, objects.vendor, &objects.application),
            "S6a");
    objects.vendor_specific_application_id = find_avp("Vendor-Specific-Application-Id");
    objects.vendor_id = find_avp("Vendor-Id");
    objects.auth_application_id = find_avp("Auth-Application-Id");
    objects.auth_session_state = find_avp("Auth-Session-State");
    objects.authentication_info = find_avp_of_3gpp("Authentication-Info");
    objects.eutran_vector = find_avp_of_3gpp("E-UTRAN-Vector");
    objects.rand = find_avp_of_3gpp("RAND");
    objects.xres = find_avp_of_3gpp("XRES");
    objects.autn = find_avp_of_3gpp("AUTN");
    objects.kasme = find_avp_of_3gpp("KASME");
    add_command(objects.application, "Authentication-Information-Answer", CMD_FLAG_PROXIABLE);
    return add_command(objects.application, "Authentication-Information-Request",
                       CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE);
}

avp* add(void* parent, dict_object* model) {
    avp* created = nullptr;
    require(fd_msg_avp_new(model, 0, &created), "new AVP");
    require(fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, created), "AVP into its parent");
    return created;
}

void add(void* parent, dict_object* model, std::uint32_t number) {
    avp_value value{};
    value.u32 = number;
    require(fd_msg_avp_setvalue(add(parent, model), &value), "number of an AVP");
}

void add(void* parent, dict_object* model, std::span<const std::uint8_t> octets) {
    avp_value value{};
    value.os.data = const_cast<std::uint8_t*>(octets.data());
    value.os.len = octets.size();
    require(fd_msg_avp_setvalue(add(parent, model), &value), "octets of an AVP");
}

void fill(msg* answer, const Objects& objects) {
    auto* application = add(answer, objects.vendor_specific_application_id);
    add(application, objects.vendor_id, vendor_3gpp);
    add(application, objects.auth_application_id, application_s6a);
    add(answer, objects.auth_session_state, 1);
    auto* vector = add(add(answer, objects.authentication_info), objects.eutran_vector);
    add(vector, objects.rand, canned_rand);
    add(vector, objects.xres, canned_xres);
    add(vector, objects.autn, canned_autn);
    add(vector, objects.kasme, canned_kasme);
}

/// Called on libfdcore's application threads.
int on_request(msg** message, avp* /*of*/, session* /*of*/, void* opaque, disp_action* action) {
    try {
        require(fd_msg_new_answer_from_req(fd_g_config->cnf_dict, message, 0), "answer");
        char success[] = "DIAMETER_SUCCESS";
        require(fd_msg_rescode_set(*message, success, nullptr, nullptr, 1), "Result-Code");
        fill(*message, *static_cast<const Objects*>(opaque));
        require(fd_msg_send(message, nullptr, nullptr), "send");
        *action = DISP_ACT_CONT;
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fdcore_server: %s\n", error.what());
        return EINVAL;
    }
}

/// Any peer may connect, without TLS.
int on_peer(peer_info* info, int* accepted, int (** /*later*/)(peer_info*)) {
    info->config.pic_flags.sec = PI_SEC_NONE;
    *accepted = 1;
    return 0;
}

void run(const char* configuration) {
    fd_g_debug_lvl = FD_LOG_ERROR;
    require(fd_core_initialize(), "fd_core_initialize");
    require(fd_core_parseconf(configuration), configuration);
    Objects objects;
    disp_when when{};
    when.command = make_dictionary(objects);
    when.app = objects.application;
    require(fd_disp_register(on_request, DISP_HOW_CC, &when, &objects, nullptr), "handler");
    require(fd_disp_app_support(objects.application, objects.vendor, 1, 0), "application");
    require(fd_peer_validate_register(on_peer), "validation of peers");
    require(fd_core_start(), "fd_core_start");
    require(fd_core_waitstartcomplete(), "fd_core_waitstartcomplete");
    std::puts("ready");
    std::fflush(stdout);
    require(fd_core_wait_shutdown_complete(), "shutdown");
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) throw std::invalid_argument("usage: fdcore_server CONFIGURATION");
    // libfdcore's own shutdown waits for its timers; nothing here needs it.
    std::signal(SIGTERM, [](int) { _exit(0); });
    std::signal(SIGINT, [](int) { _exit(0); });
    run(argv[1]);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "fdcore_server: %s\n", error.what());
    return 1;
}
