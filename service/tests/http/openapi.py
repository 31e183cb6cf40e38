"""What schemathesis cannot make up for itself: sessions that live, their signatures, and what WeChat gave to their users."""

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.request

import requests.adapters
import schemathesis

SERVER = os.environ["WXSESSION_TEST_SERVER"]
INTERNAL = os.environ["WXSESSION_TEST_DOCUMENT"].partition("/openapi")[0]
WECHAT = os.environ["WXSESSION_TEST_WECHAT"]
PASSWORD = "correct horse battery staple"

numbers = iter(range(1_000_000))
turns = iter(range(1_000_000))
user_of = {}
key_of = {}


def ask(url, body=None, session=None):
    headers = {"content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    if session:
        headers |= {"sessionid": session} | signatures(session, "GET" if data is None else "POST", url, data)
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.load(answer)


def signatures(session, method, url, body):
    """What the phone of a session with a key adds to a request."""
    if session not in key_of:
        return {}
    target = url.removeprefix(SERVER).removeprefix(INTERNAL)
    path, _, query = target.partition("?")
    components = [("@method", method), ("@path", path), ("@query", f"?{query}")]
    headers = {}
    if body is not None:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers["content-digest"] = f"sha-256=:{digest}:"
        components.append(("content-digest", headers["content-digest"]))
    names = " ".join(f'"{name}"' for name, _ in components)
    parameters = f'({names});created={int(time.time())};nonce="{next(numbers)}"'
    components.append(("@signature-params", parameters))
    text = "\n".join(f'"{name}": {value}' for name, value in components)
    signature = hmac.digest(key_of[session], text.encode(), "sha256")
    headers["signature-input"] = f"wx={parameters}"
    headers["signature"] = f"wx=:{base64.b64encode(signature).decode()}:"
    return headers


class SignedAdapter(requests.adapters.HTTPAdapter):
    """Signs what is sent, as it is sent."""

    def send(self, request, **options):
        session = request.headers.get("sessionid")
        if session in key_of and "signature" not in request.headers:
            body = request.body.encode() if isinstance(request.body, str) else request.body
            request.headers.update(signatures(session, request.method, request.url, body))
            # Whoever asks at /verify says what the question is about.
            request.headers["x-original-method"] = request.method
            request.headers["x-original-uri"] = request.path_url
        return super().send(request, **options)


requests.sessions.HTTPAdapter = SignedAdapter


def code_of(user):
    return ask(f"{WECHAT}/simulator/login", {"user": user})["code"]


def new_user():
    # Somebody new each time: WeChat limits how often one user signs in.
    return f"user {next(numbers)}"


HAS_ACCOUNTS = "/wx/account" in ask(os.environ["WXSESSION_TEST_DOCUMENT"])["paths"]


def new_name():
    return f"name{next(numbers)}"


def registration():
    return {"method": "password", "identifier": new_name(), "password": PASSWORD, "register": True}


# Not `/refusal`, which has no yes to give.
@schemathesis.auth(refresh_interval=None).apply_to(
    path_regex="^/(wx/(session|logout|account|challenges).*|verify|decrypt|signature|phone-number)$"
)
class Session:
    """A new session for each call, for a sign-out may have ended the one before."""

    def get(self, case, context):
        user = new_user()
        body = {"code": code_of(user)}
        if case.path.startswith("/wx/account"):
            body |= registration()
        # Every other session has a key, if the server gives one.
        if next(turns) % 2:
            body["proof"] = "hmac-sha256"
        signed_in = ask(f"{SERVER}/wx/onlogin", body)
        session = signed_in["sessionid"]
        user_of[session] = user
        if "key" in signed_in:
            key_of[session] = base64.urlsafe_b64decode(signed_in["key"] + "=")
        return session

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "sessionid": data}


def sound_sign_in(fields):
    """A sign-in that leads somewhere, by each way in turn."""
    for name in ("method", "register", "link"):
        fields.pop(name, None)
    fields["code"] = code_of(new_user())
    if HAS_ACCOUNTS:
        wrong = {"method": "password", "identifier": new_name(), "password": PASSWORD}
        ways = [{}, {"method": "wechat"}, registration(), wrong]
        fields.update(ways[next(numbers) % len(ways)])


def sound_link(fields, user):
    fields["code"] = code_of(user)
    name = {"method": "password", "identifier": new_name(), "password": PASSWORD}
    fields.update([name, {"method": "wechat"}][next(numbers) % 2])


def sound_challenge(fields):
    if "identifier" in fields:
        fields["identifier"] = f"+86138{next(numbers):08}"
    if "code" in fields:
        fields["code"] = code_of(new_user())


def sound_unlink(path, session):
    """The way in of the WeChat user, who has a name and a password besides."""
    identities = ask(f"{SERVER}/wx/account", session=session)["identities"]
    path["id"] = next(way["id"] for way in identities if way["kind"] == "wechat")


@schemathesis.hook
def before_call(context, case, kwargs):
    """Where a call is sound in form, what WeChat and the server gave is sound too."""
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    session = (case.headers or {}).get("sessionid")
    user = user_of.get(session)
    if case.path == "/wx/account/identities/{id}" and user and next(numbers) % 2:
        sound_unlink(case.path_parameters, session)
    fields = case.query if case.method == "GET" else case.body
    if not isinstance(fields, dict):
        return
    if case.path == "/wx/onlogin":
        sound_sign_in(fields)
    elif case.path == "/wx/account/identities" and user:
        sound_link(fields, user)
    elif case.path == "/wx/account/password":
        fields["password"] = PASSWORD
    elif case.path == "/wx/challenges":
        sound_challenge(fields)
    elif case.path == "/sessions/end":
        # Only a session of that very user may stay.
        fields.pop("except", None)
    elif case.path == "/phone-number" and user:
        fields["code"] = ask(f"{WECHAT}/simulator/phone-code", {"user": user})["code"]
    elif case.path == "/decrypt" and user:
        encrypted = ask(f"{WECHAT}/simulator/encrypt", {"user": user})
        fields.update({name: encrypted[name] for name in ("encryptedData", "iv")})
