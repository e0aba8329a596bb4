/**
 * The variable that a redeploy sets: labels and annotations of a WasmModule do
 * not reach the revisions of its Knative Service, variables do.
 *
 * @public
 */
export const ENV_REDEPLOYED_AT = 'WASI_REDEPLOYED_AT';
