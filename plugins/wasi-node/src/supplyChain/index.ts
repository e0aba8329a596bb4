export { createAttester } from './attestation/createAttester';
export type {
  Attestation,
  Attester,
  AttestOptions,
} from './attestation/createAttester';
export type { VerificationConfig, VerificationPolicy } from './config';
export type { Builder } from './provenance/composeProvenance';
export type { SigningKey, TrustedKey } from './signing/keys';
export { createImageVerifier } from './verification/createImageVerifier';
export type { ImageVerifier } from './verification/createImageVerifier';
export { createSupplyChainReader } from './verification/createSupplyChainReader';
export type { SupplyChainReader } from './verification/createSupplyChainReader';
