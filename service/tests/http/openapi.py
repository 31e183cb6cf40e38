"""What schemathesis cannot make up for itself: sessions that live, and what WeChat gave to their users."""

import json
import os
import urllib.request

import schemathesis

SERVER = os.environ["WXSESSION_TEST_SERVER"]
WECHAT = os.environ["WXSESSION_TEST_WECHAT"]

users = iter(range(1_000_000))
user_of = {}


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def new_code():
    # Somebody new each time: WeChat limits how often one user signs in.
    user = f"user {next(users)}"
    return user, post(f"{WECHAT}/simulator/login", {"user": user})["code"]


# Not `/refusal`, which has no yes to give.
@schemathesis.auth(refresh_interval=None).apply_to(
    path_regex="^/(wx/(session|logout)|verify|decrypt|signature|phone-number)$"
)
class Session:
    """A new session for each call, for a sign-out may have ended the one before."""

    def get(self, case, context):
        user, code = new_code()
        session = post(f"{SERVER}/wx/onlogin", {"code": code})["sessionid"]
        user_of[session] = user
        return session

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "sessionid": data}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Where a call is sound in form, what WeChat gave is sound too."""
    fields = case.query if case.method == "GET" else case.body
    if not case.meta or not case.meta.generation.mode.is_positive or not isinstance(fields, dict):
        return
    user = user_of.get((case.headers or {}).get("sessionid"))
    if case.path == "/wx/onlogin":
        fields["code"] = new_code()[1]
        # This server has no accounts, and says so to any method.
        fields.pop("method", None)
    elif case.path == "/sessions/end":
        # Only a session of that very user may stay.
        fields.pop("except", None)
    elif case.path == "/phone-number" and user:
        fields["code"] = post(f"{WECHAT}/simulator/phone-code", {"user": user})["code"]
    elif case.path == "/decrypt" and user:
        encrypted = post(f"{WECHAT}/simulator/encrypt", {"user": user})
        fields.update({name: encrypted[name] for name in ("encryptedData", "iv")})
