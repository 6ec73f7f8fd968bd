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
        "authorise it "
        "with bindhssctl binding set; else treat the card as stolen.",
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
};

constexpr std::size_t id_count = static_cast<std::size_t>(Id::subscription_update_failed) + 1;
static_assert(table.size() == id_count, "every alarm has its row");

constexpr bool rows_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].id) != i) return false;
    return true;
}
static_assert(rows_in_order(), "the row of an alarm is found by its number");

constexpr std::array<std::string_view, 5> severity_names{"info", "warning", "minor", "major", "critical"};
static_assert(severity_names.size() == static_cast<std::size_t>(Severity::critical) + 1);

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

}  // namespace bindhss::alarm
