//! Panels of bars side by side, as SVG.

use std::fmt::Write as _;

const PANEL: usize = 290;
const MARGIN: usize = 20;
/// From a panel's left side: where the bars begin, and how long the longest is.
const BARS: usize = 118;
const LONGEST: f64 = 100.0;
const FIRST_BAR: usize = 74;
const STEP: usize = 24;

/// It has a ground of its own, so that it can be read whatever page it is on.
const STYLE: &str = "\
.ground{fill:#fff;stroke:#d0d7de}.title{font-weight:600}.bar{fill:#8c959f}.ours{fill:#1a7f37}\
text{fill:#1f2328;font:12px -apple-system,'Segoe UI',Helvetica,Arial,sans-serif}\
.small{font-size:11px;fill:#59636e}\
@media(prefers-color-scheme:dark){.ground{fill:#0d1117;stroke:#3d444d}.bar{fill:#656c76}\
.ours{fill:#3fb950}text{fill:#f0f6fc}.small{fill:#9198a1}}";

/// Bars of one kind.
pub(super) struct Panel {
    pub(super) title: &'static str,
    /// The unit and what else has to be known.
    pub(super) below: String,
    pub(super) bars: Vec<Bar>,
}

/// A bar with what stands beside it.
pub(super) struct Bar {
    pub(super) name: String,
    /// Whether it stands out.
    pub(super) is_ours: bool,
    pub(super) value: f64,
    pub(super) label: String,
}

/// Draws them under a title that is not seen, above a last line.
pub(super) fn draw(title: &str, panels: &[Panel], last: &str) -> String {
    let rows = panels
        .iter()
        .map(|panel| panel.bars.len())
        .max()
        .unwrap_or_default();
    let width = MARGIN + panels.len() * PANEL;
    let height = FIRST_BAR + rows * STEP + 30;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
        width - 1,
        height - 1
    );
    for (place, panel) in panels.iter().enumerate() {
        svg += &drawn(panel, MARGIN + place * PANEL);
    }
    svg += &text(MARGIN, height - 14, "small", last);
    svg + "</svg>\n"
}

fn drawn(panel: &Panel, left: usize) -> String {
    let mut svg = text(left, 30, "title", panel.title);
    svg += &text(left, 48, "small", &panel.below);
    let most = panel
        .bars
        .iter()
        .map(|bar| bar.value)
        .fold(f64::MIN_POSITIVE, f64::max);
    for (place, bar) in panel.bars.iter().enumerate() {
        let line = FIRST_BAR + place * STEP;
        let class = if bar.is_ours { "ours" } else { "bar" };
        // Something is seen of the smallest, too.
        let length = (bar.value / most * LONGEST).max(1.0);
        svg += &text(
            left,
            line + 4,
            if class == "ours" { "title" } else { "" },
            &bar.name,
        );
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{length:.1}\" height=\"12\" rx=\"2\"/>",
            left + BARS,
            line - 6
        );
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "1 to 100"
        )]
        let end = left + BARS + length.ceil() as usize;
        svg += &text(end + 5, line + 4, "small", &bar.label);
    }
    svg
}

fn text(x: usize, y: usize, class: &str, words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{words}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(is_ours: bool, value: f64) -> Bar {
        Bar {
            name: "somebody".to_owned(),
            is_ours,
            value,
            label: format!("{value}"),
        }
    }

    fn panel(values: &[f64]) -> Panel {
        let bars = values.iter().map(|value| bar(false, *value));
        Panel {
            title: "A title",
            below: "a unit".to_owned(),
            bars: bars.collect(),
        }
    }

    #[test]
    fn the_greatest_value_has_the_longest_bar_and_the_others_are_in_proportion() {
        let svg = drawn(&panel(&[50.0, 100.0]), 0);
        assert!(svg.contains("width=\"50.0\""), "{svg}");
        assert!(svg.contains("width=\"100.0\""), "{svg}");
    }

    #[test]
    fn the_smallest_value_is_still_seen() {
        let svg = drawn(&panel(&[0.001, 100.0]), 0);
        assert!(svg.contains("width=\"1.0\""), "{svg}");
    }

    #[test]
    fn values_of_nothing_draw_no_nonsense() {
        assert!(!drawn(&panel(&[0.0]), 0).contains("NaN"));
    }

    #[test]
    fn ours_stands_out() {
        let ours = Panel {
            bars: vec![bar(true, 1.0)],
            ..panel(&[])
        };
        assert!(drawn(&ours, 0).contains("class=\"ours\""));
    }

    #[test]
    fn words_are_no_markup() {
        assert!(text(0, 0, "", "a < b & c").contains("a &lt; b &amp; c"));
    }
}
