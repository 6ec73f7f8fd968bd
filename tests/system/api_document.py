#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Asks a running daemon for everything that openapi.json describes, and compares each answer with it: status, media
# type, and every member of the body, of which the document has to know all. Run by api_document.sh:
#   api_document.py SOCKET PORT WORLD DOCUMENT
import http.client
import json
import os
import re
import socket
import ssl
import sys

SOCKET, PORT, WORLD, DOCUMENT = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
with open(DOCUMENT, encoding="ascii") as file:
    document = json.load(file)
K = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"
KME = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
IMSI, IMSI2, IMEI, IMEI2 = "001010000000001", "001010000000002", "35693803564380", "35824005111111"
problems = []
good = {}  # operationId -> number of answers that were as documented
errors = {}  # operationId -> statuses that were seen


# --- schemas ---

def resolved(node):
    while "$ref" in node:
        target = document
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def is_of(value, name):
    return {"object": isinstance(value, dict), "array": isinstance(value, list), "string": isinstance(value, str),
            "integer": isinstance(value, int) and not isinstance(value, bool), "boolean": isinstance(value, bool),
            "number": isinstance(value, (int, float)) and not isinstance(value, bool), "null": value is None}[name]


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def faults(value, schema, at="body"):
    """What is wrong with a value. Members that an object's schema does not name are wrong too."""
    schema = resolved(schema)
    if "oneOf" in schema:
        each = [faults(value, one, at) for one in schema["oneOf"]]
        return [] if sum(not one for one in each) == 1 else [f"{at}: fits not exactly one: {each}"]
    names = schema.get("type")
    if names is not None:
        names = names if isinstance(names, list) else [names]
        if not any(is_of(value, name) for name in names):
            return [f"{at}: {value!r} is no {names}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: {value!r} does not fit {schema['pattern']}")
        if schema.get("format") == "date-time" and not TIME.match(value):
            found.append(f"{at}: {value!r} is no time")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            found += faults(item, schema["items"], f"{at}[{i}]")
    if isinstance(value, dict) and "properties" in schema:
        more = schema.get("additionalProperties", False)
        for name in schema.get("required", []):
            if name not in value:
                found.append(f"{at}: {name} is missing")
        for name, member in value.items():
            if name in schema["properties"]:
                found += faults(member, schema["properties"][name], f"{at}.{name}")
            elif more is False:
                found.append(f"{at}: {name} is not documented")
            elif isinstance(more, dict):
                found += faults(member, more, f"{at}.{name}")
    return found


# --- asking ---

class UnixConnection(http.client.HTTPConnection):
    """By the socket, as who we are; or, of root alone, as a user who has no role."""

    def __init__(self, stranger=False):
        super().__init__("hss", timeout=60)
        self.stranger = stranger

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        if self.stranger:
            os.seteuid(65534)
        try:
            self.sock.connect(SOCKET)
        finally:
            if self.stranger:
                os.seteuid(0)


def over_tls(source="127.0.0.1"):
    context = ssl.create_default_context(cafile=f"{WORLD}/ca.pem")
    return http.client.HTTPSConnection("127.0.0.1", PORT, context=context, timeout=60, source_address=(source, 0))


def token(name):
    with open(f"{WORLD}/token.{name}", encoding="ascii") as lines:
        return {"Authorization": f"Bearer {lines.read()}"}


def operation_of(method, path):
    """The documented operation of a request; fixed parts of a path go before variable ones."""
    plain = path.split("?")[0].split("/")
    best = None
    for template, operations in document["paths"].items():
        parts = template.split("/")
        fits = len(parts) == len(plain) and all(p.startswith("{") or p == q for p, q in zip(parts, plain))
        if fits and method.lower() in operations:
            variable = sum(p.startswith("{") for p in parts)
            if best is None or variable < best[0]:
                best = (variable, operations[method.lower()])
    if best is None:
        raise SystemExit(f"{method} {path} is not documented")
    return best[1]


def send(connection, method, path, body, fields):
    connection.request(method, path, body=body, headers=fields)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def ask(method, path, body=None, fields=None, expect=200, connection=None, media="application/json"):
    """One request, whose answer has to have this status and be as documented. Returns its body."""
    fields = dict(fields or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    if body is not None:
        fields.setdefault("Content-Type", media)
    response, content = send(connection or UnixConnection(), method, path, body, fields)
    operation = operation_of(method, path)
    name = operation["operationId"]
    where = f"{name} ({method} {path}): {response.status}"
    if response.status != expect:
        problems.append(f"{where} instead of {expect}: {content[:300]!r}")
        return None
    documented = operation["responses"].get(str(response.status))
    if documented is None:
        problems.append(f"{where} is not documented")
        return None
    documented = resolved(documented)
    if response.status < 400:
        good[name] = good.get(name, 0) + 1
    else:
        errors.setdefault(name, set()).add(str(response.status))
    if not response.getheader("x-request-id"):
        problems.append(f"{where} has no X-Request-Id")
    for field in documented.get("headers", {}):
        optional = field in ("Link", "Idempotency-Replayed") or (field == "ETag" and method not in ("GET",))
        if not optional and not response.getheader(field):
            problems.append(f"{where} has no {field}")
    if "content" not in documented:
        if content:
            problems.append(f"{where} has a body")
        return response
    media_type = response.getheader("content-type")
    if media_type not in documented["content"]:
        problems.append(f"{where} is {media_type}")
        return None
    value = json.loads(content) if media_type.endswith("json") else content.decode()
    for fault in faults(value, documented["content"][media_type]["schema"]):
        problems.append(f"{where}: {fault}")
    if method == "GET" and response.getheader("etag"):
        ask_again = send(UnixConnection(), method, path, None, {"If-None-Match": response.getheader("etag")})
        if "304" in operation["responses"] and ask_again[0].status != 304:
            problems.append(f"{where}: {ask_again[0].status} although it is the same")
    return value


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


# --- every operation, as it is meant ---

def subscribers():
    card = {"k": K, "opc": OPC, "msisdn": "491"}
    one = f"/v1/subscribers/{IMSI}"
    ask("PUT", one + "?dry_run=true", card)
    ask("PUT", one, card)
    ask("PUT", f"/v1/subscribers/{IMSI2}", card)
    ask("PATCH", one, {"override": {}, "amf": "9000"})
    ask("GET", one)
    page = ask("GET", "/v1/subscribers?limit=1")
    ask("GET", f"/v1/subscribers?limit=1&cursor={page['next']}&imsi_prefix=00101")
    ask("POST", one + "/detach", {"reattach": True})
    ask("POST", one + "/locate")
    ask("POST", "/v1/orders", {"order": "reset", "imsi_prefixes": ["00101"]})
    ask("DELETE", f"/v1/subscribers/{IMSI2}?dry_run=true")
    ask("DELETE", f"/v1/subscribers/{IMSI2}", expect=204)


def profiles():
    shown = ask("GET", "/v1/profiles")
    path = "/v1/profiles/second"
    ask("PUT", path, {"document": shown["items"][0]["document"]})
    ask("GET", path)
    ask("DELETE", path, expect=204)


def devices():
    ask("PUT", f"/v1/devices/{IMEI}", {"comment": "a meter"})
    ask("PUT", "/v1/devices/35824005", {"group": "meters", "uiccs_max": 2})
    ask("GET", f"/v1/devices/{IMEI}")
    ask("GET", "/v1/devices?group=meters")
    ask("PUT", "/v1/models/35693803", {"name": "M1", "imei_secure": "yes", "key_secure": "no"})
    ask("GET", "/v1/models/35693803")
    ask("GET", "/v1/models")
    ask("PUT", f"/v1/equipment/{IMEI2}", {"status": "black", "comment": "stolen"})
    ask("GET", f"/v1/equipment/{IMEI2}")
    ask("GET", "/v1/equipment")
    ask("DELETE", f"/v1/equipment/{IMEI2}", expect=204)


def keys():
    ask("PUT", f"/v1/kmes/{IMEI}", {"kme": KME})
    ask("POST", "/v1/kmes/import?name=file-1", lines({"type": "kme", "imei": IMEI2, "kme": KME}),
        media="application/x-ndjson")
    ask("GET", "/v1/kmes")
    ask("GET", f"/v1/kmes/{IMEI}")
    ask("POST", f"/v1/kmes/{IMEI}/renew")
    ask("POST", f"/v1/kmes/{IMEI2}/retire", {})
    with open(f"{WORLD}/oss.pub", encoding="ascii") as pem:
        public = "".join(pem.read().split("\n")[1:-2])
    ask("POST", "/v1/device-keys/import?origin=factory", lines({"imei": IMEI, "key": public}),
        media="application/x-ndjson")
    ask("GET", "/v1/device-keys")
    ask("GET", f"/v1/device-keys/{IMEI}")
    ask("POST", f"/v1/device-keys/{IMEI}/revoke", {})
    ask("GET", "/v1/exchanges")


def bindings():
    one = f"/v1/bindings/{IMSI}"
    ask("PUT", one, {"policy": "kme", "devices": [IMEI]})
    ask("GET", one)
    ask("POST", one + "/authorise", {"imei": IMEI2})
    ask("POST", one + "/refuse", {"imei": IMEI2})
    ask("POST", one + "/lock")
    ask("POST", one + "/unlock")
    ask("GET", "/v1/approvals")
    ask("GET", "/v1/seen")
    ask("GET", f"/v1/seen/{IMSI}/{IMEI}")


def policies():
    ask("GET", "/v1/terms")
    ask("PUT", "/v1/terms/strict", {"policy": "kme"})
    ask("PATCH", "/v1/terms/strict", {"on_mismatch": "reject"})
    ask("GET", "/v1/terms/strict")
    ask("POST", "/v1/terms/strict/default?dry_run=true")
    ask("DELETE", "/v1/terms/strict", expect=204)
    ask("PUT", "/v1/groups/fleet", {"rank": 2})
    ask("PUT", f"/v1/groups/fleet/members/{IMSI}")
    ask("GET", "/v1/groups/fleet")
    ask("GET", "/v1/groups")
    ask("GET", f"/v1/subscribers/{IMSI}")
    ask("DELETE", f"/v1/groups/fleet/members/{IMSI}", expect=204)
    ask("DELETE", "/v1/groups/fleet", expect=204)
    rule = {"subscriptions": "*", "devices": "35693803", "action": "allow"}
    added = ask("POST", "/v1/rules", rule)
    ask("POST", "/v1/rules/like", rule)
    ask("GET", "/v1/rules")
    if added:
        path = f"/v1/rules/{added['id']}"
        ask("PUT", path, dict(rule, comment="all of them"))
        ask("GET", path)
        ask("DELETE", path, expect=204)


def records():
    change = lines({"type": "subscriber", "imsi": IMSI2, "k": K, "opc": OPC}, {"type": "device", "imei": IMEI2})
    for again in (False, True):
        done = ask("POST", "/v1/changes", change, {"Idempotency-Key": "chunk-1"}, media="application/x-ndjson")
        if done and done["before"] != again:
            problems.append("applyChanges: the key did not count")
    ask("GET", "/v1/registrations?purged=true")
    ask("GET", "/v1/alarms?cleared=true")
    ask("POST", "/v1/alarms/acknowledge", {"all": True})
    ask("POST", "/v1/alarms/clear", {"all": True})
    ask("GET", "/v1/audit?limit=1000")


def daemon():
    for path in ("peers", "status", "events", "health", "config", "openapi.json"):
        ask("GET", f"/v1/{path}")
    ask("POST", "/v1/reload")


# --- every error that an operation documents ---

def sample_path(template):
    known = {"imsi": IMSI, "imei": IMEI, "name": "nothing", "tac": "99999999", "id": "999999", "owner": "99999999999999"}
    return re.sub(r"\{(\w+)\}", lambda match: known[match.group(1)], template)


def who_may_not(role):
    return {"provision": token("reader"), "keys": token("provisioner"), "admin": token("provisioner")}.get(role)


def common_errors(template, method, operation, number):
    path = sample_path(template)
    ask(method, path + "?colour=green", expect=400)
    # Each from an address of its own: who fails often is not listened to.
    ask(method, path, connection=over_tls(f"127.0.{1 + number // 200}.{1 + number % 200}"), expect=401)
    refused = who_may_not(operation["x-role"])
    if refused:
        ask(method, path, fields=refused, connection=over_tls(), expect=403)
    elif os.geteuid() == 0:
        ask(method, path, connection=UnixConnection(stranger=True), expect=403)
    too_long = {"Content-Length": str(16 * 1024 * 1024 + 1)}
    response, content = raw(method, path, too_long)
    if response != 413:
        problems.append(f"{method} {path}: {response} of a body that is too long: {content[:100]}")
    errors.setdefault(operation["operationId"], set()).add("413")
    status, content = raw("BREW", path, {})
    if status != 405 or "urn:bindhss:problem:method-not-allowed" not in content:
        problems.append(f"BREW {path}: {status}")
    errors[operation["operationId"]].add("405")


def raw(method, path, fields):
    """A request without its body."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(60)
    connection.connect(SOCKET)
    head = f"{method} {path} HTTP/1.1\r\nHost: hss\r\nConnection: close\r\n"
    connection.sendall((head + "".join(f"{n}: {v}\r\n" for n, v in fields.items()) + "\r\n").encode())
    if fields:
        connection.shutdown(socket.SHUT_WR)
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    connection.close()
    return int(answer.split()[1]), answer.decode(errors="replace")


def existing(path):
    """The same operation on something that is there."""
    return path.replace("/terms/nothing", "/terms/guarded").replace("/profiles/nothing", "/profiles/guarded").replace(
        "/rules/999999", f"/rules/{guarded_rule['id']}")


def own_errors(template, method, operation):
    path = sample_path(template)
    name = operation["operationId"]
    documented = operation["responses"]
    if "415" in documented:
        ask(method, existing(path), "text", media="text/plain", expect=415)
    if "412" in documented:
        body = {"putSubscriber": {}, "putProfile": {"document": {}}, "putTerms": {"policy": "off"}}.get(name, {})
        there = existing(path)
        if "/profiles/" in path:
            body = guarded_profile if method == "PUT" else None
        if name == "putBinding":
            body = {"policy": "off"}
        if name in ("authoriseDevice", "refuseDevice"):
            body = {"imei": IMEI2}
        ask(method, there, body if method != "DELETE" else None, {"If-Match": '"other"'}, expect=412)


missing = {
    "getSubscriber": ("/v1/subscribers/999999999999999", None), "patchSubscriber": ("/v1/subscribers/999999999999999", {}),
    "putSubscriber": None, "deleteSubscriber": ("/v1/subscribers/999999999999999", None),
    "detachSubscriber": ("/v1/subscribers/999999999999999/detach", {}),
    "locateSubscriber": ("/v1/subscribers/999999999999999/locate", None),
    "giveOrder": ("/v1/orders", {"order": "locate", "imsi": "999999999999999"}),
    "getDevice": ("/v1/devices/99999999999999", None),
    "getEquipment": ("/v1/equipment/99999999999999", None),
    "getBinding": ("/v1/bindings/999999999999999", None),
    "getSeen": (f"/v1/seen/999999999999999/{IMEI}", None),
    "listRules": ("/v1/rules?imsi=999999999999999", None),
    "findRuleLike": ("/v1/rules/like", {"subscriptions": "99999*", "devices": "*", "action": "deny"}),
    "patchTerms": ("/v1/terms/nothing", {"on_mismatch": "reject"}),
    "putRule": ("/v1/rules/999999", {"subscriptions": "*", "devices": "*", "action": "deny"}),
    "acknowledgeAlarms": ("/v1/alarms/acknowledge", {"name": "no_such_alarm"}),
    "clearAlarms": ("/v1/alarms/clear", {"name": "no_such_alarm"}),
    "renewKme": ("/v1/kmes/99999999999999/renew", None),
    "revokeDeviceKeys": (f"/v1/device-keys/{IMEI}/revoke", {"fingerprint": "0" * 64}),
}
refusals = {
    "putSubscriber": {"colour": "green"}, "patchSubscriber": {"colour": "green"}, "putProfile": {"document": {"x": 1}},
    "putDevice": {"colour": "green"}, "putModel": {"colour": "green"}, "putEquipment": {"status": "pink"},
    "putKme": {"kme": "00"}, "putBinding": {"policy": "none"}, "putTerms": {"policy": "none"},
    "patchTerms": {"policy": "none"}, "putGroup": {"rank": "high"}, "addRule": {"action": "maybe"},
    "putRule": {"action": "maybe"}, "findRuleLike": {"action": "maybe"},
}
refused_lines = {"applyChanges": lines({"type": "subscriber"}), "importKmes": lines({"type": "kme", "imei": IMEI}),
                 "importDeviceKeys": "nonsense,columns\n1,2\n"}


def refuse_and_miss(template, method, operation):
    name = operation["operationId"]
    path = sample_path(template)
    if "404" in operation["responses"]:
        where = missing.get(name, (path, None))
        if where and not (name.startswith("put") and name != "putRule"):
            answer = probe(method, *where)
            if answer == 404:
                errors.setdefault(name, set()).add("404")
    if name in refusals:
        ask(method, existing(path), refusals[name], expect=422)
    if name in refused_lines:
        media = "text/csv" if name == "importDeviceKeys" else "application/x-ndjson"
        ask(method, path, refused_lines[name], expect=422, media=media)


def probe(method, path, body):
    fields = {"Content-Type": "application/json"} if body is not None else {}
    response, content = send(UnixConnection(), method, path, json.dumps(body) if body is not None else None, fields)
    if response.status == 404:
        for fault in faults(json.loads(content), {"$ref": "#/components/schemas/Problem"}):
            problems.append(f"{method} {path}: {fault}")
    return response.status


def too_many_failures():
    statuses = set()
    for _ in range(25):
        response, content = send(over_tls("127.9.9.9"), "GET", "/v1/terms", None, {"Authorization": "Bearer nobody"})
        statuses.add(response.status)
        for fault in faults(json.loads(content), {"$ref": "#/components/schemas/Problem"}):
            problems.append(f"too many failures: {fault}")
    if statuses != {401, 429}:
        problems.append(f"too many failures: {statuses}")


for part in (subscribers, profiles, devices, keys, bindings, policies, records, daemon):
    part()
guarded_profile = {"document": ask("GET", "/v1/profiles")["items"][0]["document"]}
ask("PUT", "/v1/profiles/guarded", guarded_profile)
ask("PUT", "/v1/terms/guarded", {"policy": "off"})
guarded_rule = ask("POST", "/v1/rules", {"subscriptions": "*", "devices": "35693803", "action": "allow"})
everything = [(template, method.upper(), operation) for template, operations in document["paths"].items()
              for method, operation in operations.items()]
for i, (where, verb, what) in enumerate(everything):
    common_errors(where, verb, what, i)
    own_errors(where, verb, what)
    refuse_and_miss(where, verb, what)
too_many_failures()

# What cannot be brought about here for each operation by itself: a full queue and a fault (unit tests), a database
# that is away (api_document.sh); and, unless we are root, somebody without any role.
# 409: two keys of a device whose fingerprints begin alike.
elsewhere = {"429", "500", "503", "409"}
if os.geteuid() != 0:
    elsewhere.add("403")
for _, _, what in everything:
    who = what["operationId"]
    if who not in good:
        problems.append(f"{who}: no good answer was seen")
    left = {s for s in what["responses"] if s >= "400"} - errors.get(who, set()) - elsewhere
    # Of the same kind wherever they are documented, and not to be had of everything.
    left -= {"404", "422"}
    if left:
        problems.append(f"{who}: documented and not seen: {sorted(left)}")
seen_404 = sum("404" in statuses for statuses in errors.values())
seen_422 = sum("422" in statuses for statuses in errors.values())
if seen_404 < 25 or seen_422 < 15:
    problems.append(f"404 was seen of {seen_404} operations, 422 of {seen_422}")
print(f"{len(everything)} operations, {sum(good.values())} good answers, "
      f"{sum(len(s) for s in errors.values())} errors (404 of {seen_404}, 422 of {seen_422})")
if problems:
    print("\n".join(problems))
    sys.exit(f"{len(problems)} things are not as the document says")
