//! A web server.
//!
//! A server may send its readers on to another path, and never to another host or port: whoever can write to the
//! server's answers could otherwise make this program ask hosts that only it can reach.

use std::sync::Arc;

use object_store::client::{HttpClient, HttpConnector};
use object_store::http::HttpBuilder;
use object_store::{ClientOptions, ObjectStore};
use reqwest::Url;
use reqwest::redirect::{Attempt, Policy};

use super::{CONNECT_WAIT, REQUEST_WAIT, Reason, USER_AGENT, address, client_options, retries};

/// How often one request may be sent on; browsers allow 20.
const REDIRECTS_MAX: usize = 10;

/// Opens the root at `url`; what lies below it can be read, and listed if the server speaks WebDAV.
pub(crate) fn open(url: &str) -> Result<Arc<dyn ObjectStore>, Reason> {
    let mut url = address(url)?;
    // Paths are put behind a slash, and a server may take two for another path than one.
    let root = url.path().trim_end_matches('/').to_owned();
    url.set_path(&root);
    let is_plain = url.scheme() == "http";
    let builder = HttpBuilder::new()
        .with_client_options(client_options(Some(url.as_str())))
        .with_http_connector(SameHost { is_plain })
        .with_retry(retries());
    Ok(Arc::new(builder.with_url(url).build()?))
}

/// Connects as object_store itself does with our options, but for redirects, which those have no word for.
#[derive(Debug)]
struct SameHost {
    is_plain: bool,
}

impl HttpConnector for SameHost {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_WAIT)
            .timeout(REQUEST_WAIT)
            // A decompressed answer would have another length than the object.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .https_only(!self.is_plain)
            .redirect(Policy::custom(followed))
            .build()
            .map_err(|error| object_store::Error::Generic { store: "HTTP", source: Box::new(error) })?;
        Ok(HttpClient::new(client))
    }
}

/// A redirect that is not followed is the answer itself, and its status says what it was.
fn followed(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let stays = attempt.previous().first().is_some_and(|first| is_same_place(first, attempt.url()));
    if stays && attempt.previous().len() <= REDIRECTS_MAX { attempt.follow() } else { attempt.stop() }
}

fn is_same_place(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use lakeport_config::StoreKind;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::runtime::Handle;

    use crate::{Error, Object, Store, look_up};

    /// A web server that knows a file, and sends readers on as a path says. Gives its port and counts its requests.
    async fn server(elsewhere: u16) -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let mut socket = BufReader::new(socket);
                let mut request = String::new();
                while !request.ends_with("\r\n\r\n") && socket.read_line(&mut request).await.unwrap() > 0 {}
                count.fetch_add(1, Ordering::Relaxed);
                let path = request.split(' ').nth(1).unwrap();
                let to = match path {
                    "/lake/moved.csv" => "/lake/file.csv".to_owned(),
                    "/lake/away.csv" => format!("http://127.0.0.1:{elsewhere}/lake/file.csv"),
                    "/lake/round.csv" => "/lake/round.csv".to_owned(),
                    _ => String::new(),
                };
                let head = match path {
                    "/lake/file.csv" => "200 OK\r\nContent-Length: 7".to_owned(),
                    _ if to.is_empty() => "404 Not Found\r\nContent-Length: 0".to_owned(),
                    _ => format!("302 Found\r\nLocation: {to}\r\nContent-Length: 0"),
                };
                let answer = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n");
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (port, requests)
    }

    async fn look(port: u16, path: &str) -> Result<Object, Error> {
        let url = format!("http://127.0.0.1:{port}/lake/");
        let settings = lakeport_config::Store { url, kind: StoreKind::Http };
        let store = Store::open("web", &settings, &Handle::current()).unwrap();
        look_up(&*store.objects(), &path.into()).await
    }

    #[tokio::test]
    async fn a_server_sends_readers_to_its_own_paths_only() {
        let (elsewhere, requests) = server(0).await;
        let (port, _) = server(elsewhere).await;
        assert_eq!(look(port, "file.csv").await.unwrap().size, 7);
        assert_eq!(look(port, "moved.csv").await.unwrap().size, 7);
        for (path, words) in [("away.csv", "to another host"), ("round.csv", "to another host")] {
            let error = look(port, path).await.unwrap_err();
            assert_eq!(error.sqlstate().code(), "58030", "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
        assert_eq!(requests.load(Ordering::Relaxed), 0, "nobody may be asked elsewhere");
    }
}
