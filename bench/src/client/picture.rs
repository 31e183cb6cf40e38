//! The picture that README shows: three panels of bars.

use super::figures::{COST_BUDGET, Figures, SIZE_BUDGET};
use super::library::OURS;
use crate::panel::{self, Bar, Panel};

/// Draws it.
pub(super) fn draw(figures: &Figures) -> String {
    let panels = [sizes(figures), costs(figures), sign_ins(figures)];
    let title = "wxsession beside other libraries";
    panel::draw(title, &panels, &figures.measured.line())
}

fn sizes(figures: &Figures) -> Panel {
    let bars = figures.libraries.iter().map(|each| {
        #[expect(clippy::cast_precision_loss, reason = "some thousand bytes")]
        let value = each.brotli as f64;
        bar(&each.library, value, each.brotli.to_string())
    });
    Panel {
        title: "Bytes to download",
        below: format!("by Brotli; our budget: {SIZE_BUDGET}"),
        bars: bars.collect(),
    }
}

/// On the first engine.
fn costs(figures: &Figures) -> Panel {
    let engine = figures.cost.first().map_or("", |cost| cost.engine.as_str());
    let bars = figures.libraries.iter().filter_map(|each| {
        let cost = figures
            .cost
            .iter()
            .find(|cost| cost.engine == engine && cost.library == each.library)?;
        let over = cost.over?.median;
        let label = if over < 10.0 {
            format!("{over:.2} µs")
        } else {
            format!("{over:.0} µs")
        };
        Some(bar(&each.library, over, label))
    });
    Panel {
        title: "Time per request over wx.request",
        below: format!("live session, {engine}; our budget: {COST_BUDGET:.1} µs"),
        bars: bars.collect(),
    }
}

fn sign_ins(figures: &Figures) -> Panel {
    let storms = figures
        .storms
        .iter()
        .filter(|storm| storm.scene == "staggered");
    let bars = storms.map(|storm| {
        let counts = storm.counts;
        let lost = match counts.lost {
            0 => String::new(),
            lost => format!(", {lost} calls lost"),
        };
        bar(
            &storm.library,
            f64::from(counts.logins),
            format!("{}{lost}", counts.logins),
        )
    });
    Panel {
        title: "Sign-ins when a session expires",
        below: "20 calls, refused one after another; least: 1".to_owned(),
        bars: bars.collect(),
    }
}

fn bar(library: &str, value: f64, label: String) -> Bar {
    Bar {
        name: library.to_owned(),
        is_ours: library == OURS,
        value,
        label,
    }
}
