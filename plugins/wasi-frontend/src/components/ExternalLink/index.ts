export { ExternalLink } from './ExternalLink';
export { httpUrl } from './httpUrl';
