//! Exponentials and logarithms of numbers with a fixed point, as exact as is asked for.
//!
//! A number is a whole one, `places` of whose digits stand behind the point. What is computed is wrong by less than one in its
//! last place.

use num_bigint::{BigInt, Sign};

use super::big::{digits, divided, rescaled, ten};

/// Digits that are computed and not shown, so that what is shown is not wrong by what was cut off on the way.
const GUARD: u32 = 12;

/// How often an exponent is halved before the series: it is short then.
const HALVINGS: u32 = 8;

/// The natural logarithm of a number above zero that has `scale` digits behind its point.
///
/// Written as `m * 2^-k * 10^p` with `m` near 1, whose logarithm is a short series.
pub(super) fn ln(number: &BigInt, scale: u32, places: u32) -> BigInt {
    let work = places + GUARD;
    let one = ten(work);
    let length = digits(number);
    // Between 0.1 and 1, then doubled until it is near 1.
    let mut near = match work.checked_sub(length) {
        Some(missing) => number * ten(missing),
        None => number / ten(length - work),
    };
    let mut doublings = 0;
    while &near * 10 < &one * 7 {
        near *= 2;
        doublings += 1;
    }
    let power = i64::from(length) - i64::from(scale);
    let mut sum = 2 * inverse_tangent(&(&near - &one), &(&near + &one), &one);
    if doublings > 0 || power != 0 {
        let two = ln_two(&one);
        let ten = 3 * &two + 2 * inverse_tangent(&BigInt::from(1), &BigInt::from(9), &one);
        sum += ten * power - two * doublings;
    }
    rescaled(&sum, work, places)
}

fn ln_two(one: &BigInt) -> BigInt {
    2 * inverse_tangent(&BigInt::from(1), &BigInt::from(3), one)
}

/// The inverse hyperbolic tangent of a fraction: `z + z^3/3 + z^5/5 …`.
fn inverse_tangent(above: &BigInt, below: &BigInt, one: &BigInt) -> BigInt {
    let first = above * one / below;
    let square = &first * &first / one;
    let (mut power, mut sum) = (first.clone(), first);
    for odd in (3u32..).step_by(2) {
        power = power * &square / one;
        if power.sign() == Sign::NoSign {
            break;
        }
        sum += &power / odd;
    }
    sum
}

/// The exponential of a number with `scale` digits behind its point. None where it has more than `digits_max` before it.
pub(super) fn exp(number: &BigInt, scale: u32, places: u32, digits_max: u32) -> Option<BigInt> {
    let work = places + digits_max + 2 * GUARD;
    let one = ten(work);
    let number = rescaled(number, scale, work);
    let ln_ten = ln(&BigInt::from(10), 0, work);
    // So many powers of ten are taken out; what is left is about 1.
    let tens = i64::try_from(divided(&number, &ln_ten)).ok()?;
    if tens > i64::from(digits_max) {
        return None;
    }
    if tens < -i64::from(work) {
        return Some(BigInt::ZERO);
    }
    let rest = (number - ln_ten * tens) >> HALVINGS;
    let (mut term, mut sum) = (one.clone(), one.clone());
    for count in 1u32.. {
        term = term * &rest / &one / count;
        if term.sign() == Sign::NoSign {
            break;
        }
        sum += &term;
    }
    for _ in 0..HALVINGS {
        sum = &sum * &sum / &one;
    }
    let tens = u32::try_from(tens.unsigned_abs()).ok().map(|count| (tens < 0, count))?;
    Some(match tens {
        (true, count) => rescaled(&sum, work + count, places),
        (false, count) => rescaled(&(sum * ten(count)), work, places),
    })
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::{exp, ln};

    #[track_caller]
    fn check(found: BigInt, expected: &str) {
        assert_eq!(found.to_string(), expected);
    }

    #[test]
    fn logarithms_are_exact() {
        check(ln(&BigInt::from(2), 0, 40), "6931471805599453094172321214581765680755");
        check(ln(&BigInt::from(10), 0, 30), "2302585092994045684017991454684");
        check(ln(&BigInt::from(1), 0, 20), "0");
        check(ln(&BigInt::from(95), 2, 18), "-51293294387550533");
        check(ln(&BigInt::from(1), 40, 10), "-921034037198");
    }

    #[test]
    fn exponentials_are_exact() {
        check(exp(&BigInt::from(1), 0, 40, 5).unwrap(), "27182818284590452353602874713526624977572");
        check(exp(&BigInt::from(-10), 0, 20, 5).unwrap(), "4539992976248485");
        check(exp(&BigInt::from(5), 1, 20, 5).unwrap(), "164872127070012814685");
        check(exp(&BigInt::from(30), 0, 3, 20).unwrap(), "10686474581524462");
        assert_eq!(exp(&BigInt::from(1000), 0, 3, 20), None);
    }
}
