// SPDX-License-Identifier: Apache-2.0
#include "diameter/message.h"

#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdproto.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "diameter/avp_id.h"
#include "diameter/guard.h"
#include "diameter/wire.h"
#include "diameter_dict/dictionary.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace {

struct FreeDeleter {
    void operator()(std::uint8_t* octets) const { std::free(octets); }
};
using Buffer = std::unique_ptr<std::uint8_t, FreeDeleter>;

// For what can fail only by a fault of ours or for want of memory.
void require(int code, const char* what) {
    if (code != 0) throw std::runtime_error(std::string("libfdproto: ") + what + ": " + std::strerror(code));
}

avp_hdr& header_of(avp* handle) {
    avp_hdr* header = nullptr;
    require(fd_msg_avp_hdr(handle, &header), "AVP header");
    return *header;
}

msg_hdr& header_of(msg* handle) {
    msg_hdr* header = nullptr;
    require(fd_msg_hdr(handle, &header), "message header");
    return *header;
}

avp* browse(void* reference, msg_brw_dir direction) {
    void* found = nullptr;
    fd_msg_browse_internal(reference, direction, &found, nullptr);
    return static_cast<avp*>(found);
}

std::optional<AvpView> find_child(void* parent, AvpId id) {
    for (auto* child = browse(parent, MSG_BRW_FIRST_CHILD); child; child = browse(child, MSG_BRW_NEXT)) {
        if (AvpView(child).id() == id) return AvpView(child);
    }
    return std::nullopt;
}

void each_child(void* parent, const std::function<void(AvpView)>& visit) {
    for (auto* child = browse(parent, MSG_BRW_FIRST_CHILD); child; child = browse(child, MSG_BRW_NEXT)) {
        visit(AvpView(child));
    }
}

// The value, provided that check() has resolved the AVP and that it is of the base type asked for.
const avp_value* value_of(avp* handle, bool (*fits)(dict_avp_basetype)) {
    dict_object* model = nullptr;
    dict_avp_data data{};
    if (fd_msg_model(handle, &model) != 0 || model == nullptr || fd_dict_getval(model, &data) != 0)
        return nullptr;
    return fits(data.avp_basetype) ? header_of(handle).avp_value : nullptr;
}

bool is_32_bits(dict_avp_basetype type) {
    return type == AVP_TYPE_UNSIGNED32 || type == AVP_TYPE_INTEGER32;
}

avp* new_avp(const diameter_dict::AvpModel& model) {
    avp* created = nullptr;
    require(fd_msg_avp_new(model.object, 0, &created), "new AVP");
    header_of(created).avp_flags = model.flags;
    return created;
}

avp* new_avp(const diameter_dict::Dictionary& dictionary, AvpId id) {
    const auto* model = dictionary.avp(id.code, id.vendor);
    if (model == nullptr)
        throw std::logic_error("AVP " + std::to_string(id.code) + " is not in the dictionary");
    return new_avp(*model);
}

avp* append(void* parent, avp* child) {
    require(fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, child), "AVP into its parent");
    return child;
}

void append_octets(void* parent, const diameter_dict::Dictionary& dictionary, AvpId id, OctetView octets) {
    avp_value value{};
    value.os.data = const_cast<std::uint8_t*>(octets.data());  // it is copied
    value.os.len = octets.size();
    require(fd_msg_avp_setvalue(append(parent, new_avp(dictionary, id)), &value), "octets of an AVP");
}

void append_number(void* parent, const diameter_dict::Dictionary& dictionary, AvpId id,
                   std::uint32_t number) {
    avp_value value{};
    value.u32 = number;
    require(fd_msg_avp_setvalue(append(parent, new_avp(dictionary, id)), &value), "number of an AVP");
}

void append_group(void* parent, const diameter_dict::Dictionary& dictionary, AvpId id,
                  const std::function<void(Message::Group&)>& fill) {
    Message::Group group(append(parent, new_avp(dictionary, id)), dictionary);
    fill(group);
}

// libfdproto has no way in for an AVP outside the dictionary. An OctetString whose public header is then
// replaced is written out with exactly the given code, flags, vendor and octets.
void append_raw(void* parent, const diameter_dict::Dictionary& dictionary, OctetView encoded) {
    const auto raw = AvpCursor(encoded).next();
    if (!raw) throw std::logic_error("no encoded AVP");
    auto* child = append(parent, new_avp(dictionary, avp_id::proxy_state));
    avp_value value{};
    value.os.data = const_cast<std::uint8_t*>(raw->payload.data());
    value.os.len = raw->payload.size();
    require(fd_msg_avp_setvalue(child, &value), "octets of an AVP");
    auto& header = header_of(child);
    header.avp_code = raw->id.code;
    header.avp_flags = raw->flags;
    header.avp_vendor = raw->id.vendor;
}

std::uint64_t big_endian(OctetView octets) {
    std::uint64_t number = 0;
    for (const auto octet : octets) number = number << 8 | octet;
    return number;
}

// What fd_msg_parse_dict would make of the octets, less its search through freeDiameter's lists (three
// quarters of the time that a whole message takes) and its trust in lengths. REQUIRES: the guard accepted the
// AVP.
void append_received(void* parent, const diameter_dict::Dictionary& dictionary, const RawAvp& raw) {
    const auto* model = dictionary.avp(raw.id.code, raw.id.vendor);
    // Failed-AVP holds what somebody found broken, so it is kept as octets like an AVP that we do not know.
    if (model == nullptr || raw.id == avp_id::failed_avp) return append_raw(parent, dictionary, raw.encoded);
    auto* child = append(parent, new_avp(*model));
    header_of(child).avp_flags = raw.flags;
    if (model->type == diameter_dict::AvpType::grouped) {
        AvpCursor cursor(raw.payload);
        while (const auto inner = cursor.next()) append_received(child, dictionary, *inner);
        return;
    }
    avp_value value{};
    switch (fixed_size(model->type)) {
        case 4:
            value.u32 = static_cast<std::uint32_t>(big_endian(raw.payload));
            break;
        case 8:
            value.u64 = big_endian(raw.payload);
            break;
        default:
            value.os.data = const_cast<std::uint8_t*>(raw.payload.data());  // it is copied
            value.os.len = raw.payload.size();
    }
    require(fd_msg_avp_setvalue(child, &value), "value of an AVP");
}

std::optional<Rejection> judge_command(const diameter_dict::Dictionary& dictionary, const Header& header) {
    if (dictionary.command(header.application_id, header.command_code, header.is_request()))
        return std::nullopt;
    if (!dictionary.serves_application(header.application_id)) {
        return Rejection{Cause::application_unsupported,
                         "application " + std::to_string(header.application_id) + " is not served here",
                         {}};
    }
    return Rejection{Cause::command_unsupported,
                     "command " + std::to_string(header.command_code) + " is not of application " +
                         std::to_string(header.application_id),
                     {}};
}

}  // namespace

AvpId AvpView::id() const {
    const auto& header = header_of(handle_);
    return {header.avp_code, header.avp_vendor};
}

std::uint8_t AvpView::flags() const {
    return header_of(handle_).avp_flags;
}

OctetView AvpView::octets() const {
    const auto* value =
        value_of(handle_, [](dict_avp_basetype type) { return type == AVP_TYPE_OCTETSTRING; });
    return value == nullptr ? OctetView{} : OctetView{value->os.data, value->os.len};
}

std::string_view AvpView::text() const {
    const auto view = octets();
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}

std::uint32_t AvpView::u32() const {
    const auto* value = value_of(handle_, is_32_bits);
    return value == nullptr ? 0 : value->u32;
}

bool AvpView::is_number() const {
    return value_of(handle_, is_32_bits) != nullptr;
}

std::optional<AvpView> AvpView::find(AvpId id) const {
    return find_child(handle_, id);
}
void AvpView::each(const std::function<void(AvpView)>& visit) const {
    each_child(handle_, visit);
}

Message::Message(msg* handle, const diameter_dict::Dictionary* dictionary)
    : handle_(handle), dictionary_(dictionary) {}
Message::Message(Message&&) noexcept = default;
Message& Message::operator=(Message&&) noexcept = default;
Message::~Message() = default;

void Message::Deleter::operator()(msg* handle) const {
    fd_msg_free(handle);
}

Message Message::with_header(const Header& header, const diameter_dict::Dictionary* dictionary) {
    msg* handle = nullptr;
    require(fd_msg_new(nullptr, 0, &handle), "new message");
    Message message(handle, dictionary);
    auto& target = header_of(handle);
    target.msg_code = header.command_code;
    target.msg_appl = header.application_id;
    target.msg_flags = header.flags;
    target.msg_hbhid = header.hop_by_hop;
    target.msg_eteid = header.end_to_end;
    return message;
}

std::optional<Message> Message::parse(OctetView frame) {
    const auto header = Header::read(frame);
    if (!header || header->length != frame.size()) return std::nullopt;
    auto message = with_header(*header, nullptr);
    message.received_.assign(frame.begin(), frame.end());
    return message;
}

Message Message::request(const diameter_dict::Dictionary& dictionary, std::uint32_t command_code,
                         std::uint32_t application_id) {
    const auto* command = dictionary.command(application_id, command_code, true);
    if (command == nullptr) throw std::logic_error("no command " + std::to_string(command_code));
    Header header;
    header.flags = Header::flag_request;
    if (command->proxiable) header.flags |= Header::flag_proxiable;
    header.command_code = command_code;
    header.application_id = application_id;
    return with_header(header, &dictionary);
}

Message Message::answer(const diameter_dict::Dictionary& dictionary, const Header& request) {
    auto header = request;
    header.flags &= Header::flag_proxiable;
    return with_header(header, &dictionary);
}

Header Message::header() const {
    const auto& header = header_of(handle_.get());
    const auto length = received_.empty() ? header.msg_length : static_cast<std::uint32_t>(received_.size());
    return {length, header.msg_flags, header.msg_code, header.msg_appl, header.msg_hbhid, header.msg_eteid};
}

void Message::set_hop_by_hop(std::uint32_t id) {
    header_of(handle_.get()).msg_hbhid = id;
}
void Message::set_end_to_end(std::uint32_t id) {
    header_of(handle_.get()).msg_eteid = id;
}

void Message::set_flag(std::uint8_t flag, bool on) {
    auto& flags = header_of(handle_.get()).msg_flags;
    flags = static_cast<std::uint8_t>(on ? flags | flag : flags & ~flag);
}

std::optional<Rejection> Message::check(const diameter_dict::Dictionary& dictionary) {
    dictionary_ = &dictionary;
    const auto head = header();
    auto first = judge_command(dictionary, head);
    Guard guard(dictionary);
    AvpCursor cursor(avps());
    while (const auto raw = cursor.next()) {
        auto rejection = guard.accept(*raw);
        if (!rejection) append_received(handle_.get(), dictionary, *raw);
        if (rejection && !first) first = std::move(rejection);
        if (guard.exhausted()) return first;
    }
    if (!first && cursor.broken()) first = guard.broken(cursor.rest());
    if (first) return first;
    const auto* command = dictionary.command(head.application_id, head.command_code, head.is_request());
    return guard.finish(!head.is_request() && head.is_error() ? dictionary.error_answer().rules
                                                              : command->rules);
}

std::optional<AvpView> Message::find(AvpId id) const {
    return find_child(handle_.get(), id);
}
void Message::each(const std::function<void(AvpView)>& visit) const {
    each_child(handle_.get(), visit);
}

OctetView Message::avps() const {
    return received_.empty() ? OctetView{} : OctetView(received_).subspan(header_octets);
}

std::vector<OctetView> Message::encoded(AvpId id) const {
    std::vector<OctetView> found;
    AvpCursor cursor(avps());
    while (const auto avp = cursor.next()) {
        if (avp->id == id) found.push_back(avp->encoded);
    }
    return found;
}

void Message::add(AvpId id, std::string_view text) {
    append_octets(handle_.get(), *dictionary_, id, as_octets(text));
}
void Message::add(AvpId id, OctetView octets) {
    append_octets(handle_.get(), *dictionary_, id, octets);
}
void Message::add(AvpId id, std::uint32_t number) {
    append_number(handle_.get(), *dictionary_, id, number);
}
void Message::add_group(AvpId id, const std::function<void(Group&)>& fill) {
    append_group(handle_.get(), *dictionary_, id, fill);
}
void Message::add_raw(OctetView encoded_avp) {
    append_raw(handle_.get(), *dictionary_, encoded_avp);
}

OctetString Message::serialise() const {
    std::uint8_t* octets = nullptr;
    std::size_t length = 0;
    require(fd_msg_bufferize(handle_.get(), &octets, &length), "serialise");
    const Buffer buffer(octets);
    return {octets, octets + length};
}

void Message::Group::add(AvpId id, std::string_view text) {
    append_octets(handle_, dictionary_, id, as_octets(text));
}
void Message::Group::add(AvpId id, OctetView octets) {
    append_octets(handle_, dictionary_, id, octets);
}
void Message::Group::add(AvpId id, std::uint32_t number) {
    append_number(handle_, dictionary_, id, number);
}
void Message::Group::add_group(AvpId id, const std::function<void(Group&)>& fill) {
    append_group(handle_, dictionary_, id, fill);
}
void Message::Group::add_raw(OctetView encoded_avp) {
    append_raw(handle_, dictionary_, encoded_avp);
}

}  // namespace bindhss::diameter
