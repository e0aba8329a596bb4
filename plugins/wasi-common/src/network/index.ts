export { describeNetwork } from './describeNetwork';
export { matchNetworkPattern } from './matchNetworkPattern';
export { networkPatternRisk } from './networkPatternRisk';
export { parseNetworkPattern } from './parseNetworkPattern';
export type {
  NetworkDescription,
  NetworkPattern,
  NetworkPatternHost,
  NetworkPatternRisk,
  NetworkRule,
} from './types';
