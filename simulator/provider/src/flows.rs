//! Device flows: RFC 8628.

use std::collections::HashMap;

use serde::Deserialize;

/// What a user decides at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes, as this user.
    Agree(String),
    /// No.
    Refuse,
    /// Nothing, until the code has expired.
    LetExpire,
}

/// All flows, by device code.
#[derive(Default)]
pub(crate) struct Flows {
    flows: HashMap<String, Flow>,
    /// How many questions are answered with `slow_down`.
    pub(crate) hasty: usize,
}

struct Flow {
    user_code: String,
    decision: Option<Decision>,
}

/// A flow that has begun.
pub(crate) struct Begun {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
}

impl Flows {
    pub(crate) fn begin(&mut self) -> Begun {
        let number = self.flows.len();
        let (device_code, user_code) = (format!("device-{number}"), format!("WDJB-{number:04}"));
        let flow = Flow {
            user_code: user_code.clone(),
            decision: None,
        };
        self.flows.insert(device_code.clone(), flow);
        Begun {
            device_code,
            user_code,
        }
    }

    /// Returns whether there is such a flow.
    pub(crate) fn decide(&mut self, user_code: &str, decision: Decision) -> bool {
        let mut flows = self.flows.values_mut();
        let flow = flows.find(|flow| flow.user_code == user_code);
        flow.is_some_and(|flow| {
            flow.decision = Some(decision);
            true
        })
    }

    /// The user who agreed. A code brings tokens once.
    pub(crate) fn poll(&mut self, device_code: &str) -> Result<String, &'static str> {
        if self.hasty > 0 {
            self.hasty -= 1;
            return Err("slow_down");
        }
        let flow = self.flows.get(device_code).ok_or("invalid_grant")?;
        match &flow.decision {
            None => Err("authorization_pending"),
            Some(Decision::Refuse) => Err("access_denied"),
            Some(Decision::LetExpire) => Err("expired_token"),
            Some(Decision::Agree(user)) => {
                let user = user.clone();
                self.flows.remove(device_code);
                Ok(user)
            }
        }
    }
}
