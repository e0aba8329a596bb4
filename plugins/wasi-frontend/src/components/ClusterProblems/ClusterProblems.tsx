import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type {
  ClusterProblem,
  ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { formatAge, heardMs } from '../../format';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';

/** What is wrong with clusters, beside the modules that are known. */
export function ClusterProblems(props: {
  answer: ModuleListAnswer;
  /** Those of the answer's that are said nowhere else. */
  problems?: readonly ClusterProblem[];
  now: number;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { items, problems } = props.answer;
  const shown = props.problems ?? problems;
  return (
    <>
      {shown.map(problem => {
        const modules = items.filter(
          ({ ref }) => ref.cluster === problem.cluster,
        );
        return (
          <ErrorNotice
            key={`${problem.cluster} ${problem.code} ${problem.message}`}
            status="warning"
            subject={
              problem.cluster
                ? t('states.cluster', { cluster: problem.cluster })
                : undefined
            }
            error={problem}
            note={
              modules.length > 0
                ? t('states.clusterStale', {
                    age: formatAge(heardMs(modules), props.now),
                  })
                : undefined
            }
          />
        );
      })}
    </>
  );
}
