export { catalogue } from './catalogue';
export type { CatalogueEntry, WasiErrorCode } from './catalogue';
export { isWasiError, WasiError } from './WasiError';
export type { Finding, Severity } from './types';
