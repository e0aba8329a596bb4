import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { formatAge } from '../../format';
import { wasiTranslationRef } from '../../translation';

/** How long ago something was, with the exact time in its title. */
export function Age(props: { time: string | undefined; now: number }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const milliseconds = props.time ? Date.parse(props.time) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    return null;
  }
  return (
    <time dateTime={props.time} title={new Date(milliseconds).toLocaleString()}>
      {t('common.ago', { age: formatAge(milliseconds, props.now) })}
    </time>
  );
}
