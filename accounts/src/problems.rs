//! What clients are told of failures.

use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::sessions::SessionsError;
use wxsession_server::store::StoreError;

use crate::account::{Full, UnlinkError};
use crate::challenge::ChallengeError;
use crate::device::DeviceError;
use crate::directory::DirectoryError;
use crate::hashing::Busy;
use crate::identifier::IdentifierError;
use crate::limits::LimitError;
use crate::oidc::OidcError;
use crate::password::{MOST_CHARACTERS, Weakness};
use crate::phone::PhoneError;
use crate::sign_in::SignInError;

pub(crate) fn bad_request(detail: impl Into<String>) -> HttpProblem {
    HttpProblem::because(ProblemCode::BadRequest, detail.into())
}

/// A password that must not be chosen, where `least` is the fewest characters.
pub(crate) fn weak(weakness: Weakness, least: usize) -> HttpProblem {
    let detail = match weakness {
        Weakness::Short => format!("`password` must have {least} characters at least"),
        Weakness::Long => format!("`password` may have {MOST_CHARACTERS} characters at most"),
        Weakness::Common => "many people have this `password`; choose another".into(),
        Weakness::Identifier => {
            "`password` must not be a name, a number or an address of yours".into()
        }
    };
    HttpProblem::because(ProblemCode::PasswordWeak, detail).with("reason", weakness.as_str())
}

fn limited(seconds: u64) -> HttpProblem {
    let seconds = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
    HttpProblem::new(ProblemCode::RateLimited).retry_after(seconds)
}

fn store(error: StoreError) -> HttpProblem {
    SessionsError::from(error).into()
}

impl From<IdentifierError> for HttpProblem {
    fn from(error: IdentifierError) -> Self {
        bad_request(error.to_string())
    }
}

impl From<Busy> for HttpProblem {
    fn from(_: Busy) -> Self {
        Self::new(ProblemCode::ServerBusy)
    }
}

impl From<Full> for HttpProblem {
    fn from(error: Full) -> Self {
        bad_request(error.to_string())
    }
}

impl From<UnlinkError> for HttpProblem {
    fn from(error: UnlinkError) -> Self {
        let code = match error {
            UnlinkError::Unknown => ProblemCode::NotFound,
            UnlinkError::Last => ProblemCode::LastIdentity,
        };
        Self::because(code, error.to_string())
    }
}

impl From<DirectoryError> for HttpProblem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Store(error) => store(error),
            DirectoryError::NoRandomness(error) => SessionsError::from(error).into(),
            // It is over in a minute at the latest.
            DirectoryError::InBetween => Self::new(ProblemCode::AccountsUnavailable),
        }
    }
}

impl From<LimitError> for HttpProblem {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited { wait } => limited(wait.div_ceil(1000)),
            LimitError::Store(error) => store(error),
        }
    }
}

impl From<SignInError> for HttpProblem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Directory(error) => error.into(),
            SignInError::Limit(error) => error.into(),
            SignInError::Busy(error) => error.into(),
            SignInError::Refused => bad_request(error.to_string()),
        }
    }
}

impl From<ChallengeError> for HttpProblem {
    fn from(error: ChallengeError) -> Self {
        let code = match error {
            ChallengeError::NotSetUp => ProblemCode::MethodUnknown,
            ChallengeError::Limited { retry_after } => return limited(retry_after),
            ChallengeError::Store(error) => return store(error),
            ChallengeError::NoRandomness(error) => return SessionsError::from(error).into(),
            ChallengeError::Full(_) => ProblemCode::ServerBusy,
            ChallengeError::Wrong => ProblemCode::ChallengeWrong,
            ChallengeError::Over => ProblemCode::ChallengeOver,
            ChallengeError::NoChannel | ChallengeError::Malformed => ProblemCode::BadRequest,
        };
        Self::because(code, error.to_string())
    }
}

impl From<PhoneError> for HttpProblem {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::Malformed => bad_request(error.to_string()),
            PhoneError::Wrong => Self::new(ProblemCode::CredentialsWrong),
            PhoneError::WeChat(error) => error.into(),
        }
    }
}

impl From<OidcError> for HttpProblem {
    fn from(error: OidcError) -> Self {
        Self::new(match error {
            OidcError::Wrong => ProblemCode::CredentialsWrong,
            OidcError::Unavailable => ProblemCode::AccountsUnavailable,
        })
    }
}

impl From<DeviceError> for HttpProblem {
    fn from(error: DeviceError) -> Self {
        Self::new(match error {
            DeviceError::NotOffered => return bad_request(error.to_string()),
            DeviceError::Denied => ProblemCode::AccessDenied,
            DeviceError::Over => ProblemCode::ChallengeOver,
            DeviceError::Wrong => ProblemCode::CredentialsWrong,
            DeviceError::Unavailable => ProblemCode::AccountsUnavailable,
            DeviceError::NoRandomness(error) => return SessionsError::from(error).into(),
        })
    }
}
