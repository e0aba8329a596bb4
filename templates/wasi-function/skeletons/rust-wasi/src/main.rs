use std::env;

use wstd::http::{Body, Client, Error, Method, Request, Response, StatusCode};

/// Answers one request. Every request meets a fresh instance of the module:
/// what must last belongs elsewhere.
#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => text(StatusCode::OK, greeting(query(&request))),
        (_, "/echo") => echo(request).await,
        (&Method::GET, "/upstream") => upstream().await,
        _ => text(StatusCode::NOT_FOUND, "Not found\n"),
    }
}

fn greeting(query: &str) -> String {
    let greeting = setting("GREETING").unwrap_or("Hello".to_owned());
    let name = form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == "name")
        .map_or("world".into(), |(_, value)| value);
    format!("{greeting}, {name}!\n")
}

async fn echo(mut request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut content = format!(
        "method: {}\npath: {}\nquery: {}\nbody: ",
        request.method(),
        request.uri().path(),
        query(&request),
    )
    .into_bytes();
    content.extend(request.body_mut().contents().await?);
    content.push(b'\n');
    text(StatusCode::OK, content)
}

async fn upstream() -> Result<Response<Body>, Error> {
    let Some(url) = setting("UPSTREAM_URL") else {
        return text(StatusCode::SERVICE_UNAVAILABLE, "UPSTREAM_URL is not set\n");
    };
    match fetch(&url).await {
        Ok(content) => text(StatusCode::OK, content),
        Err(error) => {
            eprintln!("{url}: {error}");
            text(StatusCode::BAD_GATEWAY, "upstream failed\n")
        }
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, Error> {
    let request = Request::get(url).body(Body::empty())?;
    let mut response = Client::new().send(request).await?;
    let mut content = format!("upstream: {}\n", response.status().as_u16()).into_bytes();
    content.extend(response.body_mut().contents().await?);
    Ok(content)
}

/// An environment variable of the function; empty counts as not set.
fn setting(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn query(request: &Request<Body>) -> &str {
    request.uri().query().unwrap_or_default()
}

fn text(status: StatusCode, content: impl Into<Body>) -> Result<Response<Body>, Error> {
    Ok(Response::builder()
        .status(status)
        .header("content-type", "text/plain; charset=utf-8")
        .body(content.into())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_the_world() {
        assert_eq!(greeting(""), "Hello, world!\n");
    }

    #[test]
    fn greets_who_is_named() {
        assert_eq!(greeting("name=Ada%20Lovelace"), "Hello, Ada Lovelace!\n");
    }

    #[test]
    fn takes_an_empty_setting_for_none() {
        assert_eq!(setting("NO_SUCH_SETTING"), None);
    }
}
