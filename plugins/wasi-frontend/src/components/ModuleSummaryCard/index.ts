export { ModuleSummaryCard } from './ModuleSummaryCard';
