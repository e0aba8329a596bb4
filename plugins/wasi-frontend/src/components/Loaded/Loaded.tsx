import { Skeleton, VisuallyHidden } from '@backstage/ui';
import type { ReactNode } from 'react';
import type { Loadable } from '../../hooks';
import { ErrorNotice } from '../ErrorNotice';

/** Something that is fetched, once it is there. */
export function Loaded<T>(props: {
  state: Loadable<T>;
  /** Said to screen readers while it is fetched. */
  loading: string;
  onRetry: () => void;
  children: (value: T) => ReactNode;
}) {
  const { state } = props;
  switch (state.phase) {
    case 'loaded':
      return <>{props.children(state.value)}</>;
    case 'failed':
      return <ErrorNotice error={state.error} onRetry={props.onRetry} />;
    default:
      return (
        <div role="status">
          <VisuallyHidden>{props.loading}</VisuallyHidden>
          <Skeleton width="100%" height={120} />
        </div>
      );
  }
}
