//! The settings of signed requests.

use anyhow::ensure;
use clap::{Args, ValueEnum};
use wxsession_server::ProofPolicy;

use crate::internal::ProofTarget;

#[derive(Args, Debug)]
#[command(next_help_heading = "Signed requests")]
pub(super) struct ProofOptions {
    /// Whether programs sign their requests
    #[arg(
        long,
        env = "WXSESSION_PROOF",
        value_name = "KIND",
        value_enum,
        default_value = "off"
    )]
    proof: Kind,
    /// Where a question to /verify says which request was signed
    #[arg(
        long,
        env = "WXSESSION_PROOF_TARGET",
        value_name = "PLACE",
        value_enum,
        hide_short_help = true
    )]
    proof_target: Option<ProofTarget>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// No: no session gets a key
    Off,
    /// Those that ask for a key when they sign in, from then on
    Offered,
    /// All: nobody signs in without a key
    Required,
}

impl ProofOptions {
    /// Who signs.
    ///
    /// # Errors
    /// Old clients cannot, and there are some.
    pub(super) fn policy(&self, has_old_clients: bool) -> anyhow::Result<ProofPolicy> {
        ensure!(
            self.proof != Kind::Required || !has_old_clients,
            "--proof required: the old clients of --compat cannot sign, and none of them could sign in; give --proof \
             offered, or leave --compat out"
        );
        Ok(match self.proof {
            Kind::Off => ProofPolicy::Off,
            Kind::Offered => ProofPolicy::Offered,
            Kind::Required => ProofPolicy::Required,
        })
    }

    /// Where `/verify` finds which request was signed.
    ///
    /// # Errors
    /// It does not know, or nobody can ask it.
    pub(super) fn target(&self, has_internal: bool) -> anyhow::Result<Option<ProofTarget>> {
        ensure!(
            has_internal || self.proof_target.is_none(),
            "--proof-target is given, and no --internal (WXSESSION_INTERNAL) whose /verify would use it"
        );
        ensure!(
            !has_internal || self.proof_target.is_some() || self.proof == Kind::Off,
            "--proof-target (WXSESSION_PROOF_TARGET) is missing: /verify cannot check a signature unless the proxy tells \
             which request was signed; give x-original for the nginx file of the documentation, x-forwarded for Traefik \
             or Caddy, path for Envoy"
        );
        Ok(self.proof_target)
    }
}

#[cfg(test)]
mod tests {
    use wxsession_server::ProofPolicy;

    use super::{Kind, ProofOptions};
    use crate::internal::ProofTarget;

    const KINDS: [Kind; 3] = [Kind::Off, Kind::Offered, Kind::Required];

    #[test]
    fn verify_is_told_where_the_request_is_as_soon_as_anybody_signs() {
        for proof in KINDS {
            for proof_target in [None, Some(ProofTarget::Path)] {
                for has_internal in [false, true] {
                    let options = ProofOptions {
                        proof,
                        proof_target,
                    };
                    let error = match options.target(has_internal) {
                        Ok(target) => {
                            assert_eq!(target, proof_target);
                            None
                        }
                        Err(error) => Some(error.to_string()),
                    };
                    let expected = match (proof, proof_target, has_internal) {
                        (_, Some(_), false) => Some("no --internal"),
                        (Kind::Offered | Kind::Required, None, true) => Some("x-original"),
                        _ => None,
                    };
                    let found = error.as_deref();
                    assert_eq!(
                        found.is_some(),
                        expected.is_some(),
                        "{options:?}: {found:?}"
                    );
                    assert!(
                        found
                            .unwrap_or_default()
                            .contains(expected.unwrap_or_default())
                    );
                }
            }
        }
    }

    #[test]
    fn old_clients_are_served_where_nobody_has_to_sign() {
        for (proof, expected) in KINDS.into_iter().zip([
            ProofPolicy::Off,
            ProofPolicy::Offered,
            ProofPolicy::Required,
        ]) {
            let options = ProofOptions {
                proof,
                proof_target: None,
            };
            assert_eq!(options.policy(false).unwrap(), expected);
            let error = options.policy(true).err().map(|error| error.to_string());
            assert_eq!(error.is_some(), proof == Kind::Required);
            assert!(error.is_none_or(|error| error.contains("--compat")));
        }
    }
}
