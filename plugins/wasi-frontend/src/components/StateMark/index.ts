export { StateMark } from './StateMark';
export type { Tone } from './StateMark';
