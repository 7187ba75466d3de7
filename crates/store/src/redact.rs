//! Takes secrets out of texts that other libraries wrote.
//!
//! Errors of HTTP clients hold URLs with signatures, headers and whole answers. What is known
//! to be secret is replaced by `***`; the rest stays, for it is what a log is read for.

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Names whose value is a secret, in lower case, wherever they stand: a query, a header, JSON or XML.
const SECRET_NAMES: &[&str] = &[
    "accesskey",
    "access_key",
    "access_token",
    "account-key",
    "account_key",
    "accountkey",
    "api_key",
    "assertion",
    "authorization",
    "awsaccesskeyid",
    "client_assertion",
    "client_secret",
    "credential",
    "googleaccessid",
    "id_token",
    "password",
    "private_key",
    "pwd",
    "refresh_token",
    "sas",
    "secret",
    "secret_access_key",
    "sharedaccesskey",
    "sharedaccesssignature",
    "sig",
    "signature",
    "signatureprovided",
    "stringtosign",
    "stringtosignbytes",
    "canonicalrequest",
    "canonicalrequestbytes",
    "token",
];

/// Words of an `Authorization` header that a secret follows.
const SCHEMES: &[&str] = &["bearer", "basic", "sharedkey", "sharedaccesssignature", "aws4-hmac-sha256"];

/// Replaces in `text` all that could be a secret by `***`: the values of signatures, keys, tokens and
/// passwords (`sig=…`, `X-Amz-…=…`, `Bearer …`) and the user of a URL. Control characters become spaces.
pub fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("://") {
            out.push_str("://");
            let end =
                after.find(|c: char| "/?#'\"<>".contains(c) || c.is_whitespace()).unwrap_or(after.len());
            rest = match after[..end].rfind('@') {
                Some(at) => {
                    out.push_str(HIDDEN);
                    &after[at..]
                }
                None => after,
            };
        } else if is_word(first) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(word);
            rest = skip_secret(&word.to_ascii_lowercase(), after, &mut out);
        } else {
            out.push(if first.is_control() { ' ' } else { first });
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// If `word` announces a secret at the start of `after`, writes the separator and `***` and returns what follows.
fn skip_secret<'a>(word: &str, after: &'a str, out: &mut String) -> &'a str {
    if SCHEMES.contains(&word) && after.starts_with(' ') {
        out.push(' ');
        return hide(&after[1..], out, |c| {
            "\"'<>\r\n".contains(c) || (c == ' ' && word != "aws4-hmac-sha256")
        });
    }
    if !is_secret(word) {
        return after;
    }
    for separator in ["\":\"", "\": \"", "='", "=\"", "=", "%3D", "%3d", ": ", ">"] {
        if let Some(value) = after.strip_prefix(separator) {
            out.push_str(separator);
            let scheme_follows =
                word == "authorization" && SCHEMES.iter().any(|scheme| begins_with(value, scheme));
            return match separator {
                _ if scheme_follows => value,
                ">" => hide(value, out, |c| c == '<'),
                "%3D" | "%3d" => hide(value, out, |c| "&\"'<>),;} \r\n".contains(c)),
                _ => hide(value, out, |c| "&\"'<>),;} \r\n".contains(c)),
            };
        }
    }
    after
}

/// Writes `***` for `value` up to its end; nothing for an empty one.
fn hide<'a>(value: &'a str, out: &mut String, ends: impl Fn(char) -> bool) -> &'a str {
    let end = value.find(ends).unwrap_or(value.len());
    if end > 0 {
        out.push_str(HIDDEN);
    }
    &value[end..]
}

fn is_secret(word: &str) -> bool {
    SECRET_NAMES.contains(&word)
        || word.starts_with("x-amz-")
        || word.starts_with("x-goog-")
        // Percent-encoded inside another URL, the name follows a `%26` or `%3F` without a break.
        || ["26sig", "3fsig"].contains(&word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn begins_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn what_is_secret_in_a_text_is_hidden_and_the_rest_stays() {
        for (text, expected) in [
            ("nothing to hide: 403 Forbidden", "nothing to hide: 403 Forbidden"),
            (
                "GET https://a.blob.core.windows.net/c/x?sv=2021&sig=abc%2F%3D&se=2024-01-01 failed",
                "GET https://a.blob.core.windows.net/c/x?sv=2021&sig=***&se=2024-01-01 failed",
            ),
            ("?SIG=abc", "?SIG=***"),
            (
                "next=https%3A%2F%2Fa%2Fb%3Fsv%3D1%26sig%3Dabc&x=1",
                "next=https%3A%2F%2Fa%2Fb%3Fsv%3D1%26sig%3D***&x=1",
            ),
            (
                "https://b.s3.amazonaws.com/k?X-Amz-Signature=dead&X-Amz-Credential=AK%2F2024&list-type=2",
                "https://b.s3.amazonaws.com/k?X-Amz-Signature=***&X-Amz-Credential=***&list-type=2",
            ),
            ("https://user:pass@host:8080/x", "https://***@host:8080/x"),
            ("https://user:p@ss@host/x", "https://***@host/x"),
            ("http://host/x@y", "http://host/x@y"),
            ("Authorization: Bearer eyJ0.eyJ1.abc next", "Authorization: Bearer *** next"),
            ("Authorization: SharedKey account:c2ln", "Authorization: SharedKey ***"),
            (
                "<Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId>",
                "<Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>***</AWSAccessKeyId>",
            ),
            ("{\"access_token\":\"abc\",\"error\":\"x\"}", "{\"access_token\":\"***\",\"error\":\"x\"}"),
            ("{\"client_secret\": \"abc\"}", "{\"client_secret\": \"***\"}"),
            ("client_id=1&client_secret=s3&scope=x", "client_id=1&client_secret=***&scope=x"),
            ("AccountName=a;AccountKey=abc==;Suffix=x", "AccountName=a;AccountKey=***;Suffix=x"),
            ("a\nb\u{1b}[31m", "a b [31m"),
            ("sig=", "sig="),
            ("Größe://nutzer@haus", "Größe://***@haus"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }
}
