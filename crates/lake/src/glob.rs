//! Patterns of paths: `*` and `?` within one name, `**` for any number of names.
//!
//! Does no I/O. There is no escape and no `[…]` or `{…}`: these stand for themselves.

/// Whether a path has anything to match.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?'])
}

/// The folders in front of the first name that has something to match.
pub(crate) fn literal_prefix(pattern: &str) -> &str {
    match pattern.find(['*', '?']) {
        Some(at) => pattern[..at].rfind('/').map_or("", |slash| &pattern[..slash]),
        None => pattern,
    }
}

/// Whether the pattern fits the path, or the path of a folder that it lies in.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    // reached[i]: the pattern so far fits exactly the first `i` names.
    let mut reached = vec![false; names.len() + 1];
    reached[0] = true;
    for part in pattern.split('/') {
        reached = if part == "**" {
            let mut any = false;
            reached
                .iter()
                .map(|here| {
                    any |= here;
                    any
                })
                .collect()
        } else {
            let stepped = reached.iter().zip(&names).map(|(here, name)| *here && name_matches(part, name));
            std::iter::once(false).chain(stepped).collect()
        };
    }
    reached[1..].contains(&true)
}

/// One name against `*` and `?`: linear but for the last `*`, which alone is taken back.
fn name_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            last_star = Some((p, n));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || *c == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star, taken)) = last_star {
            last_star = Some((star, taken + 1));
            p = star + 1;
            n = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::{literal_prefix, matches};

    #[track_caller]
    fn check(pattern: &str, fits: &[&str], not: &[&str]) {
        for path in fits {
            assert!(matches(pattern, path), "{pattern} should fit {path}");
        }
        for path in not {
            assert!(!matches(pattern, path), "{pattern} should not fit {path}");
        }
    }

    #[test]
    fn a_star_stays_within_one_name() {
        check("a/*.parquet", &["a/x.parquet", "a/.parquet"], &["a/b/x.parquet", "b/x.parquet", "x.parquet"]);
        check("*", &["x", "x/y"], &[]);
        check("a*c", &["abc", "ac", "abbbc"], &["abd", "xac"]);
        check("*a*b", &["ab", "xaxb", "aab"], &["ba", "a"]);
    }

    #[test]
    fn a_question_mark_is_one_character() {
        check("year=202?/x", &["year=2024/x"], &["year=20240/x", "year=202/x"]);
        check("?", &["ä", "ä/b"], &["ab"]);
    }

    #[test]
    fn two_stars_are_any_number_of_names() {
        check("a/**/x", &["a/x", "a/b/x", "a/b/c/x"], &["b/x", "a/b"]);
        check("**", &["a", "a/b"], &[]);
        check("**/b*", &["b", "a/b1", "a/c/b2/d"], &["a/c"]);
    }

    #[test]
    fn a_pattern_that_fits_a_folder_takes_what_is_in_it() {
        check(
            "sales/2024*",
            &["sales/2024-01/a.parquet", "sales/2024/b/c.parquet"],
            &["sales/2023/a.parquet"],
        );
    }

    #[test]
    fn many_stars_end_in_time() {
        assert!(!matches(&"*a".repeat(300), &"b".repeat(1000)));
        assert!(!matches(&format!("{}z", "**/".repeat(300)), &"b/".repeat(500)));
    }

    #[test]
    fn listing_begins_at_the_folders_before_the_first_wildcard() {
        for (pattern, prefix) in [
            ("a/b/*.parquet", "a/b"),
            ("*", ""),
            ("a?b/c", ""),
            ("a/b?/c", "a"),
            ("a/**/c", "a"),
            ("a/b", "a/b"),
        ] {
            assert_eq!(literal_prefix(pattern), prefix, "{pattern}");
        }
    }
}
