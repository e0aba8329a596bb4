export { readVersion, ShortDigest } from './ShortDigest';
