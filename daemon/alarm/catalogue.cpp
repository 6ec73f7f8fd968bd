// SPDX-License-Identifier: Apache-2.0
// The catalogue of alarms: what each means, why it comes, and what to do about it at three in the morning.
#include <array>

#include "alarm/alarm.h"

namespace bindhss::alarm {

namespace {

constexpr std::array table{
    Description{
        Id::association_first_seen,
        "association_first_seen",
        Severity::info,
        "A managed subscription came in a device for the first time, admitted or not.",
        "A new subscription, or the first Update-Location since device detection works on this path.",
        "Nothing to do. If the device is not the intended one, restrict the subscription: "
        "bindhssctl binding set <IMSI> --policy imei_enforce --device <IMEI>.",
    },
    Description{
        Id::association_changed,
        "association_changed",
        Severity::warning,
        "A managed subscription came in another device than before, admitted or not.",
        "The card was put into another device: a repair, a replacement, or a theft of the card.",
        "Ask the owner whether the device was exchanged. If not, enforce its device: "
        "bindhssctl binding set <IMSI> --policy imei_enforce --device <IMEI>.",
    },
    Description{
        Id::pair_unauthorised,
        "pair_unauthorised",
        Severity::major,
        "A subscription was used in a device that is not authorised for it. With an enforcing policy the "
        "Update-Location was rejected and nothing was stored.",
        "The card is in a foreign device, or an exchanged device was not entered.",
        "Look at the binding: bindhssctl binding show <IMSI>. If the device was exchanged on purpose, "
        "bindhssctl binding authorise <IMSI> <IMEI>; else treat the card as stolen: "
        "bindhssctl binding lock <IMSI>.",
    },
    Description{
        Id::imei_missing,
        "imei_missing",
        Severity::warning,
        "A managed subscription came without an IMEI (no Terminal-Information in the ULR).",
        "The MME does not support Automatic Device Detection, or it is not switched on for this PLMN; rarely "
        "a device "
        "that refuses to tell its identity.",
        "Switch on ADD at the MME (Terminal-Information in ULR and NOR). Until then choose in the "
        "configuration "
        "what a missing IMEI means: binding.imei_absent_monitor, binding.imei_absent_enforce.",
    },
    Description{
        Id::imei_invalid,
        "imei_invalid",
        Severity::warning,
        "A device reported an IMEI that is none: not 14 to 16 digits, or all zeros. It was treated as "
        "missing.",
        "A device with an erased or forged IMEI, or an MME that fills the AVP wrongly.",
        "If it is one device: check it, its identity was probably changed. If all devices of one MME: report "
        "it to the "
        "vendor of the MME (TS 29.272 7.3.4).",
    },
    Description{
        Id::imei_mismatch,
        "imei_mismatch",
        Severity::warning,
        "A subscription bound by its key was served, but the IMEI reported is not in its list.",
        "The device proved that it has the key, so the list is probably out of date; or the MME reports a "
        "wrong IMEI; "
        "or a key was copied into another device.",
        "Compare bindhssctl binding show <IMSI> with the device in the field. Correct the list, or renew the "
        "key if it "
        "may have been copied.",
    },
    Description{
        Id::kme_missing,
        "kme_missing",
        Severity::critical,
        "A subscription must be bound by a key, and there is no key for its device: it gets no service.",
        "The binding was set before the device's key (KME) was imported, or it names the wrong device or "
        "group.",
        "Import the key: bindhssctl kme set <IMEI> --key-file <FILE>, or correct the binding: bindhssctl "
        "binding show "
        "<IMSI>. To serve it without a key meanwhile: bindhssctl binding set <IMSI> --policy imei_monitor.",
    },
    Description{
        Id::binding_unverified,
        "binding_unverified",
        Severity::major,
        "An Update-Location of a key-bound subscription was rejected: nothing proves that the device has the "
        "key.",
        "The MME registered the UE without asking for a vector (context from another MME or HSS), on a "
        "regular vector "
        "of earlier days, or too long after the vector (binding.evidence_window).",
        "A single alarm clears itself when the UE attaches anew. Repeated: see whether the MME asks this HSS "
        "for "
        "vectors, and whether a second HSS serves the subscription.",
    },
    Description{
        Id::resync_mac_failure,
        "resync_mac_failure",
        Severity::major,
        "A request to re-synchronise was refused: its MAC-S is wrong.",
        "K or OPc in the HSS differ from the card's; or a key-bound card sits in a device without the right "
        "key; or "
        "somebody forges AUTS.",
        "One subscription: check K and OPc against the card's data sheet, and whether the card is in its own "
        "device. "
        "Many at one MME: suspect the MME or the path to it.",
    },
    Description{
        Id::sqn_exhausted,
        "sqn_exhausted",
        Severity::critical,
        "The sequence number of a subscription is used up: it gets no more vectors.",
        "A forged or faulty re-synchronisation drove the number to its end; in normal use it lasts for ever.",
        "Replace the card. Find out who sent the re-synchronisation: look for the IMSI in the log.",
    },
    Description{
        Id::equipment_prohibited,
        "equipment_prohibited",
        Severity::major,
        "A device that is listed black was used: the node that asked (S13) was told to refuse it.",
        "The device was reported stolen, or is barred by its type or software version; or the entry that "
        "decides is wider than was meant.",
        "See which entry decides: bindhssctl equipment show <IMEI>. If it is right, the IMSI of the alarm "
        "tells whose card is in the device; if not, list the device: bindhssctl equipment set <IMEI> "
        "--status white.",
    },
    Description{
        Id::cancel_location_failed,
        "cancel_location_failed",
        Severity::minor,
        "A request of ours (Cancel-Location, Reset) could not be delivered to its node for a day, and was "
        "given "
        "up.",
        "The node has been taken out of service, or its name has changed; or no peer leads to it any more.",
        "If the node is gone for good there is nothing to do. Else see in the log why it is not connected, "
        "and "
        "detach the subscriber there.",
    },
    Description{
        Id::subscription_update_failed,
        "subscription_update_failed",
        Severity::warning,
        "A node could not be told of a change of a subscription, time and again; it is still tried.",
        "The node is not connected, or refuses Insert-Subscriber-Data or Delete-Subscriber-Data.",
        "Look at the detail and at the log of the node. The subscriber gets the new data at its next "
        "Update-Location in any case.",
    },
    Description{
        Id::imei_shared,
        "imei_shared",
        Severity::major,
        "A device is registered with more subscriptions at once than it may carry.",
        "Several devices have the same IMEI, so at least one of them is a copy; or a fleet's test device "
        "carries more cards than were entered for it.",
        "See whose cards it carried: bindhssctl report uiccs <IMEI>. If the device is meant to carry them, "
        "allow it more: bindhssctl device add <IMEI> --uiccs-max <NUMBER>; else lock the card in the copy: "
        "bindhssctl binding lock <IMSI>.",
    },
    Description{
        Id::imeisv_changed,
        "imeisv_changed",
        Severity::info,
        "A managed subscription came in the same device with another software version.",
        "The firmware of the device was updated. Rarely: a copy of the device runs other software.",
        "Nothing to do when an update was rolled out. A version that changes to and fro is a sign of two "
        "devices with one IMEI: see bindhssctl binding show <IMSI>.",
    },
    Description{
        Id::insecure_device,
        "insecure_device",
        Severity::major,
        "The policy of a subscription asks for a device that keeps its IMEI and key in a secure environment, "
        "and the model of the device is not on record as one.",
        "The model (TAC) was not recorded yet, is recorded as insecure, or the card was put into a simpler "
        "device.",
        "If the maker vouches for the model, record it: bindhssctl model set <TAC> --imei-secure yes "
        "--key-secure yes, with the first 8 digits of the IMEI. Else put the card back into its device. "
        "Which terms ask for it: bindhssctl binding show <IMSI>.",
    },
    Description{
        Id::update_unauthenticated,
        "update_unauthenticated",
        Severity::major,
        "A node sent an Update-Location for a subscription for which it has no vector from this HSS, and "
        "which no other node handed over to it. The IMEI is kept as reported and moves no binding.",
        "A node under foreign control writes forged reports; or the node still had the subscriber from "
        "before "
        "a database was restored, or from another HSS.",
        "Ask whoever runs the peer of the alarm why. One that is not yours, or nobody knows: take it out of "
        "diameter.peers and restart. After a restore, bindhssctl reset brings all nodes up to date.",
    },
    Description{
        Id::device_acquired,
        "device_acquired",
        Severity::info,
        "A subscription that is to be bound to its first device (first_use) was bound to this one.",
        "The subscription was used for the first time, or its list of devices was emptied.",
        "Nothing to do if it is the right device: bindhssctl binding show <IMSI>. If not: bindhssctl binding "
        "refuse <IMSI> <IMEI>, and bindhssctl binding authorise <IMSI> <IMEI> for the right one.",
    },
    Description{
        Id::approval_pending,
        "approval_pending",
        Severity::warning,
        "A subscription was used in a device that nobody has authorised, and its policy asks the operator.",
        "A new or exchanged device; or the card was taken out of its device.",
        "See who waits: bindhssctl approval list. Then bindhssctl binding authorise <IMSI> <IMEI>, or "
        "bindhssctl binding refuse <IMSI> <IMEI>.",
    },
    Description{
        Id::access_limited,
        "access_limited",
        Severity::warning,
        "A subscription was registered with the substitute profile of its policy instead of its own.",
        "Its device is not authorised, shared, or not secure, and the policy says limit; the alarm raised "
        "with "
        "it tells which.",
        "Look at the other alarms of the IMSI: bindhssctl alarm list. Once the cause is mended, for example "
        "by "
        "bindhssctl binding authorise <IMSI> <IMEI>, the next Update-Location brings the full profile.",
    },
    Description{
        Id::kme_suspect,
        "kme_suspect",
        Severity::major,
        "Several authentications in a row of a key-bound subscription failed or came to nothing: its device "
        "probably has not the key.",
        "The card sits in a device without the key or with an old one; the key was imported wrongly; or "
        "radio "
        "contact is so poor that answers are lost.",
        "Compare the KCV of bindhssctl binding show <IMSI> with the device. If the device was exchanged, "
        "authorise the new one: bindhssctl binding authorise <IMSI> <IMEI>. The alarm clears itself with the "
        "first proof.",
    },
    Description{
        Id::binding_locked,
        "binding_locked",
        Severity::critical,
        "A subscription is locked: it gets no vector and no registration until the operator unlocks it.",
        "Its policy says lock for what happened, which the alarm raised with it tells; or an operator locked "
        "it.",
        "See why: bindhssctl alarm list and bindhssctl binding show <IMSI>. When card and device are in the "
        "right hands again: bindhssctl binding unlock <IMSI>.",
    },
    Description{
        Id::resync_replayed,
        "resync_replayed",
        Severity::major,
        "A request to re-synchronise (AUTS) that was accepted before came again, and was refused.",
        "Somebody recorded the request and replays it; or a node repeats one whose answer was lost.",
        "A single one of a node that is yours: nothing to do. Repeated: ask whoever runs the peer of the "
        "alarm, and take a peer that replays out of diameter.peers.",
    },
    Description{
        Id::rate_limited,
        "rate_limited",
        Severity::minor,
        "Requests were refused because there were more of them than the limits allow; the detail tells which "
        "limit.",
        "A device that attaches in a loop, a node that repeats without pause, or an attack; or a limit that "
        "is "
        "narrower than the traffic (limits in the configuration).",
        "One IMSI: look for what refuses it, bindhssctl alarm list; to stop it, bindhssctl binding lock "
        "<IMSI>. A whole peer: ask whoever runs it; widen the limit only for traffic that is meant.",
    },
    Description{
        Id::alarm_flood,
        "alarm_flood",
        Severity::major,
        "So many alarms of one kind came from one peer in a minute that the rest of them is only counted "
        "here; the detail tells the kind.",
        "Many devices have the same trouble at once: a policy that was changed for all, an import that went "
        "wrong, a faulty node, or a population of unauthorised devices.",
        "Begin with the alarm that the detail names: its first occurrences are in bindhssctl alarm list one "
        "by one. If rules were changed lately, see what they say: bindhssctl rule list <IMSI>.",
    },
    Description{
        Id::kme_established,
        "kme_established",
        Severity::info,
        "A device was given a new key over the network, and proved that it has it: the subscription is bound "
        "to it from now on.",
        "The first attach of an unbound subscription, a key whose time was over, or a renewal that the "
        "operator "
        "ordered.",
        "Nothing to do. Look at the binding: bindhssctl binding show <IMSI>.",
    },
    Description{
        Id::kme_rsp_invalid,
        "kme_rsp_invalid",
        Severity::critical,
        "A device answered the provisioning of its key with a wrong proof. The key was thrown away, and the "
        "binding is as it was.",
        "Somebody answers in the place of the device, an answer was changed or replayed on its way, or the "
        "device "
        "is faulty. The right device cannot send a wrong proof.",
        "Treat the node in the alarm as suspect. See which device the subscription is in: bindhssctl "
        "association "
        "list <IMSI>. Lock the card if it may be stolen: bindhssctl binding lock <IMSI>. If the device is "
        "known to be cloned, revoke its key: bindhssctl device-key revoke <IMEI>.",
    },
    Description{
        Id::kme_refused,
        "kme_refused",
        Severity::major,
        "A device did not take the key that was sent to it; the detail says what it gave as its reason.",
        "The public key on record is not the device's own, the device has a newer key, cannot store one, or "
        "asks "
        "for a proof of the home network (HOME-MAC) that could not be made.",
        "Compare the key's fingerprint with the device: bindhssctl device-key list <IMEI>. Import the right "
        "key, "
        "and revoke the wrong one.",
    },
    Description{
        Id::kme_unanswered,
        "kme_unanswered",
        Severity::minor,
        "A device was sent a key and did not answer in time. The binding is as it was; the next attach tries "
        "again, at growing intervals.",
        "Weak radio, a device without the feature, or a node that does not pass the message on.",
        "A single alarm ends by itself with the next attach. Repeated for all devices of one node: its "
        "support of "
        "the KME AVPs is at fault (docs/protocol.md).",
    },
    Description{
        Id::no_public_key,
        "no_public_key",
        Severity::major,
        "A subscription needs a key, and there is no valid public key of its device to send it one with.",
        "The manufacturer's file was not imported, the key is revoked or its time is over, or the external "
        "registry does not know the device.",
        "Look for it: bindhssctl device-key list <IMEI>. Import the manufacturer's file: bindhssctl "
        "device-key "
        "import <FILE>.",
    },
    Description{
        Id::kme_feature_missing,
        "kme_feature_missing",
        Severity::major,
        "A node announced that it provisions keys, and answered a request to do so without a word about it. "
        "It is "
        "served as a node without the feature until the daemon is restarted.",
        "The node's software announces more than it has, or a relay takes unknown AVPs out.",
        "Ask the vendor of the node; docs/protocol.md shows the messages. Look at the relays between.",
    },
};

constexpr std::size_t id_count = static_cast<std::size_t>(Id::kme_feature_missing) + 1;
static_assert(table.size() == id_count, "every alarm has its row");

constexpr bool rows_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].id) != i) return false;
    return true;
}
static_assert(rows_in_order(), "the row of an alarm is found by its number");

constexpr std::array<std::string_view, 5> severity_names{"info", "warning", "minor", "major", "critical"};
static_assert(severity_names.size() == static_cast<std::size_t>(Severity::critical) + 1);

constexpr std::array<std::string_view, 5> change_names{"raised", "repeated", "escalated", "cleared",
                                                       "acknowledged"};
static_assert(change_names.size() == static_cast<std::size_t>(Change::acknowledged) + 1);

}  // namespace

const Description& describe(Id id) {
    return table[static_cast<std::size_t>(id)];
}

std::vector<Description> catalogue() {
    return {table.begin(), table.end()};
}

std::string_view name_of(Severity severity) {
    return severity_names[static_cast<std::size_t>(severity)];
}

std::string_view name_of(Change change) {
    return change_names[static_cast<std::size_t>(change)];
}

}  // namespace bindhss::alarm
