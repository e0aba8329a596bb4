export { RequestAnswer } from './RequestAnswer';
