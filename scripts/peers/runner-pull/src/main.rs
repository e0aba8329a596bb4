//! Pulls a module as the runner of knative-serving-wasm does: without an account,
//! one layer of one of three types.
//!
//! runner-pull REFERENCE FILE

use oci_distribution::client::{ClientConfig, ClientProtocol};
use oci_distribution::secrets::RegistryAuth;
use oci_distribution::{Client, Reference};

const LAYERS: [&str; 3] = [
    "application/wasm",
    "application/vnd.wasm.content.layer.v1+wasm",
    "application/vnd.module.wasm.content.layer.v1+wasm",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(reference), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: runner-pull REFERENCE FILE".into());
    };
    let reference: Reference = reference.parse()?;
    let client = Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(vec![reference.registry().to_string()]),
        ..Default::default()
    });
    let image = client
        .pull(&reference, &RegistryAuth::Anonymous, LAYERS.to_vec())
        .await?;
    match image.layers.as_slice() {
        [layer] => std::fs::write(file, &layer.data)?,
        layers => return Err(format!("expected one layer, got {}", layers.len()).into()),
    }
    Ok(())
}
