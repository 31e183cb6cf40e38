//! The picture that README shows: three panels of bars.

use super::candidate::{ALL, OURS_ON_REDIS};
use super::figures::{Figures, PROCESSOR_BUDGET, Validation};
use crate::panel::{self, Bar, Panel};

/// Draws it.
pub(super) fn draw(figures: &Figures) -> String {
    let panels = [rates(figures), processor(figures), latency(figures)];
    let title = "wxsession-server beside other services that keep sessions";
    panel::draw(title, &panels, &figures.measured.line())
}

fn rates(figures: &Figures) -> Panel {
    let bars = bars(
        figures,
        |of| of.full.rate.median,
        |rate| format!("{:.1} k", rate / 1e3),
    );
    Panel {
        title: "Requests with a session, per second",
        below: format!("{} connections", figures.connections),
        bars,
    }
}

fn processor(figures: &Figures) -> Panel {
    Panel {
        title: "Processor time per request",
        below: format!("budget of {OURS_ON_REDIS}: {PROCESSOR_BUDGET:.0} µs"),
        bars: bars(
            figures,
            |of| of.processor.median,
            |micros| format!("{micros:.1} µs"),
        ),
    }
}

fn latency(figures: &Figures) -> Panel {
    let rates = figures.validations.iter().map(|of| of.moderate.rate.median);
    let rate = rates.fold(f64::INFINITY, f64::min);
    Panel {
        title: "99 of 100 answers come within",
        below: format!("at {rate:.0} requests per second"),
        bars: bars(
            figures,
            |of| of.moderate.p99.median,
            |millis| format!("{millis:.2} ms"),
        ),
    }
}

fn bars(figures: &Figures, value: fn(&Validation) -> f64, label: fn(f64) -> String) -> Vec<Bar> {
    let bar = |of: &Validation| Bar {
        name: of.service.clone(),
        is_ours: ALL
            .iter()
            .any(|candidate| candidate.name == of.service && candidate.is_ours()),
        value: value(of),
        label: label(value(of)),
    };
    figures.validations.iter().map(bar).collect()
}
