//! The operations that move parameters on the CPU: an optimizer's updates, the limit of a gradient's norm, the moving average.

use super::values::{Values, each, slice};
use crate::kernels::spec::{LIMIT_EPS, Rule};

pub(super) fn optimize(
    mut params: Values,
    gradients: &Values,
    mut moments: Values,
    rule: Rule,
    clip: f32,
) -> (Values, Values) {
    let values = params.storage_mut::<f32>();
    let gradients = slice(gradients);
    let (first, second) = {
        let moments = moments.storage_mut::<f32>();
        let at = moments.len().min(values.len());
        moments.split_at_mut(at)
    };
    let pairs = values.iter_mut().zip(gradients);
    match rule {
        Rule::Sgd {
            rate,
            momentum: 0.0,
        } => pairs.for_each(|(p, g)| *p -= rate * g),
        Rule::Sgd { rate, momentum } => pairs.zip(first).for_each(|((p, g), v)| {
            *v = momentum * *v + g;
            *p -= rate * *v;
        }),
        Rule::Adam {
            rate,
            beta1,
            beta2,
            unbias,
            eps,
        } => {
            pairs
                .zip(first.iter_mut().zip(second))
                .for_each(|((p, g), (m, v))| {
                    *m = beta1.keep * *m + beta1.take * g;
                    *v = beta2.keep * *v + beta2.take * (g * g);
                    *p -= rate * *m / ((*v * unbias).sqrt() + eps);
                });
        }
        Rule::RmsProp { rate, alpha, eps } => pairs.zip(first).for_each(|((p, g), v)| {
            *v = alpha.keep * *v + alpha.take * (g * g);
            *p -= rate * g / (v.sqrt() + eps);
        }),
    }
    if clip.is_finite() {
        each(values, |p| p.clamp(-clip, clip));
    }
    (params, moments)
}

pub(super) fn mix(mut average: Values, now: &Values, keep: f32) -> Values {
    let pairs = average.storage_mut::<f32>().iter_mut().zip(slice(now));
    pairs.for_each(|(average, now)| *average = keep * *average + (1.0 - keep) * now);
    average
}

pub(super) fn limit_norm(mut values: Values, limit: f32) -> Values {
    let square: f32 = slice(&values).iter().map(|x| x * x).sum();
    let factor = (limit / (square.sqrt() + LIMIT_EPS)).min(1.0);
    each(values.storage_mut(), |x| factor * x);
    values
}
