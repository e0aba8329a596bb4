export { RuntimeChoice } from './RuntimeChoice';
