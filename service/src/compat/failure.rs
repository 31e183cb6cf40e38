//! What can go wrong with an old client's request.

use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;
use wxsession_server::sessions::SessionsError;
use wxsession_server::store::StoreError;

/// Why an old client's request fails.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// As at any other client.
    Problem(HttpProblem),
    /// A header that the sign-in needs is not there.
    HeaderMissing(&'static str),
    /// `X-WX-RawData` cannot be read.
    RawData(Unreadable),
    /// `X-WX-Signature` is not WeChat's of the raw data.
    Untrusted,
    /// `X-WX-Encrypted-Data` cannot be opened, or is another mini program's.
    Unopenable,
    /// A sign-in by the code alone, of a user of whom WeChat has told nothing.
    Stranger,
}

/// What is wrong with raw data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not what `encodeURIComponent` makes.
    Uri,
    /// It is not a JSON object.
    Json,
    /// It is longer than anything that WeChat tells of a user.
    Long,
}

impl Failure {
    pub(super) fn new(code: ProblemCode) -> Self {
        Self::Problem(HttpProblem::new(code))
    }

    /// What other clients would be told.
    pub(super) fn code(&self) -> ProblemCode {
        match self {
            Self::Problem(problem) => problem.code(),
            Self::HeaderMissing(_)
            | Self::RawData(_)
            | Self::Untrusted
            | Self::Unopenable
            | Self::Stranger => ProblemCode::BadRequest,
        }
    }

    /// A word for it, from which [`Self::named`] makes it again. Only failures of calls have one of their own.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::RawData(Unreadable::Uri) => "raw_data_uri",
            Self::RawData(Unreadable::Json) => "raw_data_json",
            Self::RawData(Unreadable::Long) => "raw_data_long",
            Self::Untrusted => "raw_data_untrusted",
            failure => failure.code().as_str(),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "raw_data_uri" => Self::RawData(Unreadable::Uri),
            "raw_data_json" => Self::RawData(Unreadable::Json),
            "raw_data_long" => Self::RawData(Unreadable::Long),
            "raw_data_untrusted" => Self::Untrusted,
            name => Self::new(ProblemCode::parse(name)?),
        })
    }

    /// The problem whose status and headers the answer has.
    pub(super) fn problem(&self) -> HttpProblem {
        match self {
            Self::Problem(problem) => problem.clone(),
            failure => HttpProblem::new(failure.code()),
        }
    }
}

impl From<HttpProblem> for Failure {
    fn from(problem: HttpProblem) -> Self {
        Self::Problem(problem)
    }
}

impl From<SessionsError> for Failure {
    fn from(error: SessionsError) -> Self {
        Self::Problem(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        SessionsError::from(error).into()
    }
}

/// Whether a session that was presented is none, or has ended.
pub(super) fn is_of_session(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::SessionMissing
            | ProblemCode::SessionExpired
            | ProblemCode::SessionReplaced
            | ProblemCode::SessionRevoked
    )
}

#[cfg(test)]
mod tests {
    use wxsession_protocol::ProblemCode;

    use super::{Failure, Unreadable};

    #[test]
    fn a_failure_of_a_call_survives_as_its_name() {
        let own = [
            Failure::RawData(Unreadable::Uri),
            Failure::RawData(Unreadable::Json),
            Failure::RawData(Unreadable::Long),
            Failure::Untrusted,
        ];
        let problems = ProblemCode::ALL.map(Failure::new);
        for failure in own.into_iter().chain(problems) {
            let again = Failure::named(failure.name()).unwrap();
            assert_eq!(format!("{again:?}"), format!("{failure:?}"));
        }
        assert!(Failure::named("anything else").is_none());
    }
}
