export { NetworkRisk } from './NetworkRisk';
