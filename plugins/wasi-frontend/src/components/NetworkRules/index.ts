export { NetworkRules } from './NetworkRules';
export { fromNetworkRows, networkPlaces, toNetworkRows } from './networkRows';
export type {
  NetworkFieldValue,
  NetworkPlace,
  NetworkRow,
} from './networkRows';
