export { EnvironmentTable, EnvironmentValue } from './EnvironmentTable';
