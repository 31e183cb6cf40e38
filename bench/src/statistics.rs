//! Statistics of repeated measurements.

use serde::Serialize;

/// The median and the quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    /// The lower quartile.
    pub(super) lower: f64,
    /// The upper quartile.
    pub(super) upper: f64,
}

impl Spread {
    /// Returns nothing if there is no measurement.
    pub(super) fn of(measurements: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<_> = measurements.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            median: quantile(&sorted, 0.5)?,
            lower: quantile(&sorted, 0.25)?,
            upper: quantile(&sorted, 0.75)?,
        })
    }

    /// The same in another unit.
    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            median: self.median * factor,
            lower: self.lower * factor,
            upper: self.upper * factor,
        }
    }
}

/// Interpolates between two measurements.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are a few hundred at most"
    )]
    let place = part * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to last"
    )]
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_measurements_does_not_matter() {
        let spread = Spread::of([5.0, 1.0, 4.0, 2.0, 3.0]).expect("there are some");
        assert_eq!((spread.lower, spread.median, spread.upper), (2.0, 3.0, 4.0));
    }

    #[test]
    fn between_two_measurements_lies_their_middle() {
        let spread = Spread::of([1.0, 2.0]).expect("there are some");
        assert_eq!(
            (spread.lower, spread.median, spread.upper),
            (1.25, 1.5, 1.75)
        );
    }

    #[test]
    fn one_outlier_moves_the_median_little() {
        let spread = Spread::of([1.0, 1.0, 1.0, 900.0]).expect("there are some");
        assert_eq!(spread.median, 1.0);
    }

    #[test]
    fn nothing_measured_has_no_median() {
        assert_eq!(Spread::of([]), None);
    }
}
