export { ActorName, nameOf } from './ActorName';
